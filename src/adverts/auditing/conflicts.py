"""Find conflicts: adverts with the same or nearly the same text but different labels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Ints
from adverts.auditing.audited_adverts import (
    AdvertCount,
    AuditedAdverts,
    components,
    members,
    ordered,
)
from adverts.evaluation.truth import NOT_JUDGED, true_signals


@dataclass(frozen=True, slots=True)
class Conflict:
    """Adverts joined by text links whose labels differ.

    Attributes:
        part: Name of the part.
        cluster: Name of the cluster that holds the part.
        adverts: Number of labelled adverts of the part.
        labels: Number of adverts by label; for a ``multi`` task, by signal that is in dispute.
        copies: Whether even adverts with the same text differ.
        minority_ids: Ids of adverts that differ from the commonest label, ascending.
    """

    part: str
    cluster: str
    adverts: int
    labels: dict[str, int]
    copies: bool
    minority_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TaskConflicts:
    """The conflicts of one task.

    Attributes:
        task: Name of the task.
        clusters: Number of clusters that hold a conflict.
        adverts: Labelled adverts of parts in conflict.
        conflicts: One conflict for each part, the largest first.
        other_clusters: Number of clusters whose labels differ only between adverts that a contact,
            a picture or a group joins. Such adverts have different texts, so labels may differ.
        other_names: Names of these other clusters.
    """

    task: str
    clusters: int
    adverts: AdvertCount
    conflicts: tuple[Conflict, ...]
    other_clusters: int
    other_names: tuple[str, ...]


def find_conflicts(subject: AuditedAdverts) -> tuple[TaskConflicts, ...]:
    """Return the conflicts of each task, in the order of the schema."""
    same = components(subject.links, len(subject.table), kinds={"same_text"})[: len(subject.table)]
    return tuple(_of_task(subject, task, same) for task in subject.schema.tasks)


def _of_task(subject: AuditedAdverts, task: Task, same: Ints) -> TaskConflicts:
    codes = _codes(subject, task)
    rows = np.flatnonzero((codes != NOT_JUDGED).any(axis=1))
    disputed = rows[_differs(codes, subject.parts, rows)]
    groups = members(subject.parts[disputed], at_least=2)
    copied = set(rows[_differs(codes, same, rows)].tolist())
    conflicts = [
        _conflict(subject, task, codes, rows=disputed[group], copied=copied) for group in groups
    ]
    in_conflict = {conflict.cluster for conflict in conflicts}
    differing = {
        subject.table.clusters[row] for row in rows[_differs(codes, subject.clusters, rows)]
    }
    others = sorted(differing - in_conflict)
    return TaskConflicts(
        task=task.name,
        clusters=len(in_conflict),
        adverts=subject.counted(disputed),
        conflicts=tuple(sorted(conflicts, key=lambda one: (-one.adverts, one.part))),
        other_clusters=len(others),
        other_names=tuple(others),
    )


def _codes(subject: AuditedAdverts, task: Task) -> Ints:
    """Return the answers to a task, ``(N, questions)``: one label, or 0 and 1 for each signal."""
    if task.kind == "multi":
        return true_signals(subject.table.targets[task.name])
    return subject.labels(task)[:, None]


def _differs(codes: Ints, groups: Ints, rows: Ints) -> NDArray[np.bool_]:
    """Return which of ``rows`` are in a group with differing answers; ignore undecided ones."""
    size = int(groups.max(initial=0)) + 1
    found = np.zeros(size, bool)
    for answers in codes[rows].T:
        known = rows[answers != NOT_JUDGED]
        low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
        np.minimum.at(low, groups[known], answers[answers != NOT_JUDGED])
        np.maximum.at(high, groups[known], answers[answers != NOT_JUDGED])
        found |= low < high
    return np.asarray(found[groups[rows]])


def _conflict(
    subject: AuditedAdverts, task: Task, codes: Ints, *, rows: Ints, copied: set[int]
) -> Conflict:
    answers = [tuple(row) for row in codes[rows].tolist()]
    common, _ = min(Counter(answers).items(), key=lambda item: (-item[1], item[0]))
    minority = [row for row, answer in zip(rows.tolist(), answers, strict=True) if answer != common]
    return Conflict(
        part=subject.part_names[subject.parts[rows[0]]],
        cluster=subject.table.clusters[rows[0]],
        adverts=len(rows),
        labels=_label_counts(task, codes[rows]),
        copies=any(row in copied for row in rows.tolist()),
        minority_ids=tuple(sorted(subject.ids(minority))),
    )


def _label_counts(task: Task, codes: Ints) -> dict[str, int]:
    if task.kind != "multi":
        return ordered(Counter(task.labels[label] for label in codes[:, 0].tolist()))
    present, absent = (codes == 1).sum(axis=0), (codes == 0).sum(axis=0)
    disputed = np.flatnonzero((present > 0) & (absent > 0)).tolist()
    return ordered(Counter({task.labels[i]: int(present[i]) for i in disputed}))
