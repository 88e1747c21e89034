"""Metrics of an order: adverts sorted once, judged under any number of weightings.

Shapes: N adverts, R weightings (resamples), K distinct scores. A weight is how often an advert
counts; a weighting of ones gives the ordinary metric. Equal scores are one threshold: they are
flagged together or not at all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
_ROUNDING = 1e-9


class Ranking:
    """Binary labels in order of score."""

    def __init__(self, scores: ArrayLike, labels: ArrayLike) -> None:
        """Sort the adverts, highest score first.

        Args:
            scores: Shape ``(N,)``, any monotone score.
            labels: Shape ``(N,)``, true where the advert is positive.

        Raises:
            ValueError: The shapes differ, or a score is NaN.
        """
        self.scores = np.asarray(scores, dtype=np.float64)
        positive = np.asarray(labels, dtype=bool)
        if self.scores.ndim != 1 or self.scores.shape != positive.shape:
            raise ValueError(
                f"scores and labels must be of one shape (N,), got {self.scores.shape} "
                f"and {positive.shape}"
            )
        if np.isnan(self.scores).any():
            raise ValueError("a score is NaN")
        self._order = np.argsort(-self.scores, kind="stable")
        in_order = self.scores[self._order]
        self._is_positive = positive[self._order].astype(np.float64)
        ends = np.flatnonzero(np.diff(in_order) != 0)
        self._cuts = np.append(ends, len(in_order) - 1) if len(in_order) else ends
        self.thresholds = in_order[self._cuts]

    def __len__(self) -> int:
        """Number of adverts ``N``."""
        return len(self.scores)

    @property
    def ones(self) -> Floats:
        """The weighting in which every advert counts once, shape ``(1, N)``."""
        return np.ones((1, len(self)))

    def counts(self, weights_RN: Floats) -> tuple[Floats, Floats]:
        """Count true positives and flagged adverts at each threshold, both ``(R, K)``."""
        in_order = weights_RN[:, self._order]
        flagged = np.cumsum(in_order, axis=1)
        np.multiply(in_order, self._is_positive, out=in_order)
        true_positives = np.cumsum(in_order, axis=1, out=in_order)
        if len(self._cuts) < len(self):
            return true_positives[:, self._cuts], flagged[:, self._cuts]
        return true_positives, flagged


def average_precision(true_positives_RK: Floats, flagged_RK: Floats) -> Floats:
    """Return the average precision of each weighting, ``(R,)``; NaN without a positive.

    The sum over thresholds of the gain in recall times the precision there, not interpolated.

    Source: Zhu, "Recall, precision and average precision", 2004; the form of scikit-learn.
    """
    positives = _last(true_positives_RK)
    precision = _divide(true_positives_RK, flagged_RK)
    gain = np.diff(true_positives_RK, axis=1, prepend=0.0)
    return _ratio(np.einsum("rk,rk->r", gain, precision), positives)


def roc_auc(true_positives_RK: Floats, flagged_RK: Floats) -> Floats:
    """Return the chance that a positive outranks a negative, ties counting half, ``(R,)``.

    NaN where a weighting holds a single class.
    """
    false_positives = flagged_RK - true_positives_RK
    gain = np.diff(false_positives, axis=1, prepend=0.0)
    before = np.concatenate(
        [np.zeros((len(true_positives_RK), 1)), true_positives_RK[:, :-1]], axis=1
    )[:, : true_positives_RK.shape[1]]
    area = np.einsum("rk,rk->r", gain, (before + true_positives_RK) / 2)
    return _ratio(area, _last(true_positives_RK) * _last(false_positives))


def recall_at_precision(true_positives_RK: Floats, flagged_RK: Floats, precision: float) -> Floats:
    """Return the highest recall at a threshold of at least ``precision``, ``(R,)``.

    0.0 where no threshold is precise enough; NaN without a positive.
    """
    reached = true_positives_RK >= precision * flagged_RK - _ROUNDING
    best = np.where(reached, true_positives_RK, 0.0).max(axis=1, initial=0.0)
    return _ratio(best, _last(true_positives_RK))


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


def _last(counts_RK: Floats) -> Floats:
    return counts_RK[:, -1] if counts_RK.shape[1] else np.zeros(len(counts_RK))


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient, and 0 where both are 0."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator > 0)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient, and NaN where the denominator is 0."""
    empty = np.full_like(numerator, np.nan)
    return np.divide(numerator, denominator, out=empty, where=denominator > 0)
