"""Run all checks of an audit on a dataset, and hold their findings."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.arrays import Ints
from adverts.auditing.annotator_agreement import AnnotatorAgreement, measure_agreement
from adverts.auditing.audited_adverts import AuditedAdverts
from adverts.auditing.conflicts import TaskConflicts, find_conflicts
from adverts.auditing.context_columns import columns_of
from adverts.auditing.counts import Counts, count_adverts
from adverts.auditing.duplicates import Duplicates, find_duplicates
from adverts.auditing.folds import FoldSettings, deal_folds, out_of_fold
from adverts.auditing.label_errors import TaskErrors, search_label_errors
from adverts.auditing.shortcuts import Shortcuts, find_shortcuts, nothing_found
from adverts.work.progress import Progress, note_when_slow


@dataclass(frozen=True, slots=True)
class AuditOrigin:
    """Origin of an audit.

    Attributes:
        dataset: Name of the dataset.
        data_hash: Hash of the dataset.
        schema: Name of its label schema.
        headline: Name of its headline task.
        command: Command that repeats the audit.
        created: Time of the audit, UTC.
        created_by: Program and version.
        commit: Commit of the code; None if unknown.
        notes: Further notes for a reader.
    """

    dataset: str
    data_hash: str
    schema: str
    headline: str
    command: str
    created: str
    created_by: str
    commit: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """All findings of an audit.

    Attributes:
        counts: Numbers of adverts of each kind.
        duplicates: Copies within and across splits.
        conflicts: Conflicts of each task, in the order of the schema.
        label_errors: Likely label errors of each task, in the order of the schema.
        shortcuts: Columns that predict the headline label.
        agreement: Agreement of annotators on each task, in the order of the schema.
    """

    counts: Counts
    duplicates: Duplicates
    conflicts: tuple[TaskConflicts, ...]
    label_errors: tuple[TaskErrors, ...]
    shortcuts: Shortcuts
    agreement: tuple[AnnotatorAgreement, ...]

    def conflicts_of(self, task: str) -> TaskConflicts:
        """Return the conflicts of one task."""
        return next(one for one in self.conflicts if one.task == task)

    def errors_of(self, task: str) -> TaskErrors:
        """Return the likely label errors of one task."""
        return next(one for one in self.label_errors if one.task == task)

    def agreement_on(self, task: str) -> AnnotatorAgreement:
        """Return the agreement of annotators on one task."""
        return next(one for one in self.agreement if one.task == task)


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """Settings of an audit.

    Attributes:
        folds: Number of folds of whole clusters, for out-of-fold predictions.
        fit_adverts: Largest number of adverts that tf-idf is fitted on for one fold.
        every_task: Whether to look for label errors of every task that is not ``multi``, not only
            of the headline.
        resamples: Number of resamples of whole clusters, for intervals.
        shortcut_margin: How far above chance the lower end of an interval flags a column.
        largest_clusters: Number of clusters that are described.
        min_cell_clusters: Number of clusters that a cell of split, language and label needs.
        seed: Seed of folds, draws and resamples.
    """

    folds: int
    fit_adverts: int
    every_task: bool
    resamples: int
    shortcut_margin: float
    largest_clusters: int
    min_cell_clusters: int
    seed: int


def examine(subject: AuditedAdverts, settings: AuditSettings, watch: Progress) -> Findings:
    """Return all findings; the same dataset and settings give the same findings.

    Args:
        subject: The audited adverts.
        settings: Settings of the audit.
        watch: Passes rows through and shows the progress.
    """
    headline = subject.headline
    tasks = [task for task in subject.schema.tasks if settings.every_task or task == headline]
    asked = [task for task in tasks if task.kind != "multi"]
    fold_of = _folds(subject, settings)
    fold_settings = FoldSettings(settings.folds, settings.fit_adverts, settings.seed)
    said = out_of_fold(subject, asked, fold_of, settings=fold_settings, watch=watch)
    with note_when_slow("ranking labels"):
        label_errors = search_label_errors(subject, said)
    return Findings(
        counts=count_adverts(subject, min_clusters=settings.min_cell_clusters),
        duplicates=find_duplicates(subject, largest=settings.largest_clusters),
        conflicts=find_conflicts(subject),
        label_errors=label_errors,
        shortcuts=_shortcuts(subject, fold_of, settings, watch),
        agreement=measure_agreement(subject, resamples=settings.resamples, seed=settings.seed),
    )


def _folds(subject: AuditedAdverts, settings: AuditSettings) -> Ints:
    task = subject.headline
    if task.kind == "multi":
        return deal_folds(subject, subject.splits, folds=settings.folds, seed=settings.seed)
    return deal_folds(subject, subject.labels(task), folds=settings.folds, seed=settings.seed)


def _shortcuts(
    subject: AuditedAdverts, fold_of: Ints, settings: AuditSettings, watch: Progress
) -> Shortcuts:
    if subject.headline.kind == "multi":
        reason = "a headline task of kind multi is not checked"
        return nothing_found(subject.headline.name, settings.shortcut_margin, reason)
    columns = columns_of(subject, watch)
    with note_when_slow("looking for shortcuts"):
        return find_shortcuts(
            subject,
            columns,
            fold_of,
            margin=settings.shortcut_margin,
            resamples=settings.resamples,
            seed=settings.seed,
        )
