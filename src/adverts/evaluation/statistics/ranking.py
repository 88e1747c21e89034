"""Ranking metrics of adverts that are sorted once and judged under any number of weightings.

Shapes: N adverts, R weightings (resamples), K thresholds. A weight is how often an advert counts:
a whole number, held in float32, where sums up to 16 million are exact. A weighting of ones gives
the ordinary metric. Equal scores are one threshold: they are flagged together or not at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adverts.arrays import Floats, Ints, Weights

_ROUNDING = 1e-9


class Ranking:
    """Binary labels in order of score.

    Only thresholds that can change a metric are kept: the last advert of each run of equal scores
    that holds a positive, or that comes just before such a run.
    """

    def __init__(self, scores: ArrayLike, labels: ArrayLike, rows: Ints | None = None) -> None:
        """Sort the adverts, highest score first.

        Args:
            scores: Shape ``(N,)``, any monotone score.
            labels: Shape ``(N,)``, true where the advert is positive.
            rows: Column of each of these adverts in later weightings; None: their order here.

        Raises:
            ValueError: The shapes differ, or a score is NaN.
        """
        score, positive = checked(scores, labels)
        order = np.argsort(-score, kind="stable")
        positive = positive[order]
        starts, has_positive = _runs(score[order], positive)
        self._order = order if rows is None else rows[order]
        self._starts = starts[_distinguishable(has_positive)] if len(starts) else starts
        self._positives = self._order[positive]
        # the segment of each positive; segments without one stay at zero
        segments = np.searchsorted(self._starts, np.flatnonzero(positive), side="right") - 1
        self._segments, self._firsts = np.unique(segments, return_index=True)

    def counts(self, weights_RN: Weights) -> tuple[Floats, Floats]:
        """Count true positives and flagged adverts at each threshold, both ``(R, K)``."""
        flagged = np.zeros((len(weights_RN), len(self._starts)))
        gained = np.zeros_like(flagged)
        if len(self._starts):
            in_order = weights_RN.take(self._order, axis=1)
            np.add.reduceat(in_order, self._starts, axis=1, out=flagged)
        if len(self._firsts):
            positives = weights_RN.take(self._positives, axis=1)
            gained[:, self._segments] = np.add.reduceat(positives, self._firsts, axis=1)
        np.cumsum(flagged, axis=1, out=flagged)
        np.cumsum(gained, axis=1, out=gained)
        return gained, flagged


def checked(scores: ArrayLike, labels: ArrayLike) -> tuple[Floats, NDArray[np.bool_]]:
    """Return scores and labels as arrays ``(N,)``.

    Raises:
        ValueError: The shapes differ, or a score is NaN.
    """
    score = np.asarray(scores, dtype=np.float64)
    positive = np.asarray(labels, dtype=bool)
    if score.ndim != 1 or score.shape != positive.shape:
        raise ValueError(
            f"scores and labels must be of one shape (N,), got {score.shape} and {positive.shape}"
        )
    if np.isnan(score).any():
        raise ValueError("a score is NaN")
    return score, positive


def average_precision(true_positives_RK: Floats, flagged_RK: Floats) -> Floats:
    """Return the average precision of each weighting, ``(R,)``; NaN without a positive.

    It is the sum over thresholds of the gain in recall times the precision there, not interpolated.

    Source: Zhu, "Recall, precision and average precision", 2004; in the form of scikit-learn.
    """
    precision = _divide(true_positives_RK, flagged_RK)
    gain = np.diff(true_positives_RK, axis=1, prepend=0.0)
    return _ratio(np.einsum("rk,rk->r", gain, precision), _last(true_positives_RK))


def average_precision_at_prevalence(
    true_positives_RK: Floats, flagged_RK: Floats, prevalence: float
) -> Floats:
    """Return the average precision if ``prevalence`` of the adverts were positive, ``(R,)``.

    Positives and negatives are weighted so that the positives are that share of all; recall and
    false-positive rate do not change. NaN without a positive or without a negative.
    """
    false_positives = flagged_RK - true_positives_RK
    odds = _ratio(_last(true_positives_RK), _last(false_positives)) * (1 - prevalence) / prevalence
    weighed = true_positives_RK + odds[:, None] * false_positives
    return average_precision(true_positives_RK, np.nan_to_num(weighed)) + 0.0 * odds


def roc_auc(true_positives_RK: Floats, flagged_RK: Floats) -> Floats:
    """Return the chance that a positive outranks a negative, ties counting half, ``(R,)``.

    NaN where a weighting holds a single class.
    """
    false_positives = flagged_RK - true_positives_RK
    step = np.diff(false_positives, axis=1, prepend=0.0)
    rise = np.diff(true_positives_RK, axis=1, prepend=0.0)
    area = np.einsum("rk,rk->r", step, true_positives_RK - rise / 2)
    return _ratio(area, _last(true_positives_RK) * _last(false_positives))


def recall_at_precision(true_positives_RK: Floats, flagged_RK: Floats, precision: float) -> Floats:
    """Return the highest recall of a threshold whose precision is at least ``precision``, ``(R,)``.

    0.0 where no threshold is precise enough; NaN without a positive.
    """
    reached = true_positives_RK >= precision * flagged_RK - _ROUNDING
    best = np.where(reached, true_positives_RK, 0.0).max(axis=1, initial=0.0)
    return _ratio(best, _last(true_positives_RK))


def recall_at_precision_at_prevalence(
    true_positives_RK: Floats, flagged_RK: Floats, precision: float, prevalence: float
) -> Floats:
    """Return the highest recall of a threshold with at least that precision in service, ``(R,)``.

    Positives and negatives are weighted so that the positives are the share ``prevalence``; recall
    and false-positive rate do not change. Equal scores are one threshold. 0.0 where no threshold is
    precise enough; NaN without a positive or without a negative.
    """
    false_positives = flagged_RK - true_positives_RK
    positives, negatives = _last(true_positives_RK), _last(false_positives)
    # found / positives * prevalence is the share of a stream that is correctly flagged
    right = true_positives_RK * negatives[:, None] * (prevalence * (1 - precision))
    wrong = false_positives * positives[:, None] * ((1 - prevalence) * precision)
    reached = right >= wrong * (1 - _ROUNDING)
    best = np.where(reached, true_positives_RK, 0.0).max(axis=1, initial=0.0)
    return np.where(negatives > 0, _ratio(best, positives), np.nan)


def precision_at_recall(true_positives_RK: Floats, flagged_RK: Floats, recall: float) -> Floats:
    """Return the highest precision of a threshold whose recall is at least ``recall``, ``(R,)``.

    NaN without a positive.
    """
    positives = _last(true_positives_RK)
    reached = true_positives_RK >= recall * positives[:, None] - _ROUNDING
    precision = _divide(true_positives_RK, flagged_RK)
    best = np.where(reached, precision, 0.0).max(axis=1, initial=0.0)
    return np.where(positives > 0, best, np.nan)


def precision_at_recalls(true_positives_RK: Floats, flagged_RK: Floats, recalls: Floats) -> Floats:
    """Return the precision at the first threshold that reaches each recall, ``(R, recalls)``.

    NaN without a positive.
    """
    found = np.full((len(true_positives_RK), len(recalls)), np.nan)
    for row, (true_positives, flagged) in enumerate(
        zip(true_positives_RK, flagged_RK, strict=True)
    ):
        if len(true_positives) and true_positives[-1] > 0:
            wanted = recalls * true_positives[-1] - _ROUNDING
            at = np.searchsorted(true_positives, np.maximum(wanted, _ROUNDING))
            found[row] = true_positives[at] / flagged[at]
    return found


def _runs(in_order: Floats, positive: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """Return where each run of equal scores starts, and whether it holds a positive."""
    starts = np.flatnonzero(np.diff(in_order, prepend=np.inf) != 0)
    if not len(starts):
        return starts, np.zeros(0, dtype=bool)
    return starts, np.logical_or.reduceat(positive, starts)


def _distinguishable(has_positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mark the runs that begin a segment: those with a positive, and those after one."""
    return np.asarray(has_positive | np.append(True, has_positive[:-1]))


def _last(counts_RK: Floats) -> Floats:
    return counts_RK[:, -1] if counts_RK.shape[1] else np.zeros(len(counts_RK))


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, and 0 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, and NaN where the denominator is 0."""
    empty = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=empty, where=denominator > 0)
