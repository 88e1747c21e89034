"""From target weights to the labels that an advert is judged by.

``-1`` stands for "not judged": no label, or annotators evenly split.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task

Targets = NDArray[np.float32] | NDArray[np.float64]
Ints = NDArray[np.int64]
NOT_JUDGED = -1
_TIE = 1e-6


def true_labels(task: Task, targets_NL: Targets) -> Ints:
    """Return the label of each advert for a ``single`` or ``ordinal`` task, ``(N,)``.

    For ``single`` it is the label of most weight; where two share it, there is no right answer and
    the advert is not judged. For ``ordinal`` it is the (lower) median level.

    Args:
        task: Says the kind.
        targets_NL: Weights, ``(N, L)``; a row of NaN has no label.
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


def true_signals(targets_NL: Targets) -> Ints:
    """Return 1, 0 or -1 for each advert and signal of a ``multi`` task, ``(N, L)``.

    A signal is there when more than half of the annotators saw it; at exactly half, or without an
    annotator, it is not judged.
    """
    undecided = np.isnan(targets_NL) | (np.abs(targets_NL - 0.5) < _TIE)
    return np.where(undecided, NOT_JUDGED, (targets_NL > 0.5).astype(np.int64))


def predicted_labels(task: Task, probabilities_NL: NDArray[np.float64]) -> Ints:
    """Return the label a model decides for, ``(N,)``: the likeliest, or the median level.

    The first of equally likely labels is taken.
    """
    if task.kind == "ordinal":
        return median_levels(probabilities_NL)
    return np.asarray(probabilities_NL.argmax(axis=1), dtype=np.int64)


def median_levels(weights_NL: NDArray[np.floating]) -> Ints:
    """Return the first level at which half of the weight is reached, ``(N,)``."""
    reached = np.cumsum(weights_NL, axis=1, dtype=np.float64)
    half = reached[:, -1:] / 2 - _TIE
    return np.asarray((reached >= half).argmax(axis=1), dtype=np.int64)


def label_truth(task: Task, targets_NL: Targets, label: str) -> Ints:
    """Return whether each advert holds a label: 1, 0 or -1 for not judged, ``(N,)``.

    For ``ordinal`` it holds a level when its own is that or a higher one.
    """
    place = task.labels.index(label)
    if task.kind == "multi":
        return true_signals(targets_NL)[:, place]
    labels = true_labels(task, targets_NL)
    holds = labels >= place if task.kind == "ordinal" else labels == place
    return np.where(labels == NOT_JUDGED, NOT_JUDGED, holds.astype(np.int64))
