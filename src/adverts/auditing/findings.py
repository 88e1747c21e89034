"""Everything that an audit finds, and from what."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.auditing.agreement import Agreement
from adverts.auditing.conflicts import TaskConflicts
from adverts.auditing.counts import Counts
from adverts.auditing.duplicates import Duplicates
from adverts.auditing.label_errors import TaskErrors
from adverts.auditing.shortcuts import Shortcuts


@dataclass(frozen=True, slots=True)
class Origin:
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
    agreement: tuple[Agreement, ...]

    def conflicts_of(self, task: str) -> TaskConflicts:
        """Return the conflicts of one task."""
        return next(one for one in self.conflicts if one.task == task)

    def errors_of(self, task: str) -> TaskErrors:
        """Return the likely errors of one task."""
        return next(one for one in self.label_errors if one.task == task)

    def agreement_on(self, task: str) -> Agreement:
        """Return the agreement on one task."""
        return next(one for one in self.agreement if one.task == task)
