"""VERB: checkpoint or bundle + adverts -> predictions, and with labels a report.

Usage::

    adverts evaluate candidate=runs/train/... prepared=prepared/tubespam split=test
    adverts evaluate candidate=runs/export/... prepared=prepared/tubespam
    adverts evaluate candidate=runs/a/report champion=runs/b/report prepared=prepared/tubespam
    adverts evaluate candidate=runs/export/... prepared=prepared/tubespam gate=first
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.command import command
from adverts.config import EvaluateConfig
from adverts.config.overrides import next_export, next_step
from adverts.errors import say

if TYPE_CHECKING:  # numpy, torch and their friends load when there is something to score
    from adverts.arrays import Targets
    from adverts.candidates.candidate import Candidate
    from adverts.candidates.record_looks import Looked
    from adverts.evaluation.gate.gate_record import GateRecord
    from adverts.evaluation.predictions.prediction_file import Predictions
    from adverts.evaluation.report_content import Report
    from adverts.judging.judge import EvaluationJob, ReadNow
    from adverts.runtime.rules.decision_rules import DecisionRules


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The result of :func:`evaluate`.

    Attributes:
        folder: Folder of the evaluation.
        predictions: Predictions of the candidate.
        report: Report; None if no advert has a label of a task that the candidate predicts.
        gate: Record of the gate's verdict; None without a gate.
        lack: Reason why there is no report; empty if there is one.
    """

    folder: Path
    predictions: Predictions
    report: Report | None
    gate: GateRecord | None = None
    lack: str = ""


def evaluate(config: EvaluateConfig) -> Evaluated:
    """Score adverts and write predictions and, if the adverts have labels, report and verdict.

    The folder appears complete or not at all; an earlier one of the same model and adverts is
    replaced.

    Raises:
        InputError: Candidate, dataset, labels or folder cannot be used, the folder holds another
            evaluation, or the gate needs more.
        IntegrityError: Stored bytes differ from those that were recorded.
        GateFailedError: The candidate failed the gate; the folder is kept.
        CannotJudgeError: The gate could not judge, or the reviewed adverts have too few labels of
            the headline task; the folder is kept.
    """
    done = _evaluated(config)
    _require_judged(config, done)
    return done


def _evaluated(config: EvaluateConfig) -> Evaluated:
    """Do as :func:`evaluate`, but do not raise an error for a bad or missing verdict."""
    from adverts.evaluation.gate.gate_record import write_record
    from adverts.evaluation.predictions.prediction_file import FILE_NAME
    from adverts.evaluation.report.write_report import HOLDS, write_report
    from adverts.files.staging import staging
    from adverts.judging.gallery import write_gallery
    from adverts.judging.gate_verdict import HOLDS as GATE_HOLDS
    from adverts.judging.gate_verdict import look, sign_record, write_gate_pages
    from adverts.judging.judge import judge, read_missing_pictures

    job, champion, targets = _opened(config)
    report = gate = None
    if (config.run_dir / FILE_NAME).is_file():
        say(f"replacing the earlier evaluation in {config.run_dir}", error=True)
    with staging(config.run_dir, marker=FILE_NAME, also=(*HOLDS, *GATE_HOLDS)) as folder:
        # before anything is seen of these adverts
        looked = look(job, champion)
        read_now = read_missing_pictures(job)
        predictions, rules = _scored(job, folder)
        if targets:
            report = _of_file(folder / FILE_NAME, judge(job, predictions, targets, rules, read_now))
            report = _with_what_stands_beside(
                job, report, champion, predictions, targets, rules=rules
            )
            if config.gate.conditions:
                gate = _verdict(
                    job,
                    report,
                    champion,
                    looked=looked,
                    predictions=predictions,
                    rules=rules,
                    read_now=read_now,
                )
            write_report(folder, report, gate)
            if config.report == "restricted":
                write_gallery(folder, job, predictions, targets, rules, read_now=read_now)
            if gate is not None:
                write_record(folder, gate)
                if config.signing_key is not None:
                    sign_record(folder, gate, config.signing_key)
                write_gate_pages(folder, gate)
    if report is not None:
        _track(job, report, gate)
    return Evaluated(config.run_dir, predictions, report, gate, "" if report else _lack(job))


def _verdict(
    job: EvaluationJob,
    report: Report,
    champion: Candidate | None,
    *,
    looked: Looked,
    predictions: Predictions,
    rules: DecisionRules | None,
    read_now: ReadNow,
) -> GateRecord:
    """Return the record of the gate.

    A pass must also hold without what its caveats are worth, if adverts that an earlier look
    judged count at their worst where they are lost or set aside now, and without those that
    make the split easier than it is.
    """
    import numpy as np

    from adverts.candidates.fit_rules import prevalence_in_service
    from adverts.evaluation.gate.counted_conditions import at_worst, untold_worst, what_counts
    from adverts.evaluation.gate.judge_conditions import judge_conditions
    from adverts.evaluation.truth import unjudged_where
    from adverts.judging.caveats import caveats_of
    from adverts.judging.champion import compare_with_champion
    from adverts.judging.gate_verdict import facts_and_gate
    from adverts.judging.judge import judge

    facts, gate = facts_and_gate(job, champion, looked=looked, predictions=predictions)
    record = judge_conditions(report, facts, gate)
    if not gate.counts_lost:
        return record
    lost, aside = looked.lost, job.set_aside_since(looked.lost)
    if record.verdict == "passed":
        headline = job.candidate.facts.schema.headline
        prevalence = prevalence_in_service(job.config.decisions, rules, headline)
        facts = replace(facts, caveats=caveats_of(job, predictions, prevalence))
        record = judge_conditions(report, facts, gate) if facts.caveats else record
    if record.verdict != "passed":
        return untold_worst(record, gate, what_counts(lost, aside))
    easier = job.easier_parts(predictions, lost)
    if not (lost.costs or aside.costs or easier):
        return record
    if easier:
        left = ~np.any([one.rows for one in easier], axis=0)
        job = replace(job, table=job.table.select(np.flatnonzero(left)))
    counted = [
        (int(one.rows.sum()), one.why, None if one.gain is None else one.gain.value)
        for one in easier
    ]
    told = what_counts(lost, aside, counted)
    if not job.has_both_labels:
        return at_worst(record, replace(record, verdict="could not judge"), gate, told)
    job = job.with_lost(lost.positives + aside.positives, lost.negatives + aside.negatives)
    targets = unjudged_where(job.set_aside, job.labels)
    predictions = job.predict(job.candidate, "score as earlier looks would", rules)
    worst = replace(judge(job, predictions, targets, rules, read_now), robustness=report.robustness)
    if champion is not None:
        against = compare_with_champion(job, champion, predictions, targets, rules)
        worst = replace(worst, comparison=against)
    return at_worst(record, judge_conditions(worst, facts, gate), gate, told)


def _of_file(predictions: Path, report: Report) -> Report:
    """Return the report with the hash of its predictions, by which others know them again."""
    from adverts.files.file_hash import file_sha256

    origin = replace(report.origin, predictions_sha256=file_sha256(predictions))
    return replace(report, origin=origin)


def _lack(job: EvaluationJob) -> str:
    """Return the reason why nothing can be judged."""
    if job.labels:
        return (
            f"every labelled advert of split {job.config.split} is linked to adverts that taught "
            "or chose the model; bring new adverts, or prepare with other splits "
            "(data.split.kind=made)"
        )
    return (
        f"no advert of split {job.config.split} has a label of a task that the model answers; "
        "bring labelled adverts"
    )


def _opened(config: EvaluateConfig) -> tuple[EvaluationJob, Candidate | None, Targets]:
    """Open candidate, adverts and champion; raise an error early if they cannot be judged."""
    from adverts.candidates.baseline import require_named_baseline
    from adverts.candidates.candidate import open_candidate
    from adverts.data.dataset.prepared import open_prepared
    from adverts.evaluation.truth import unjudged_where
    from adverts.judging.champion import open_champion
    from adverts.judging.gallery import refuse_in_ci
    from adverts.judging.gate_verdict import require_champion, require_judgeable
    from adverts.judging.judge import EvaluationJob
    from adverts.signing import read_private_key
    from adverts.tracking.build_tracker import resolve_model

    refuse_in_ci(config.report, os.environ)
    if config.signing_key is not None:
        read_private_key(config.signing_key)
    require_champion(config)
    dataset = open_prepared(config.prepared)
    candidate = open_candidate(config.candidate, threads=config.threads)
    job = EvaluationJob(config, dataset, dataset.split(config.split), candidate)
    require_judgeable(config, candidate)
    _require_allowed(config, candidate)
    require_named_baseline(config, candidate)
    _refuse_another(job)
    champion = open_champion(
        job, fetch=lambda uri, folder: resolve_model(uri, config.tracking, folder)
    )
    job.require_readable()
    return job, champion, unjudged_where(job.set_aside, job.labels)


def _scored(job: EvaluationJob, folder: Path) -> tuple[Predictions, DecisionRules | None]:
    """Score the adverts and write the predictions with the rules used for them."""
    from adverts.candidates.fit_rules import rules_of
    from adverts.evaluation.predictions.prediction_file import FILE_NAME, write_predictions
    from adverts.evaluation.predictions.stored_model import write_rules

    rules = rules_of(job.candidate, job.dataset, job.config.decisions, job.config.ledger)
    predictions = job.predict(job.candidate, "score", rules)
    if rules is not None:
        write_rules(folder, rules)
    write_predictions(folder / FILE_NAME, predictions)
    return predictions, rules


def _with_what_stands_beside(
    job: EvaluationJob,
    report: Report,
    champion: Candidate | None,
    predictions: Predictions,
    targets: Targets,
    *,
    rules: DecisionRules | None,
) -> Report:
    """Add the comparison with the champion, and the results of the robustness suite."""
    from adverts.judging.champion import compare_with_champion
    from adverts.judging.stress import stress

    if champion is not None:
        against = compare_with_champion(job, champion, predictions, targets, rules)
        report = replace(report, comparison=against)
    return replace(report, robustness=stress(job, predictions, targets, rules))


def _require_allowed(config: EvaluateConfig, candidate: Candidate) -> None:
    """Raise InputError for settings that the candidate does not allow.

    Stored predictions do not cover disguised adverts, and a report in a bundle makes it invalid.
    """
    from adverts.errors import InputError

    folder = config.candidate.absolute()
    if candidate.facts.kind == "bundle" and config.run_dir.absolute().is_relative_to(folder):
        raise InputError(
            f"run_dir={config.run_dir} is inside the bundle, and a bundle with additional files "
            "is refused; choose another folder"
        )
    if candidate.stored is not None and config.robustness.adverts:
        raise InputError(
            f"candidate={config.candidate} holds stored predictions, but disguised adverts must "
            "be scored by the model itself; give its run or bundle, or add robustness=none"
        )


def _refuse_another(job: EvaluationJob) -> None:
    """Refuse to replace the evaluation of another model, or of other adverts.

    Raises:
        InputError: The folder holds one, or one that cannot be read.
    """
    from adverts.errors import InputError
    from adverts.evaluation.predictions.prediction_file import FILE_NAME, read_predictions

    folder = job.config.run_dir
    if not (folder / FILE_NAME).is_file():
        return
    try:
        earlier = read_predictions(folder / FILE_NAME)
    except InputError:
        found = "an evaluation that cannot be read"
    else:
        made_by = earlier.made_by
        same_data = earlier.data_hash == job.dataset.manifest.data_hash
        if made_by is not None and made_by.identity != job.candidate.facts.identity:
            found = "the evaluation of another model"
        elif not same_data or set(earlier.splits) != set(job.table.splits):
            found = "an evaluation on other adverts"
        else:
            return
    raise InputError(f"run_dir={folder} holds {found}; choose another folder, or remove that one")


def _require_judged(config: EvaluateConfig, done: Evaluated) -> None:
    """Raise an error if the verdict is bad, or if nothing could be judged."""
    from adverts.errors import CannotJudgeError
    from adverts.evaluation.report.headline import headline_task
    from adverts.judging.gate_verdict import require_pass

    report = done.report
    if report is None:
        if config.gate.conditions:
            raise CannotJudgeError(f"gate={config.gate.name} could not judge: {done.lack}")
        return
    if done.gate is not None:
        require_pass(done.gate, config.run_dir)
        return  # the exit status of a gate is its verdict
    task = headline_task(report.evaluation)
    figures = task.models[0].figures.values() if task else ()
    if task is not None and all(one.value is None for one in figures):
        raise CannotJudgeError(
            f"the headline task {report.evaluation.headline!r} has too little evidence for any "
            f"figure ({next((one.reason for one in figures), None)}); bring more labelled adverts"
        )
    if task is None:
        raise CannotJudgeError(
            f"no reviewed advert of split {config.split} has a label of the headline task "
            f"{report.evaluation.headline!r}, so nothing can be judged; bring labelled adverts. "
            f"For all other figures, see {config.run_dir / 'report.html'}"
        )


def _track(job: EvaluationJob, report: Report, gate: GateRecord | None) -> None:
    """Add the figures and the report to the run that trained the candidate."""
    from adverts.tracking import open_tracker
    from adverts.tracking.evaluated_run import hand_in_evaluation, remove_pictures

    config, run_id = job.config, job.candidate.facts.run_id
    if config.tracking.kind == "none":
        return
    if run_id is None:
        say("the run that trained this model is not recorded, so no run gets its figures")
        return
    split = config.split if job.on_its_own_dataset else f"{job.judged_on.name}.{config.split}"
    waiting = config.run_dir.with_name(f"{config.run_dir.name}.tracking")
    spool, pictures = waiting / "spool.jsonl", waiting / "pictures"
    with open_tracker(
        config.tracking, spool=spool, run_name=config.run_dir.name, run_id=run_id
    ) as tracker:
        hand_in_evaluation(
            tracker, report, gate, judged=split, folder=config.run_dir, pictures=pictures
        )
    remove_pictures(pictures, waiting=spool.exists())


def abstention_lines(done: Evaluated) -> list[str]:
    """Return a line that says why nearly all adverts are marked abstain, where they are."""
    from adverts.evaluation.undecided import undecided

    found = undecided(done.report) if done.report else None
    return [] if found is None or found.line is None else [found.line]


def summary_text(done: Evaluated) -> str:
    """Return the text for the terminal: headline figures, comparison, and paths of the files."""
    from adverts.evaluation.report import comparison_wording
    from adverts.evaluation.report.table import render
    from adverts.evaluation.report.write_report import headline_in
    from adverts.judging.gate_verdict import verdict_lines

    if done.report is None:
        return (
            f"{len(done.predictions):,} adverts were scored, but not judged: {done.lack}\n"
            f"predictions without a report: {done.folder / 'predictions.parquet'}"
        )
    lines = [render([headline_in(done.report)])]
    lines += abstention_lines(done)
    against, evaluation = done.report.comparison, done.report.evaluation
    if against is not None:
        precision = evaluation.settings.precision
        lines += comparison_wording.lines(against, evaluation.headline, precision)
    pages = ("report.html", "report.md", "report.json", "predictions.parquet")
    lines += [str(done.folder / name) for name in pages]
    if done.gate is not None:
        lines += verdict_lines(done.gate, done.folder)
    return "\n".join(lines)


@command("evaluate", EvaluateConfig)
def main(config: EvaluateConfig) -> None:
    """Run ``adverts evaluate``."""
    done = _evaluated(config)
    say(summary_text(done))
    if config.report == "restricted":
        say(f"{done.folder / 'restricted' / 'errors.html'}  shows adverts: keep it on this machine")
    if (line := _next(config, done)) is not None:
        say(line)
    _require_judged(config, done)


def _next(config: EvaluateConfig, done: Evaluated) -> str | None:
    """Return the line with the next command: export, gate or promotion; None if there is none."""
    from adverts.runtime.manifest import MANIFEST_NAME

    if done.report is None:
        return None
    if (config.candidate / MANIFEST_NAME).is_file():
        return _next_of_bundle(config, done, done.gate)
    bundle = config.candidate / "bundle"
    if bundle.exists() or not (config.candidate / "checkpoints").is_dir():
        return None
    return next_export(
        config.candidate, config.prepared, bundle, share=config.decisions.operating_prevalence
    )


def _next_of_bundle(config: EvaluateConfig, done: Evaluated, gate: GateRecord | None) -> str | None:
    """Return the line with the next command for a bundle; None if a gate did not pass it.

    What a gate could not judge needs other adverts, as its lines say, and no command brings those.
    """
    from adverts.evaluation.gate.gate_record import FILE_NAME
    from adverts.judging.gate_verdict import digest_of

    if gate is None:
        return next_step(
            "evaluate",
            candidate=config.candidate,
            prepared=config.prepared,
            run_dir=config.run_dir.with_name("gate"),  # keeps this report
            gate="first" if config.champion is None else "release",
            **({} if config.champion is None else {"champion": config.champion}),
        )
    if gate.verdict != "passed" or gate.champion_kind not in (None, "", "bundle"):
        return None  # a promotion wants a champion that was promoted
    return next_step(
        "promote",
        bundle_dir=config.candidate,
        gate_record=done.folder / FILE_NAME,
        gate_hash=digest_of(gate),
        prepared=config.prepared,  # judged once more, so that no record of another bundle is taken
        **({"baseline": config.baseline} if isinstance(config.baseline, Path) else {}),
        registered_model="NAME",
        approved_by="YOU",
        reason="WHY",
        **({"accept_changed_gate": "WHY"} if gate.gate_changes else {}),
    )


if __name__ == "__main__":
    main()
