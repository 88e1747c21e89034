"""Everything that an audit finds, and how: a dataset looked at from every side."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
from adverts.work.progress import told_when_slow

Watch = Callable[[Sequence[int], str], Iterable[int]]  # passes rows through and shows how far


@dataclass(frozen=True, slots=True)
class AuditOrigin:
    """Where an audit comes from.

    Attributes:
        dataset: Name of the dataset.
        data_hash: Its hash.
        schema: Name of its label schema.
        headline: Its headline task.
        command: What repeats the audit.
        created: When it was made, UTC.
        created_by: Program and version.
        commit: Of the code; None where it is not known.
        notes: What a reader must know besides.
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
    """What an audit finds.

    Attributes:
        counts: Adverts by what they are.
        duplicates: Copies within and across splits.
        conflicts: Task by task.
        label_errors: Task by task.
        shortcuts: Columns that tell the headline label.
        agreement: Task by task.
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
        """Return the likely errors of one task."""
        return next(one for one in self.label_errors if one.task == task)

    def agreement_on(self, task: str) -> AnnotatorAgreement:
        """Return the agreement on one task."""
        return next(one for one in self.agreement if one.task == task)


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """How closely a dataset is looked at.

    Attributes:
        folds: Of whole clusters, for what is judged out of fold.
        fit_adverts: Adverts that one fold of tf-idf is fitted on at the most.
        every_task: Look for label errors of every task that is not ``multi``, not of the headline
            alone.
        resamples: Of whole clusters, for intervals.
        shortcut_margin: How far above chance the lower end of an interval flags a column.
        largest_clusters: How many clusters are described.
        min_cell_clusters: Clusters that a cell of split, language and label needs.
        seed: Of folds, draws and resamples.
    """

    folds: int
    fit_adverts: int
    every_task: bool
    resamples: int
    shortcut_margin: float
    largest_clusters: int
    min_cell_clusters: int
    seed: int


def examine(subject: AuditedAdverts, settings: AuditSettings, watch: Watch) -> Findings:
    """Return all that is found; the same dataset and settings give the same findings.

    Args:
        subject: The adverts.
        settings: How closely they are looked at.
        watch: Passes rows through and shows how far one is.
    """
    headline = subject.headline
    tasks = [task for task in subject.schema.tasks if settings.every_task or task == headline]
    asked = [task for task in tasks if task.kind != "multi"]
    fold_of = _folds(subject, settings)
    fold_settings = FoldSettings(settings.folds, settings.fit_adverts, settings.seed)
    said = out_of_fold(subject, asked, fold_of, settings=fold_settings, watch=watch)
    with told_when_slow("ranking labels"):
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
    subject: AuditedAdverts, fold_of: Ints, settings: AuditSettings, watch: Watch
) -> Shortcuts:
    if subject.headline.kind == "multi":
        reason = "a headline task of kind multi is not looked at"
        return nothing_found(subject.headline.name, settings.shortcut_margin, reason)
    columns = columns_of(subject, watch)
    with told_when_slow("looking for shortcuts"):
        return find_shortcuts(
            subject,
            columns,
            fold_of,
            margin=settings.shortcut_margin,
            resamples=settings.resamples,
            seed=settings.seed,
        )
