"""Turn target weights into true labels, and put them in the order of a model's labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools, Ints, Targets
from adverts.errors import InputError

TargetArray = NDArray[np.float32] | NDArray[np.float64]
NOT_JUDGED = -1
_TIE = 1e-6


def true_labels(task: Task, targets_NL: TargetArray) -> Ints:
    """Return the label of each advert for a ``single`` or ``ordinal`` task, ``(N,)``.

    For ``single`` it is the label with the most weight. Where two labels share the most weight, the
    advert is not judged. For ``ordinal`` it is the (lower) median level.

    Args:
        task: The task; its kind decides which rule applies.
        targets_NL: Target weights, ``(N, L)``; a row with NaN has no label.
    """
    labelled = np.asarray(~np.isnan(targets_NL).any(axis=1))
    weights = np.where(labelled[:, None], targets_NL, 0.0)
    if task.kind == "ordinal":
        return np.where(labelled, median_levels(weights), NOT_JUDGED)
    if task.num_labels == 1:
        return np.where(labelled, 0, NOT_JUDGED)
    second, first = np.sort(weights, axis=1)[:, -2:].T
    decided = labelled & (first - second > _TIE)
    return np.where(decided, weights.argmax(axis=1), NOT_JUDGED)


def true_signals(targets_NL: TargetArray) -> Ints:
    """Return 1, 0 or -1 for each advert and signal of a ``multi`` task, ``(N, L)``.

    A signal is present (1) when more than half of the annotators saw it. At exactly half, or
    without an annotator, it is not judged (-1).
    """
    undecided = np.isnan(targets_NL) | (np.abs(targets_NL - 0.5) < _TIE)
    return np.where(undecided, NOT_JUDGED, (targets_NL > 0.5).astype(np.int64))


def predicted_labels(task: Task, probabilities_NL: NDArray[np.float64]) -> Ints:
    """Return the label that a model predicts for each advert, ``(N,)``.

    It is the median level for ``ordinal``, otherwise the first of the likeliest labels.
    """
    if task.kind == "ordinal":
        return median_levels(probabilities_NL)
    return np.asarray(probabilities_NL.argmax(axis=1), dtype=np.int64)


def median_levels(weights_NL: NDArray[np.floating]) -> Ints:
    """Return the first level at which half of the weight is reached, ``(N,)``."""
    reached = np.cumsum(weights_NL, axis=1, dtype=np.float64)
    half = reached[:, -1:] / 2 - _TIE
    return np.asarray((reached >= half).argmax(axis=1), dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """True labels of one task for ``N`` adverts.

    Attributes:
        task: The task.
        labels: ``(N,)`` label indices, or ``(N, L)`` of 0 and 1 for ``multi``; -1 is not judged.
        rows: Indices of the adverts with at least one judged label.
    """

    task: Task
    labels: Ints
    rows: Ints


def judged_where(judged: Judged, kept: Bools) -> Judged:
    """Return the true labels with only the judged adverts that ``kept`` ``(N,)`` marks."""
    return replace(judged, rows=judged.rows[kept[judged.rows]])


def judge(task: Task, targets_NL: TargetArray) -> Judged:
    """Return the true labels of ``task`` that target weights ``(N, L)`` give."""
    if task.kind == "multi":
        labels = true_signals(targets_NL)
        return Judged(task, labels, np.flatnonzero((labels != NOT_JUDGED).any(axis=1)))
    labels = true_labels(task, targets_NL)
    return Judged(task, labels, np.flatnonzero(labels != NOT_JUDGED))


def label_truth(task: Task, targets_NL: TargetArray, label: str) -> Ints:
    """Return whether each advert has a label: 1, 0, or -1 for not judged, ``(N,)``.

    An advert of an ``ordinal`` task has a level when its own level is that one or higher.
    """
    place = task.labels.index(label)
    if task.kind == "multi":
        return true_signals(targets_NL)[:, place]
    labels = true_labels(task, targets_NL)
    holds = labels >= place if task.kind == "ordinal" else labels == place
    return np.where(labels == NOT_JUDGED, NOT_JUDGED, holds.astype(np.int64))


def align_targets(
    asked: Sequence[Task], answered: Sequence[Task], targets: Targets
) -> dict[str, NDArray[np.float32]]:
    """Return the targets of the tasks that a model answers, in the model's order of labels.

    Tasks without a labelled advert are left out, as are tasks that the model does not answer. A
    label of the model that the dataset lacks has weight 0; for ``multi`` it is not judged.

    Args:
        asked: The tasks of the dataset.
        answered: The tasks of the model.
        targets: Maps each task name to targets ``(N, L)``, in the dataset's order of labels.

    Raises:
        InputError: A task has another kind in the model, its levels are in another order, or an
            advert has a label that the model does not know.
    """
    known = {task.name: task for task in asked}
    aligned = {}
    for task in answered:
        if task.name not in known or np.isnan(targets[task.name]).all():
            continue
        aligned[task.name] = _align(known[task.name], task, targets[task.name])
    return aligned


def unjudged_where(left_out: NDArray[np.bool_], targets: Targets) -> dict[str, NDArray[np.float32]]:
    """Return targets without the labels of ``left_out`` ``(N,)``; unlabelled tasks are dropped."""
    kept = {
        name: np.where(left_out[:, None], np.float32(np.nan), values_NL)
        for name, values_NL in targets.items()
    }
    return {name: values_NL for name, values_NL in kept.items() if not np.isnan(values_NL).all()}


def _align(asked: Task, answered: Task, targets_NL: NDArray[np.float32]) -> NDArray[np.float32]:
    if asked.kind != answered.kind:
        raise InputError(
            f"task {asked.name!r} is {asked.kind} in the dataset and {answered.kind} in the model; "
            "prepare the dataset with the tasks that the model was trained on"
        )
    _check_labels(asked, answered, targets_NL)
    labelled = ~np.isnan(targets_NL).all(axis=1)
    aligned = np.full((len(targets_NL), answered.num_labels), np.nan, dtype=np.float32)
    if answered.kind != "multi":
        aligned[labelled] = 0.0
    for column, label in enumerate(asked.labels):
        if label in answered.labels:
            place = answered.labels.index(label)
            aligned[labelled, place] = targets_NL[labelled, column]
    return aligned


def _check_labels(asked: Task, answered: Task, targets_NL: NDArray[np.float32]) -> None:
    for column, label in enumerate(asked.labels):
        adverts = int((np.nan_to_num(targets_NL[:, column]) > 0).sum())
        if label not in answered.labels and adverts:
            raise InputError(
                f"task {asked.name!r}: {adverts} adverts have the label {label!r}, which the model "
                f"does not know; it knows {', '.join(answered.labels)}. Map or mask that label in "
                "the data config and prepare again"
            )
    common = [label for label in asked.labels if label in answered.labels]
    ranks = [answered.labels.index(label) for label in common]
    if answered.kind == "ordinal" and ranks != sorted(ranks):
        raise InputError(
            f"task {asked.name!r}: the levels are in another order, {', '.join(asked.labels)} here "
            f"and {', '.join(answered.labels)} in the model; prepare with the order of the model"
        )
