"""The figures by which a training chooses and describes a model, from its logits.

Shapes: N adverts, K logits, L labels.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Logits
from adverts.evaluation.figures.figures_by_kind import SIGNAL_THRESHOLD
from adverts.evaluation.statistics import metrics
from adverts.evaluation.truth import NOT_JUDGED, predicted_labels, true_labels, true_signals
from adverts.runtime.rules.probabilities import probabilities
from adverts.training.branch_lines import Labels
from adverts.training.task_loss import TaskLoss, loss_of


def unseen_figures(
    logits: Logits, labels: Labels, task: Task, loss: Sequence[TaskLoss]
) -> dict[str, float]:
    """Return the figures of :func:`figures_of` on validation, without any: out of fold on training.

    Args:
        logits: Logits of adverts that the model did not learn from, ``(N, K)`` by task: first those
            of training adverts by models of the other folds, then those of validation adverts.
        labels: Labels of the same adverts.
        task: Task whose figures are computed.
        loss: The loss of each task.
    """
    count, train = len(labels.clusters), labels.train
    rows = np.arange(train, count)
    part = labels.held_out
    if train == count:
        rows, part = np.setdiff1d(np.arange(train), labels.copies), labels.own
    said = {name: np.nan_to_num(x_NK[rows]) for name, x_NK in logits.items()}
    return figures_of(said, part, task, loss)


def figures_of(
    logits: Logits, labels: Labels, task: Task, loss: Sequence[TaskLoss]
) -> dict[str, float]:
    """Return ``loss`` (mean over adverts, in nats), ``average_precision`` and ``macro_f1``.

    ``logits`` maps each task name to an array ``(N, K)``; the latter two figures are of ``task``.
    """
    mean = loss_of(loss, logits, labels.targets) / max(1, len(labels.clusters))
    return {"loss": mean, **headline_figures(task, logits[task.name], labels.targets[task.name])}


def headline_figures(
    task: Task, logits_NK: NDArray[np.float32], targets_NL: NDArray[np.float32]
) -> dict[str, float]:
    """Return ``average_precision`` and ``macro_f1`` of one task; NaN where nothing can be judged.

    For a ``single`` task with a positive label, ``average_precision`` is that of this label.
    Otherwise it is the mean over the yes-or-no questions that have both answers: each label against
    the rest, each signal, or for ``ordinal`` "is the level above k?". In a ``multi`` task, a signal
    counts as predicted from 0.5 on.
    """
    probabilities_NL = probabilities(task, logits_NK)
    if task.kind == "multi":
        signals_NL = true_signals(targets_NL)
        f1 = [
            _signal_f1(scores >= SIGNAL_THRESHOLD, truth)
            for scores, truth in zip(probabilities_NL.T, signals_NL.T, strict=True)
        ]
        return {
            "average_precision": _mean_average_precision(probabilities_NL, signals_NL),
            "macro_f1": _mean_of_defined(f1),
        }
    labels_N = true_labels(task, targets_NL)
    judged = np.flatnonzero(labels_N != NOT_JUDGED)
    labels_N, probabilities_NL = labels_N[judged], probabilities_NL[judged]
    scores, truth = _questions(task, probabilities_NL, labels_N)
    predicted_N = predicted_labels(task, probabilities_NL)
    return {
        "average_precision": _mean_average_precision(scores, truth),
        "macro_f1": metrics.macro_f1(predicted_N, labels_N, task.num_labels),
    }


def _questions(
    task: Task, probabilities_NL: Floats, labels_N: NDArray[np.int64]
) -> tuple[Floats, NDArray[np.int64]]:
    """Return scores and true answers ``(N, Q)`` of the yes-or-no questions of a task."""
    positive = task.positive_index
    if task.kind == "ordinal":
        above_NQ = probabilities_NL[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:]
        return above_NQ, (labels_N[:, None] > np.arange(task.num_labels - 1)).astype(np.int64)
    truth_NL = (labels_N[:, None] == np.arange(task.num_labels)).astype(np.int64)
    if positive is None:
        return probabilities_NL, truth_NL
    chosen = slice(positive, positive + 1)
    return probabilities_NL[:, chosen], truth_NL[:, chosen]


def _mean_average_precision(scores_NQ: Floats, truth_NQ: NDArray[np.int64]) -> float:
    values = []
    for scores, truth in zip(scores_NQ.T, truth_NQ.T, strict=True):
        known = truth != NOT_JUDGED
        both = {0, 1} <= set(truth[known].tolist())
        if both:
            values.append(metrics.average_precision(scores[known], truth[known]))
    return _mean_of_defined(values)


def _signal_f1(predicted: NDArray[np.bool_], truth: NDArray[np.int64]) -> float:
    known = truth != NOT_JUDGED
    hits = int((predicted & (truth == 1)).sum())
    total = int((predicted & known).sum()) + int((truth == 1).sum())
    return 2 * hits / total if total else float("nan")


def _mean_of_defined(values: list[float]) -> float:
    defined = [value for value in values if not np.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")
