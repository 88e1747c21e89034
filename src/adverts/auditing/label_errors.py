"""Find labels that are probably wrong: tf-idf, fitted on other clusters, is sure of another one.

Source: Northcutt, Jiang, Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
Journal of Artificial Intelligence Research 70, 2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adverts.advert import Task
from adverts.arrays import Floats, Ints
from adverts.auditing.audited_adverts import AdvertCount, AuditedAdverts
from adverts.evaluation.truth import NOT_JUDGED


@dataclass(frozen=True, slots=True)
class LikelyError:
    """One label that is probably wrong.

    Attributes:
        id: Id of the advert.
        part: Name of the advert's part.
        given: The label that the advert has.
        likely: The label that tf-idf finds likeliest.
        quality: Probability of the given label, 0 to 1.
    """

    id: str
    part: str
    given: str
    likely: str
    quality: float


@dataclass(frozen=True, slots=True)
class TaskErrors:
    """The likely label errors of one task.

    Attributes:
        task: Name of the task.
        judged: Number of labelled adverts with something to read.
        found: Number of these whose label is probably wrong.
        errors: The likely errors, the worst first.
        accuracy: Share of judged labels that tf-idf finds likeliest; None if nothing is judged.
            If it is low, tf-idf is bad at the task, and its likely errors are less reliable.
        reason: Why no errors were looked for; otherwise None.
    """

    task: str
    judged: int
    found: AdvertCount
    errors: tuple[LikelyError, ...]
    accuracy: float | None
    reason: str | None = None


def find_label_errors(subject: AuditedAdverts, task: Task, said_NL: Floats) -> TaskErrors:
    """Find the likely errors of one task, the label of lowest probability first.

    Args:
        subject: The audited adverts.
        task: A ``single`` or ``ordinal`` task; levels count as labels.
        said_NL: Out-of-fold probabilities, ``(N, L)``; a row of NaN is not judged.
    """
    labels = subject.labels(task)
    rows = np.flatnonzero((labels != NOT_JUDGED) & ~np.isnan(said_NL).any(axis=1))
    carried, dense = np.unique(labels[rows], return_inverse=True)
    if len(carried) < 2:
        return nothing(subject, task, "adverts with text must have two labels or more")
    probabilities = said_NL[rows][:, carried]
    probabilities = probabilities / probabilities.sum(axis=1, keepdims=True)
    order, quality = _doubted(dense.astype(np.int64), probabilities)
    likeliest = probabilities.argmax(axis=1)
    errors = tuple(
        LikelyError(
            id=subject.table.ids[rows[i]],
            part=subject.part_names[subject.parts[rows[i]]],
            given=task.labels[carried[dense[i]]],
            likely=task.labels[carried[likeliest[i]]],
            quality=round(float(quality[i]), 4),
        )
        for i in order.tolist()
    )
    return TaskErrors(
        task=task.name,
        judged=len(rows),
        found=subject.counted(rows[order]),
        errors=errors,
        accuracy=round(float((likeliest == dense).mean()), 4),
    )


def nothing(subject: AuditedAdverts, task: Task, reason: str) -> TaskErrors:
    """Return an empty result for a task whose errors were not looked for, with the reason."""
    return TaskErrors(task.name, 0, subject.counted([]), (), None, reason)


def search_label_errors(
    subject: AuditedAdverts, said: Mapping[str, Floats]
) -> tuple[TaskErrors, ...]:
    """Return the likely errors of each task, in the order of the schema."""
    return tuple(
        find_label_errors(subject, task, said[task.name])
        if task.name in said
        else nothing(subject, task, _not_asked(task))
        for task in subject.schema.tasks
    )


def _not_asked(task: Task) -> str:
    if task.kind == "multi":
        return "tasks of kind multi are not checked"
    return "not checked; label_errors=all checks it"


def _doubted(labels: Ints, probabilities: Floats) -> tuple[Ints, Floats]:
    """Return the indices of labels in doubt, the worst first, and the quality of every label."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    quality = get_label_quality_scores(labels, probabilities, method="self_confidence")
    doubted = np.flatnonzero(find_label_issues(labels, probabilities, n_jobs=1))
    return doubted[np.argsort(quality[doubted], kind="stable")], np.asarray(quality, np.float64)
