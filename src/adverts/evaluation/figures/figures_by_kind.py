"""The figures that judge each kind of task, for any weighting of the adverts.

A figure set is a :class:`~adverts.evaluation.statistics.bootstrap.Statistic` that knows the names
of its figures. Adverts that are not judged (``-1``) have no weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Ints, Weights
from adverts.evaluation.statistics import classes, ranking
from adverts.evaluation.statistics.classes import Decisions
from adverts.evaluation.statistics.ranking import Ranking
from adverts.evaluation.statistics.stated_probabilities import (
    BRIER,
    CALIBRATION_ERROR,
    ERROR_AT_TOP,
    LOG_LOSS,
    StatedFigures,
)
from adverts.evaluation.truth import NOT_JUDGED, Judged, predicted_labels

AVERAGE_PRECISION = "average_precision"
AVERAGE_PRECISION_AT_PREVALENCE = "average_precision_at_prevalence"
ROC_AUC = "roc_auc"
RECALL_AT_PRECISION = "recall_at_precision"
RECALL_AT_PRECISION_AT_PREVALENCE = "recall_at_precision_at_prevalence"
PRECISION_AT_RECALL = "precision_at_recall"
MACRO_F1 = "macro_f1"
MICRO_F1 = "micro_f1"
ACCURACY = "accuracy"
MEAN_AVERAGE_PRECISION = "mean_average_precision"
MACRO_MAE = "macro_mae"
QUADRATIC_KAPPA = "quadratic_kappa"
SIGNAL_THRESHOLD = 0.5
LOWER_IS_BETTER = frozenset({MACRO_MAE, BRIER, LOG_LOSS, CALIBRATION_ERROR, ERROR_AT_TOP})
INFLATED = frozenset({CALIBRATION_ERROR, ERROR_AT_TOP})
"""Figures that resampling inflates, see ``bootstrap.inflated_estimate``."""


def primary_figure(task: Task) -> str:
    """Return the name of the main figure in slices and comparisons of ``task``."""
    if task.kind == "multi":
        return MEAN_AVERAGE_PRECISION
    if task.kind == "ordinal":
        return QUADRATIC_KAPPA
    return MACRO_F1 if task.positive_index is None else AVERAGE_PRECISION


class FigureSet:
    """All figures of one model on one task; a statistic over all ``N`` adverts.

    Attributes:
        names: Name of each figure, in the order of the columns.
    """

    def __init__(
        self,
        judged: Judged,
        probabilities_NL: Floats,
        *,
        precision: float,
        recall: float | None = None,
        prevalence: float | None = None,
        in_service: float | None = None,
        rows: Ints | None = None,
        unreadable: Bools | None = None,
    ) -> None:
        """Prepare the figures.

        Args:
            judged: True labels of the adverts.
            probabilities_NL: Predicted probabilities, ``(N, L)``.
            precision: The precision at which recall is measured.
            recall: The recall at which precision is measured; None: it is not.
            prevalence: Share of the positive label at which average precision, and recall at the
                precision, are also measured; None: they are not.
            in_service: Share of the positive label at which probabilities are judged; None: that of
                these adverts.
            rows: Judge these adverts alone; None: all that are judged.
            unreadable: Adverts that the model cannot read, ``(N,)``, and so gives no probability.
                Only the figures of probabilities leave them out: Brier score, log loss and its
                skill, calibration errors. None: it reads all adverts.
        """
        kept = judged.rows if rows is None else np.intersect1d(judged.rows, rows)
        self._at = at = _Asked(precision, recall, prevalence, in_service)
        stated = kept if unreadable is None else kept[~unreadable[kept]]
        self._parts = _parts(judged, probabilities_NL, kept, at, stated_of=stated)
        self.names = tuple(name for part in self._parts for name in part.names)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return every figure of each weighting, ``(R, figures)``."""
        return np.concatenate([part(weights_RN) for part in self._parts], axis=1)

    def same_of(self, judged: Judged, probabilities_NL: Floats) -> FigureSet:
        """Return the same figures, with the same settings, for other adverts."""
        at = self._at
        return FigureSet(
            judged,
            probabilities_NL,
            precision=at.precision,
            recall=at.recall,
            prevalence=at.prevalence,
            in_service=at.in_service,
        )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The points of its curve at which a queue is judged."""

    precision: float
    recall: float | None
    prevalence: float | None
    in_service: float | None


class _QueueFigures:
    """How well the probability of one label orders the adverts."""

    def __init__(self, order: Ranking, at: _Asked) -> None:
        self._ranking, self._at = order, at
        names = {
            AVERAGE_PRECISION: True,
            AVERAGE_PRECISION_AT_PREVALENCE: at.prevalence is not None,
            ROC_AUC: True,
            RECALL_AT_PRECISION: True,
            RECALL_AT_PRECISION_AT_PREVALENCE: at.prevalence is not None,
            PRECISION_AT_RECALL: at.recall is not None,
        }
        self.names = tuple(name for name, asked in names.items() if asked)

    def __call__(self, weights_RN: Weights) -> Floats:
        counts, at = self._ranking.counts(weights_RN), self._at
        found = [ranking.average_precision(*counts)]
        if at.prevalence is not None:
            found.append(ranking.average_precision_at_prevalence(*counts, at.prevalence))
        found.append(ranking.roc_auc(*counts))
        found.append(ranking.recall_at_precision(*counts, at.precision))
        if at.prevalence is not None:
            there = (*counts, at.precision, at.prevalence)
            found.append(ranking.recall_at_precision_at_prevalence(*there))
        if at.recall is not None:
            found.append(ranking.precision_at_recall(*counts, at.recall))
        return np.stack(found, axis=1)


class _ClassFigures:
    """How often the likeliest label is right."""

    names = (MACRO_F1, ACCURACY)

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    def __call__(self, weights_RN: Weights) -> Floats:
        counts = self._decisions.counts(weights_RN)
        return np.stack([classes.macro_f1(*counts), classes.accuracy(*counts)], axis=1)


class _LevelFigures:
    """How far the predicted level is from the true one, and how often it is right."""

    names = (QUADRATIC_KAPPA, MACRO_MAE, MACRO_F1)

    def __init__(self, decisions: Decisions) -> None:
        self._decisions = decisions

    def __call__(self, weights_RN: Weights) -> Floats:
        decisions = self._decisions
        return np.stack(
            [
                decisions.quadratic_kappa(weights_RN),
                decisions.macro_mae(weights_RN),
                classes.macro_f1(*decisions.counts(weights_RN)),
            ],
            axis=1,
        )


class _SignalFigures:
    """Macro and micro F1 of the signals, each predicted from a probability of 0.5 on.

    A signal that is neither predicted nor true for any advert does not count in the macro F1.
    """

    names = (MACRO_F1, MICRO_F1)

    def __init__(self, task: Task, scores_NL: Floats, labels_NL: Ints, rows: Ints) -> None:
        self._signals = []
        for label in range(task.num_labels):
            known = labels_NL[:, label] != NOT_JUDGED
            said = scores_NL[known, label] >= SIGNAL_THRESHOLD
            self._signals.append(Decisions(said, labels_NL[known, label], 2, rows=rows[known]))

    def __call__(self, weights_RN: Weights) -> Floats:
        counts_3RS = np.stack([one.counts(weights_RN) for one in self._signals], axis=2)[..., 1]
        macro = classes.macro_f1(*counts_3RS)
        return np.stack([macro, classes.micro_f1(*counts_3RS)], axis=1)


class _LabelFigures:
    """Average precision of each label against the rest, their mean, and the mean ROC-AUC.

    The means are over the labels that have both a positive and a negative advert. In a resample
    without one of them, the mean is over the remaining labels.
    """

    def __init__(self, task: Task, scores_NL: Floats, labels_NL: Ints, rows: Ints) -> None:
        self._rankings: list[tuple[int, Ranking]] = []
        for label in range(task.num_labels):
            truth = labels_NL[:, label]
            known = truth != NOT_JUDGED
            if (truth == 1).any() and (truth == 0).any():
                order = Ranking(scores_NL[known, label], truth[known] == 1, rows[known])
                self._rankings.append((label, order))
        self._num_labels = task.num_labels
        self.names = (
            MEAN_AVERAGE_PRECISION,
            ROC_AUC,
            *(f"{AVERAGE_PRECISION}.{label}" for label in task.labels),
        )

    def __call__(self, weights_RN: Weights) -> Floats:
        by_label, areas = np.full((2, len(weights_RN), self._num_labels), np.nan)
        for label, order in self._rankings:
            counts = order.counts(weights_RN)
            by_label[:, label] = ranking.average_precision(*counts)
            areas[:, label] = ranking.roc_auc(*counts)
        means = [classes.mean_of_defined(values)[:, None] for values in (by_label, areas)]
        return np.concatenate([*means, by_label], axis=1)


_Part = _QueueFigures | _ClassFigures | _LevelFigures | _SignalFigures | _LabelFigures
_Parts = Sequence[_Part | StatedFigures]


def _parts(
    judged: Judged, probabilities_NL: Floats, rows: Ints, at: _Asked, *, stated_of: Ints
) -> _Parts:
    task, labels, said = judged.task, judged.labels[rows], probabilities_NL[rows]
    has_queue = task.kind == "single" and task.positive_index is not None
    share = at.in_service if has_queue else None
    stated = StatedFigures(
        task,
        probabilities_NL[stated_of],
        judged.labels[stated_of],
        stated_of,
        prevalence=share,
    )
    if task.kind == "multi":
        by_label = _LabelFigures(task, said, labels, rows)
        return (by_label, _SignalFigures(task, said, labels, rows), stated)
    decisions = Decisions(predicted_labels(task, said), labels, task.num_labels, rows=rows)
    if task.kind == "ordinal":
        return (_LevelFigures(decisions), stated)
    positive = task.positive_index
    if positive is not None:
        order = Ranking(said[:, positive], labels == positive, rows)
        return (_QueueFigures(order, at), _ClassFigures(decisions), stated)
    one_hot = (labels[:, None] == np.arange(task.num_labels)).astype(np.int64)
    return (_ClassFigures(decisions), _LabelFigures(task, said, one_hot, rows), stated)


def label_shares(judged: Judged) -> Floats:
    """Return the probabilities of the majority-class model, ``(N, L)``: the same row for all.

    Each row holds the share of each label among the judged adverts, so the likeliest label is the
    majority class. All scores are equal, so the average precision is the prevalence.
    """
    labels = judged.labels[judged.rows]
    if judged.task.kind == "multi":
        known = (labels != NOT_JUDGED).sum(axis=0)
        shares = (labels == 1).sum(axis=0) / np.maximum(known, 1)
    else:
        counts = np.bincount(labels, minlength=judged.task.num_labels)
        shares = counts / max(len(labels), 1)
    return np.tile(shares, (len(judged.labels), 1))
