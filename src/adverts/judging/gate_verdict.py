"""What a gate needs besides the report, what is shown of its verdict, and looks at a split."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adverts.candidates.baseline import why_no_baseline
from adverts.candidates.candidate import Candidate
from adverts.candidates.record_looks import Looked, look_at_split
from adverts.config import EvaluateConfig, GateConfig
from adverts.config.gate import (
    Latency,
)
from adverts.config.shipped_gates import (
    decision_changes,
    gate_changes,
    gate_sha256,
    judging_changes,
)
from adverts.data.dataset.advert_table import AdvertTable
from adverts.errors import CannotJudgeError, GateFailedError, InputError, say
from adverts.evaluation.figures.slices import cells
from adverts.evaluation.gate.gate_facts import Gate, GateFacts, Overlap, ProvenParity, Timed
from adverts.evaluation.gate.gate_record import (
    FILE_NAME,
    NO_PREVALENCE,
    SIGNATURE_NAME,
    GateRecord,
    record_bytes,
)
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.report.gate_markdown import (
    looks_sentence,
    to_junit,
    to_markdown,
    verdict_sentence,
)
from adverts.evaluation.truth import NOT_JUDGED
from adverts.files.file_hash import ask_git
from adverts.inputs.contacts.masking import holds_mask
from adverts.judging.judge import REGISTRY, EvaluationJob, compared_by_now
from adverts.judging.latency import time_against
from adverts.runtime.manifest import MANIFEST_NAME, BundleManifest
from adverts.signing import read_private_key, signature_of

HOLDS = (FILE_NAME, SIGNATURE_NAME, "gate.md", "gate.xml")
"""Names of the files written next to the report if a gate was asked for."""


def build_gate(
    config: GateConfig, *, beside: Sequence[str] = (), no_prevalence: str | None = None
) -> Gate:
    """Return the gate of a configuration.

    Args:
        config: Configuration of the gate.
        beside: Changes of settings outside the gate that affect its verdict.
        no_prevalence: Why it is accepted that no operating prevalence is stated, which is one of
            these changes; None: it is not accepted.
    """
    return Gate(
        config.name,
        config.conditions,
        promises=config.promises,
        no_prevalence=no_prevalence,
        asked=config.model_dump(mode="json"),
        sha256=gate_sha256(config),
        changes=(*gate_changes(config), *beside, *_silent(no_prevalence), *_not_committed()),
    )


def _silent(reason: str | None) -> tuple[str, ...]:
    return () if reason is None else (f"{NO_PREVALENCE}{reason}",)


def _not_committed() -> tuple[str, ...]:
    """Say if the shipped gates themselves differ from the commit; empty if not, or outside git."""
    changed = ask_git("status", "--porcelain", "--", "configs/gate")
    return ("configs/gate differs from the commit",) if changed else ()


def _other_prevalence(job: EvaluationJob, champion: Candidate | None) -> tuple[str, ...]:
    """Say for which model the stated prevalence differs from the frozen one; empty if for none.

    A stated prevalence that is higher than in service hides false alarms.
    """
    stated, headline = (
        job.config.decisions.operating_prevalence,
        job.candidate.facts.schema.headline,
    )
    told = []
    for who, model in (("model", job.candidate), ("champion", champion)):
        rules = model.rules if model else None
        frozen = rules.calibration.of(headline).operating_prevalence if rules else None
        if stated is not None and frozen is not None and frozen != stated:
            told.append(f"decisions.operating_prevalence={stated:g}, {who} made for {frozen:g}")
    return tuple(told)


def _other_promises(job: EvaluationJob) -> tuple[str, ...]:
    """Say which promises that were frozen with the model differ from the shipped ones."""
    rules, headline = job.candidate.rules, job.candidate.facts.schema.headline
    if rules is None:  # those of the configuration count
        return ()
    found: dict[str, float] = {"confidence": rules.thresholds.confidence}
    for one in rules.thresholds.thresholds:
        if one.task == headline:  # of several languages, the weakest
            found[one.purpose] = min(found.get(one.purpose, 1.0), one.promised)
    return decision_changes(found)


def require_champion(config: EvaluateConfig) -> None:
    """Check, before anything is read, that a gate that needs a champion has one.

    Raises:
        InputError: The gate needs a champion and none is given.
    """
    if config.gate.needs_champion and config.champion is None:
        raise InputError(
            f"gate={config.gate.name} compares the candidate with a champion, and none is given; "
            "add champion=<folder or models:/NAME@champion>, or take gate=first for a first model"
        )


def require_judgeable(config: EvaluateConfig, candidate: Candidate) -> None:
    """Check, before anything is scored, that this evaluation can judge all conditions.

    Raises:
        InputError: A condition is on a task that the candidate does not answer, or on disguises
            although none are tried.
    """
    known = [task.name for task in candidate.facts.schema.tasks]
    suite = config.robustness
    for name, one in config.gate.conditions.items():
        task = getattr(one, "task", None)
        if task is not None and task not in known:
            raise InputError(
                f"gate.conditions.{name}.task: found {task!r}; the candidate answers "
                f"{', '.join(known)}"
            )
        untried = not suite.adverts or not (suite.text or suite.image)
        if one.kind == "robustness" and untried and candidate.stored is None:
            raise InputError(
                f"gate.conditions.{name} judges disguised adverts, but robustness=none tries none; "
                f"add robustness=quick, or leave the condition out: ~gate.conditions.{name}"
            )


def look(job: EvaluationJob, champion: Candidate | None) -> Looked:
    """Add this evaluation to the ledgers of its adverts, and return what they held before.

    Looks of other models at the same adverts count. So does one at adverts without labels, or at
    those of ``train``: whoever saw their scores can choose which of them to judge later.

    Raises:
        CannotJudgeError: A gate has conditions, and a ledger cannot be read or none can be written.
        InputError: The same if the gate has no conditions.
    """
    config = job.config
    try:
        looked = look_at_split(
            job.dataset,
            config.split,
            job.candidate,
            champion=champion,
            ledger=config.ledger,
            gate=config.gate.name,
            report=config.report,
            aside=job.set_aside,
        )
    except InputError as error:
        if not config.gate.conditions:
            raise
        raise CannotJudgeError(f"gate={config.gate.name} could not judge: {error}") from error
    if looked.lack is not None:
        say(looked.lack, error=True)
    return looked


def facts_and_gate(
    job: EvaluationJob,
    champion: Candidate | None,
    *,
    looked: Looked,
    predictions: Predictions,
) -> tuple[GateFacts, Gate]:
    """Return what a verdict depends on in addition to the report, and the gate to judge by."""
    beside = (
        *judging_changes(job.config),
        *_other_promises(job),
        *_other_prevalence(job, champion),
    )
    gate = build_gate(job.config.gate, beside=beside, no_prevalence=job.config.accept_no_prevalence)
    judged = predictions.reviewed & ~job.set_aside
    if job.has_both_labels:
        judged &= job.truth != NOT_JUDGED
    facts = GateFacts(
        model=job.candidate.facts.identity,
        champion=champion.facts.identity if champion else None,
        adverts=int(judged.sum()),
        kind=job.candidate.facts.kind,
        champion_kind=champion.facts.kind if champion else None,
        earlier_looks=max(looked.earlier, looked.by_now()),
        looks_lack=looked.lack,
        overlap=_overlap(job, predictions),
        parity=_parity(job),
        megabytes=_megabytes(job),
        timed=_timed(job, champion, gate),
        cell=_only_cell(predictions, judged),
        is_tfidf=bool(job.candidate.facts.is_tfidf),
        no_baseline=why_no_baseline(job.config, job.candidate),
        models_compared=compared_by_now(job),
        training_lost=looked.training_lost,
        lost=looked.lost,
        is_own_champion=_is_own_champion(job, champion),
    )
    return facts, gate


def _is_own_champion(job: EvaluationJob, champion: Candidate | None) -> bool:
    """Whether the gate needs a champion and gets the candidate itself, or another form of it.

    Only the registered champion may be of the candidate's own training: that is exported anew, and
    compared with what it replaces.
    """
    if champion is None or not job.config.gate.needs_champion:
        return False
    ours, theirs = job.candidate.facts, champion.facts
    is_twin = ours.training is not None and ours.training == theirs.training
    is_registered = str(job.config.champion).startswith(REGISTRY)
    return ours.identity == theirs.identity or (is_twin and not is_registered)


def _only_cell(
    predictions: Predictions, judged: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> str | None:
    names = cells(predictions)
    found = {names[row] for row in np.flatnonzero(judged).tolist()}
    return found.pop() if len(found) == 1 else None


def _overlap(job: EvaluationJob, predictions: Predictions) -> Overlap:
    """Count the judged adverts that are not new to the candidate, and those set aside as such."""
    seen, held = job.seen, predictions.reviewed
    judged, aside = held & ~job.set_aside, held & job.set_aside
    adverts, set_aside = int(judged.sum()), int(aside.sum())
    if seen.lack:
        if job.on_its_own_dataset:
            advice = "run adverts prepare again, which finds and records every link"
        elif job.candidate.facts.trained_on.name == job.dataset.manifest.name:
            advice = "train and export again, with this dataset"
        else:
            advice = "prepare both as one dataset"
        told = "or only report this condition: gate.conditions.NAME.if_insufficient=report"
        return Overlap(adverts, None, f"{seen.lack}; {advice}, {told}", set_aside)
    if not adverts:
        why = "each advert is linked to one that taught or chose the model; bring new adverts"
        return Overlap(0, None, why, set_aside)
    return Overlap(
        adverts,
        int((seen.seen & judged).sum()),
        set_aside=set_aside,
        without_tokens=_without_tokens(job.table.select(np.flatnonzero(judged)), job.table),
    )


def _without_tokens(judged: AdvertTable, whole: AdvertTable) -> int:
    """Count judged adverts with a contact; return 0 if any advert has the token of a contact."""
    if any(whole.values("contacts")):
        return 0
    texts = zip(judged.texts, judged.ocr_texts, strict=True)
    return sum(any(holds_mask(text or "") for text in both) for both in texts)


def _parity(job: EvaluationJob) -> ProvenParity | None:
    path = job.config.candidate / MANIFEST_NAME
    if job.candidate.facts.kind != "bundle" or not path.is_file():
        return None
    facts = BundleManifest.from_json(path.read_bytes()).parity
    match facts:
        case {"adverts": int(adverts), "max_probability_difference": float(allowed)}:
            return ProvenParity(adverts, allowed)
        case _:
            return None


def _megabytes(job: EvaluationJob) -> float | None:
    match job.candidate.facts.kind:
        case "bundle":
            folder = job.config.candidate
        case "checkpoint":
            from adverts.training.runs.checkpoint_record import find_checkpoint

            folder = find_checkpoint(job.config.candidate)
        case _:
            return None
    return sum(one.stat().st_size for one in folder.rglob("*") if one.is_file()) / 1e6


def _timed(job: EvaluationJob, champion: Candidate | None, gate: Gate) -> Timed | None:
    asked = any(isinstance(one, Latency) for one in gate.conditions.values())
    if (
        not asked
        or champion is None
        or "predictions" in (job.candidate.facts.kind, champion.facts.kind)
    ):
        return None
    readable = np.flatnonzero(
        job.table.readable(job.candidate.facts.inputs) & job.table.readable(champion.facts.inputs)
    )
    return (
        time_against(job.candidate, champion, job.table.select(readable)) if len(readable) else None
    )


def sign_record(folder: Path, record: GateRecord, private_key: Path) -> None:
    """Write the signature of a record beside it, readable by its owner alone.

    Raises:
        InputError: ``private_key`` is no such key.
    """
    path = folder / SIGNATURE_NAME
    path.touch(mode=0o600)
    text = signature_of(record_bytes(record), read_private_key(private_key), name=SIGNATURE_NAME)
    path.write_text(text, encoding="utf-8")


def write_gate_pages(folder: Path, record: GateRecord) -> None:
    """Write ``gate.md`` and ``gate.xml`` (JUnit), readable by their owner alone."""
    pages = {
        "gate.md": to_markdown(record, digest_of(record)).encode(),
        "gate.xml": to_junit(record).encode(),
    }
    for name, page in pages.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_bytes(page)


def digest_of(record: GateRecord) -> str:
    """Return the sha256 of the ``gate.json`` of a record."""
    return hashlib.sha256(record_bytes(record)).hexdigest()


def verdict_lines(record: GateRecord, folder: Path) -> list[str]:
    """Return the lines that the terminal shows for a verdict, first what must be repaired."""
    bad = [one for one in record.results if one.outcome in ("failed", "insufficient")]
    verdict = f"gate {record.gate_as_asked}: {record.verdict}. {verdict_sentence(record)}"
    lines = [verdict, record.meaning]
    lacking: Counter[str] = Counter()
    for one in bad:  # show one of many parts that lack evidence
        lacking[one.name] += one.outcome == "insufficient"
        if lacking[one.name] <= 1:
            lines.append(f"  {one.name} ({one.scope}): {one.found.rstrip('.')}; {one.message}")
    lines += [
        f"  {name}: and {count - 1} more, see {folder / 'gate.md'}"
        for name, count in lacking.items()
        if count > 1
    ]
    lines.append(f"these adverts were looked at {looks_sentence(record)}")
    lines.append(f"sha256 {digest_of(record)}  {folder / FILE_NAME}")
    return lines


def require_pass(record: GateRecord, folder: Path) -> None:
    """Raise an error if the verdict is not a pass.

    Raises:
        GateFailedError: The model does not meet a condition.
        CannotJudgeError: A condition could not be judged.
    """
    where = f"see {folder / 'gate.md'}"
    if record.verdict == "failed":
        raise GateFailedError(f"gate={record.gate} failed: {verdict_sentence(record)} {where}")
    if record.verdict != "passed":
        raise CannotJudgeError(
            f"gate={record.gate} could not judge: {verdict_sentence(record)} {where}"
        )
