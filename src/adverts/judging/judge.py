"""Judge a candidate on labelled adverts: figures, notes on them, and their origin."""

from __future__ import annotations

import datetime
import platform
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts import __version__
from adverts.arrays import Ints, Targets
from adverts.candidates.baseline import open_baseline
from adverts.candidates.candidate import Candidate
from adverts.candidates.fit_rules import prevalence_in_service, rules_of
from adverts.candidates.predict import as_judged, predict, read_pictures, seen_by, unread_pictures
from adverts.candidates.record_looks import VALIDATION, compared_with, members_of, name_of
from adverts.candidates.review_bands import served_answers
from adverts.clusters.links import QUOTES
from adverts.config import EvaluateConfig
from adverts.config.overrides import overrides, shareable
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.cluster_evidence import LINKS, read_links
from adverts.data.dataset.linked_families import find_families
from adverts.data.dataset.prepared import PreparedDataset
from adverts.data.dataset.seen_adverts import Seen
from adverts.data.mapping.taxonomy import CLASS_TASK, read_taxonomy
from adverts.data.preparing.build_reader import build_reader, build_workers
from adverts.errors import InputError, plural
from adverts.evaluation.decisions.calibrate import calibration_reports
from adverts.evaluation.decisions.operating_points import operating_points
from adverts.evaluation.figures.branch_figures import branch_figures
from adverts.evaluation.figures.budgets import Desk, budget_figures
from adverts.evaluation.figures.judged_adverts import account_for
from adverts.evaluation.figures.look_alikes import LookAlikes
from adverts.evaluation.figures.planned_figures import BASELINE, EvaluationSettings
from adverts.evaluation.gate.threshold_claims import promised_for_fewer
from adverts.evaluation.predictions.advert_set import NEGATIVE, POSITIVE, UNKNOWN
from adverts.evaluation.predictions.lost_adverts import Lost
from adverts.evaluation.predictions.model_facts import DatasetName, Origin, headline_refusal
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.report_content import Evaluation, Report
from adverts.evaluation.summarise import summarise
from adverts.evaluation.truth import (
    NOT_JUDGED,
    align_targets,
    label_truth,
    true_labels,
    unjudged_where,
)
from adverts.files.file_hash import producing_commit
from adverts.judging.easier_adverts import Easier, RankedAdverts
from adverts.judging.unseen_adverts import left_out_of
from adverts.ocr.cache import OcrCache
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Thresholds
from adverts.work.progress import counter

_HELD_OUT = ("validation", "test")
_USUAL_PREVALENCE = 0.01
REGISTRY = "models:/"
"""Prefix of the name of a registered model; other names are folders."""
_UNTOLD = (
    "signing_key",
    "run_dir",
    "ledger",
    "tracking",
    "ocr.cache",
    "ocr.workers",
    "ocr.timeout_s",
    "ocr.images_per_worker",
    "ocr.engine.folder",
    "ocr.engine.data_folder",
)


@dataclass(frozen=True, slots=True)
class EvaluationJob:
    """Inputs that all steps of one evaluation share.

    Attributes:
        config: Configuration of the evaluation.
        dataset: Dataset of the adverts.
        table: The adverts.
        candidate: The model that is judged.
        missed: Number of last rows but ``flagged`` that stand for lost positives: the candidate
            scores them below all others, every other model above all.
        flagged: Number of last rows that stand for lost negatives: the other way round.
    """

    config: EvaluateConfig
    dataset: PreparedDataset
    table: AdvertTable
    candidate: Candidate
    missed: int = 0
    flagged: int = 0

    @property
    def judged_on(self) -> DatasetName:
        """Name, hash and sources of the dataset of the adverts."""
        manifest = self.dataset.manifest
        return DatasetName(manifest.name, manifest.data_hash, frozenset(manifest.made.sources))

    def predict(
        self, model: Candidate, title: str, rules: DecisionRules | None = None
    ) -> Predictions:
        """Return the predictions of ``model`` on the adverts, calibrated if there are rules.

        Adverts that the model cannot read are never flagged.

        Args:
            model: The model to score.
            title: Title of the progress bar.
            rules: Rules of the model.
        """
        said = predict(model, self.dataset, self.table, title=title)
        said = as_judged(said, None if rules is None else rules.calibration)
        return self._with_lost(said, is_wrong=model is self.candidate)

    def with_lost(self, positives: int, negatives: int) -> EvaluationJob:
        """Return the evaluation with an advert more for each lost one, as far as any is like it.

        Only its headline label is known. In all else it is like adverts of the split with the
        same label, so that parts of the split lose alike.

        Args:
            positives: Number of lost positives, which the candidate misses.
            negatives: Number of lost negatives, which it flags.
        """
        headline = self.candidate.facts.schema.headline
        task = self.candidate.facts.schema.task(headline)
        if headline not in self.labels:
            return self
        truth = label_truth(task, self.labels[headline], task.labels[task.positive_index or 0])
        is_judged = self.table.reviewed & ~self.set_aside
        there, picked = len(self.table), []
        for label, count in ((1, positives), (0, negatives)):
            alike = np.flatnonzero(is_judged & (truth == label))
            wanted = np.arange(count if len(alike) else 0)
            picked.append(alike[wanted * len(alike) // max(count, 1)])
        table = self.table.select(np.concatenate([np.arange(there), *picked]))
        for name, values in table.targets.items():
            if name != headline:
                values[there:] = np.nan
        table.clusters = [*table.clusters[:there], *(f"lost {i}" for i in range(there, len(table)))]
        return replace(self, table=table, missed=len(picked[0]), flagged=len(picked[1]))

    def _with_lost(self, said: Predictions, *, is_wrong: bool) -> Predictions:
        headline = self.candidate.facts.schema.headline
        there = len(said) - self.missed - self.flagged
        task = next((one for one in said.tasks if one.name == headline), None)
        if there == len(said) or task is None:
            return said
        scores = said.probabilities[headline][:there, task.positive_index or 0]
        first, last = int(scores.argmin()), int(scores.argmax())
        if not is_wrong:
            first, last = last, first
        picked = [*range(there), *[first] * self.missed, *[last] * self.flagged]
        values = select(said, picked)
        return replace(
            said,
            ids=[
                *said.ids[:there],
                *(f"{name} (lost {i})" for i, name in enumerate(said.ids[there:])),
            ],
            logits=values.logits,
            probabilities=values.probabilities,
            branches=values.branches,
        )

    def require_readable(self) -> None:
        """Check that the candidate can read at least one advert of the split.

        Raises:
            InputError: No advert holds anything that the candidate reads.
        """
        if not self.table.readable(self.candidate.facts.inputs).any():
            raise InputError(
                f"the candidate reads only {', '.join(self.candidate.facts.inputs)}, and none of "
                f"{len(self.table)} adverts has any; bring adverts that do, or another candidate"
            )

    @property
    def on_its_own_dataset(self) -> bool:
        """Whether the candidate was trained on this same dataset."""
        return self.candidate.facts.trained_on.data_hash == self.dataset.data_hash

    @property
    def seen(self) -> Seen:
        """Which adverts are not new to the candidate, as far as that is known."""
        return seen_by(self.candidate, self.dataset, self.table)

    @property
    def set_aside(self) -> NDArray[np.bool_]:
        """Which adverts of a held-out split are not new, so count in no figure, ``(N,)``.

        Every split of another dataset than that of the training is held out.
        """
        seen = self.seen.seen
        held_out = self.config.split in _HELD_OUT or not self.on_its_own_dataset
        return seen if held_out else np.zeros_like(seen)

    def set_aside_since(self, lost: Lost) -> Lost:
        """Return adverts that are set aside and that an earlier look judged, as lost ones.

        Somebody may have put near-copies of them into the training after they were seen to be
        errors, so what the candidate says of them now is no evidence.
        """
        rows = np.flatnonzero(self.set_aside if lost.earlier else ())
        members = members_of(self.table.select(rows), self.dataset.schema)
        labels = members[np.isin(members >> 4, lost.keys)] & 3
        positives, negatives = (int((labels == one).sum()) for one in (POSITIVE, NEGATIVE))
        return Lost(positives=positives, negatives=negatives)

    @property
    def truth(self) -> Ints:
        """Whether each advert has the positive label of the headline task, ``(N,)``.

        It is 1, 0 or ``NOT_JUDGED``, the last for all adverts of a task without a positive label,
        or without a labelled advert.
        """
        task = self.candidate.facts.schema.task(self.candidate.facts.schema.headline)
        if task.positive_index is None or task.name not in self.labels:
            return np.full(len(self.table), NOT_JUDGED)
        return label_truth(task, self.labels[task.name], task.labels[task.positive_index])

    @property
    def has_both_labels(self) -> bool:
        """Whether a positive and a negative of the headline task are left to be judged."""
        return {0, 1} <= set(self.truth[self.table.reviewed & ~self.set_aside].tolist())

    def _copies(self) -> list[str]:
        """Return the cluster of copies of each advert, joined where texts quote each other."""
        links = read_links(self.dataset.path / LINKS, self.table.ids)
        quotes = [place for place, name in enumerate(links.kind_names) if name in QUOTES]
        inside = np.isin(links.kinds, quotes)
        inside &= np.maximum(links.first, links.second) < len(self.table)
        links = replace(links, first=links.first[inside], second=links.second[inside])
        return find_families(self.table.copies, [links])

    def easier_parts(self, said: Predictions, lost: Lost) -> list[Easier]:
        """Return the adverts of the split that make it easier than it is, by what they are.

        Args:
            said: Predictions of the candidate.
            lost: What is known of earlier looks.
        """
        task, truth = (
            self.candidate.facts.schema.task(self.candidate.facts.schema.headline),
            self.truth,
        )
        members = members_of(self.table, self.dataset.schema)
        rows = np.flatnonzero((members & 3 != UNKNOWN) & (truth != NOT_JUDGED) & ~self.set_aside)
        if not len(rows):
            return []
        copies = self._copies()
        ranked = RankedAdverts(
            scores=said.probabilities[task.name][rows, task.positive_index],
            positive=truth[rows] == 1,
            members=members[rows],
            clusters=[self.table.clusters[row] for row in rows.tolist()],
            copies=[copies[row] for row in rows.tolist()],
        )
        config = self.config
        parts = ranked.easier_parts(lost, resamples=config.bootstrap_resamples, seed=config.seed)
        found = []
        for part in parts:
            easier = np.zeros(len(self.table), dtype=np.bool_)
            easier[rows] = part.rows
            found.append(replace(part, rows=easier))
        return found

    @property
    def labels(self) -> Targets:
        """True labels of all adverts of the split, in the candidate's order of tasks and labels."""
        asked, answered = self.dataset.schema.tasks, self.candidate.facts.schema.tasks
        return align_targets(asked, answered, self.table.targets)


@dataclass(frozen=True, slots=True)
class ReadNow:
    """Result of reading pictures for one evaluation.

    Attributes:
        adverts: Number of adverts whose pictures were read.
        failed: Number of adverts with a picture that could not be read, now or by prepare.
        ocr_key: Key of the reader's spec; None without a reader.
    """

    adverts: int = 0
    failed: int = 0
    ocr_key: str | None = None


def read_missing_pictures(job: EvaluationJob) -> ReadNow:
    """Read the pictures whose text the candidate needs and that prepare did not read.

    Without a reader, pictures that prepare could not read stay unread.

    Raises:
        InputError: There are such pictures, no reader is given, prepare had none, and the candidate
            was trained on another dataset.
    """
    if job.candidate.stored is not None:
        return ReadNow()  # it has read them
    unread = unread_pictures(job.candidate, job.table)
    reader = build_reader(job.config.ocr) if unread else None
    if reader is None:
        were_tried = job.dataset.manifest.made.ocr_key is not None
        if unread and not (were_tried or job.on_its_own_dataset):
            raise InputError(
                f"{len(unread)} adverts have pictures whose text was not read, and the candidate "
                "needs that text; add ocr=auto, or prepare the dataset with it"
            )
        return ReadNow(failed=len(unread) if were_tried else 0)
    failed = read_pictures(
        job.table,
        unread,
        reader=reader,
        cache=OcrCache(job.config.ocr.cache),
        workers=build_workers(job.config.ocr),
    )
    return ReadNow(len(unread), len(failed), reader.spec.key)


def judge(
    job: EvaluationJob,
    predictions: Predictions,
    targets: Targets,
    rules: DecisionRules | None,
    read_now: ReadNow,
) -> Report:
    """Return the report on a candidate, from its predictions on labelled adverts.

    Args:
        job: The evaluation.
        predictions: Calibrated predictions of the candidate.
        targets: Truth by task, in the order of the candidate's labels; NaN where not judged.
        rules: Calibration and thresholds of the candidate; None where it has none.
        read_now: Pictures that were read for this evaluation.
    """
    config = job.config
    look_alikes = _look_alikes(job)
    evaluation, references = _summarise(job, predictions, targets, rules, look_alikes)
    notes = _notes(job, predictions, targets, has_baseline=bool(references), read_now=read_now)
    thresholds = rules.thresholds if rules else Thresholds()
    drawn = {"resamples": config.bootstrap_resamples, "seed": config.seed}
    read = unjudged_where(predictions.unreadable, targets)
    headline = job.candidate.facts.schema.task(evaluation.headline)
    return Report(
        evaluation=evaluation,
        origin=_origin(job, notes),
        rules=rules,
        calibration=(
            calibration_reports(predictions, read, rules.calibration, **drawn) if rules else ()
        ),
        operating=operating_points(
            predictions, targets, thresholds, look_alikes=look_alikes, **drawn
        ),
        budgets=budget_figures(
            predictions,
            targets,
            _desks(config, prevalence_in_service(config.decisions, rules, headline.name)),
            task=evaluation.headline,
            min_positive_clusters=config.min_positive_clusters,
            **drawn,
        ),
        branches=(
            branch_figures(
                predictions, targets, headline, precision=config.recall_at_precision, **drawn
            )
            if headline.name in targets
            else ()
        ),
        account=account_for(
            predictions,
            headline,
            job.labels.get(evaluation.headline),
            served=served_answers(predictions, rules, job.candidate.facts.schema),
            set_aside=job.set_aside,
            lack=job.seen.lack,
        ),
    )


def _desks(config: EvaluateConfig, stated: float | None) -> tuple[Desk, ...]:
    return tuple(
        Desk(
            name,
            languages=desk.languages,
            daily_adverts=desk.daily_adverts,
            prevalence=desk.prevalence or stated or _USUAL_PREVALENCE,
            reviews=desk.reviews,
        )
        for name, desk in config.desks.items()
    )


def _look_alikes(job: EvaluationJob) -> LookAlikes | None:
    """Return the true class of each advert; None if the dataset lacks classes of the taxonomy."""
    task = next((task for task in job.dataset.schema.tasks if task.name == CLASS_TASK), None)
    if task is None:
        return None
    labels = true_labels(task, job.table.targets[task.name])
    names = np.array([*task.labels, None], dtype=object)  # -1, not judged, is the last
    kinds = {one.id: one for one in read_taxonomy().classes}
    return LookAlikes(
        classes=names[labels],
        harmless={name: one.coarse for name, one in kinds.items() if one.group == "N"},
        ambiguous=tuple(name for name, one in kinds.items() if one.group == "A"),
    )


def _baseline_predictions(job: EvaluationJob, prevalence: float | None) -> Predictions | None:
    """Return the predictions of tf-idf, calibrated on validation like the candidate; None if none.

    Args:
        job: The evaluation.
        prevalence: Share of positives that the candidate's probabilities assume, if any.
    """
    config = job.config
    baseline = open_baseline(config, job.candidate)
    if baseline is None:
        return None
    decisions = config.decisions.model_copy(update={"operating_prevalence": prevalence})
    rules = rules_of(baseline, job.dataset, decisions, config.ledger, remember=False)
    return job.predict(baseline, f"score {BASELINE}", rules)


def _summarise(
    job: EvaluationJob,
    predictions: Predictions,
    targets: Targets,
    rules: DecisionRules | None,
    look_alikes: LookAlikes | None,
) -> tuple[Evaluation, Mapping[str, Predictions]]:
    """Return the figures of the candidate, tf-idf and the majority class; predictions of tf-idf."""
    config = job.config
    prevalence = prevalence_in_service(config.decisions, rules, job.candidate.facts.schema.headline)
    baseline = _baseline_predictions(job, prevalence)
    references = {} if baseline is None else {BASELINE: baseline}
    sets = len(set(job.table.reviewed.tolist()))
    total = sets * config.bootstrap_resamples
    with counter("bootstrap", "resamples", total) as shown:
        evaluation = summarise(
            predictions,
            targets,
            name=job.candidate.facts.name,
            headline=job.candidate.facts.schema.headline,
            settings=EvaluationSettings(
                precision=config.recall_at_precision,
                resamples=config.bootstrap_resamples,
                seed=config.seed,
                recall=config.decisions.recall,
                prevalence=prevalence,
                min_positive_clusters=config.min_positive_clusters,
            ),
            references=references,
            look_alikes=look_alikes,
            with_seen=job.labels,
            progress=shown.update,
        )
    return evaluation, references


def _notes(
    job: EvaluationJob,
    predictions: Predictions,
    targets: Targets,
    *,
    has_baseline: bool,
    read_now: ReadNow,
) -> list[str]:
    """Return notes that a reader of the figures must know."""
    candidate, notes = job.candidate, []
    if not has_baseline:
        notes.append("There is no tf-idf baseline of the same training to compare this model with.")
    unreadable = int(predictions.unreadable.sum())
    if unreadable:
        notes.append(
            f"The model finds nothing to read ({', '.join(candidate.facts.inputs)}) in "
            f"{unreadable:,} of {plural(len(predictions), 'advert')}; such adverts count as never "
            "flagged."
        )
    if left_out := left_out_of(job.dataset.manifest, len(job.table)):
        notes.append(
            f"Up to {plural(left_out, 'advert')} of this split may have been left out when the "
            "dataset was made: bad rows, rare labels, bridges between splits and erased ones. No "
            "figure shows them."
        )
    notes += _seen_notes(job)
    if not job.on_its_own_dataset and candidate.facts.trained_on.name != job.judged_on.name:
        notes.append(
            f"The model was trained on another dataset, {candidate.facts.trained_on.name}."
        )
    if fewer := promised_for_fewer(candidate.rules, compared_by_now(job)):
        notes.append(f"The promises of its thresholds hold {fewer}: export it again.")
    missing = [task.name for task in candidate.facts.schema.tasks if task.name not in targets]
    if missing:
        notes.append(f"No advert has a label of the tasks {', '.join(missing)}.")
    notes += _reading_notes(read_now)
    read_by = {job.dataset.manifest.made.ocr_key, read_now.ocr_key} - {None}
    if candidate.facts.ocr_key and read_by - {candidate.facts.ocr_key}:
        notes.append("These pictures were read by another reader than those in training.")
    return notes


def _seen_notes(job: EvaluationJob) -> list[str]:
    """Return notes on adverts that are not new to the model, or on why that is unknown."""
    if job.config.split not in _HELD_OUT and job.on_its_own_dataset:
        return []
    found, count, notes = job.seen, len(job.table), []
    alike = (
        "copies, near-duplicates, the same contact, group or campaign"
        if job.on_its_own_dataset
        else "they are identical to one, or linked here to an advert that is"
    )
    for which, how in (
        (found.training, "that the model was trained on"),
        (found.seen & ~found.training, "of validation, which chose the model"),
    ):
        if which.any():
            notes.append(
                f"{plural(int(which.sum()), 'advert')} of {count:,} are linked to adverts {how}: "
                f"{alike}. They count only in the figures “By campaign”."
            )
    if found.lack and job.on_its_own_dataset:
        notes.append(
            "It is not fully known which adverts are linked to those that taught or chose the "
            f"model: {found.lack}. Run adverts prepare again."
        )
    return notes


def compared_by_now(job: EvaluationJob) -> int | None:
    """Return how many models are now known to be compared on the validation adverts.

    Return None if the model was trained on another dataset, whose ledger is not available, or the
    dataset has no validation split.
    """
    dataset, config = job.dataset, job.config
    if not job.on_its_own_dataset or VALIDATION not in dataset.manifest.counts:
        return None
    known, _ = compared_with(dataset, name_of(job.candidate), ledger=config.ledger, gate=None)
    return max(known, config.decisions.models_compared)


def _reading_notes(read_now: ReadNow) -> list[str]:
    notes = []
    if read_now.adverts:
        told = plural(read_now.adverts, "advert")
        notes.append(f"The pictures of {told} were read for this evaluation.")
    if read_now.failed:
        told = plural(read_now.failed, "advert")
        notes.append(f"A picture of {told} could not be read; its text counts as missing.")
    return notes


def _origin(job: EvaluationJob, notes: list[str]) -> Origin:
    config, candidate = job.config, job.candidate
    trained_on = candidate.facts.trained_on
    place = shareable(config.candidate)
    return Origin(
        kind=candidate.facts.kind,
        place=place,
        dataset=job.judged_on.name,
        data_hash=job.judged_on.data_hash,
        trained_on=f"{trained_on.name or 'not known'}, data {trained_on.data_hash[:12] or '?'}",
        split=config.split,
        selection=candidate.facts.selection,
        refusal=headline_refusal(
            config.split,
            chosen_on=candidate.facts.selection.split if candidate.facts.selection else None,
            trained_on=trained_on,
            judged_on=job.judged_on,
        ),
        notes=tuple(notes),
        command=f"adverts evaluate {_overrides(config)}",
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        commit=producing_commit(),
        machine=f"{platform.machine()} {platform.system()}",
        created_by=f"adverts {__version__}",
        predicted=_predicted(job.table),
        synthetic=_is_synthetic(job),
    )


def _is_synthetic(job: EvaluationJob) -> bool:
    terms = job.dataset.manifest.terms
    return "synthetic" in (terms.sensitivity, terms.provenance.partition("_")[0])


def _predicted(table: AdvertTable) -> dict[str, str]:
    """Say how many languages and scripts were predicted rather than given, if there are any."""
    flags = {"language": table.lang_predicted, "script": table.script_predicted}
    all_of_them = "in the whole split were predicted, not given"
    return {
        name: f"{int(predicted.sum()):,} of {plural(len(table), name)} {all_of_them}"
        for name, predicted in flags.items()
        if predicted.any()
    }


def _overrides(config: EvaluateConfig) -> str:
    """Return the settings that decide a report; folders of this machine and the tracker do not."""
    given = {
        "candidate": shareable(config.candidate),
        "prepared": shareable(config.prepared),
        "split": config.split,
    }
    if isinstance(config.baseline, Path):
        given["baseline"] = shareable(config.baseline)
    if config.champion is not None and not config.champion.startswith(REGISTRY):
        given["champion"] = shareable(Path(config.champion))
    return overrides("evaluate", config, given=given, left_out=_UNTOLD)
