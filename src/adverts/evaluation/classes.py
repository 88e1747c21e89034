"""Metrics of decisions: which label was said, which was true, under any number of weightings.

Shapes: N adverts, R weightings (resamples), L labels. Everything follows from a few sums for each
label, so a resample never needs its whole confusion matrix.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Decisions:
    """Predicted and true label of each advert."""

    def __init__(self, predicted: ArrayLike, labels: ArrayLike, num_labels: int) -> None:
        """Group the adverts by label.

        Args:
            predicted: Shape ``(N,)``, label indices in ``[0, num_labels)``.
            labels: Shape ``(N,)``, the same for the truth.
            num_labels: Number of labels ``L``.

        Raises:
            ValueError: The shapes differ, or an index is out of range.
        """
        self.predicted: Ints = np.asarray(predicted, dtype=np.int64)
        self.labels: Ints = np.asarray(labels, dtype=np.int64)
        self.num_labels = num_labels
        if self.labels.ndim != 1 or self.predicted.shape != self.labels.shape:
            raise ValueError(
                f"predicted and labels must be of one shape (N,), got {self.predicted.shape} "
                f"and {self.labels.shape}"
            )
        for values in (self.predicted, self.labels):
            if len(values) and not (values.min() >= 0 and values.max() < num_labels):
                raise ValueError(
                    f"labels must be in [0, {num_labels}), got {values.min()} to {values.max()}"
                )
        self._true = _GroupSums(self.labels, num_labels)
        self._said = _GroupSums(self.predicted, num_labels)
        self._hit = (self.predicted == self.labels).astype(np.float64)
        self._distance = np.abs(self.predicted - self.labels).astype(np.float64)

    @property
    def ones(self) -> Floats:
        """The weighting in which every advert counts once, shape ``(1, N)``."""
        return np.ones((1, len(self.labels)))

    def confusion(self) -> Ints:
        """Count adverts by true label (rows) and predicted label (columns), ``(L, L)``."""
        cells = self.labels * self.num_labels + self.predicted
        counts = np.bincount(cells, minlength=self.num_labels**2)
        return counts.reshape(self.num_labels, self.num_labels)

    def counts(self, weights_RN: Floats) -> tuple[Floats, Floats, Floats]:
        """Weigh, for each label, the correct, predicted and true adverts; each ``(R, L)``."""
        return (
            self._true(weights_RN * self._hit),
            self._said(weights_RN),
            self._true(weights_RN),
        )

    def accuracy(self, weights_RN: Floats) -> Floats:
        """Return the share of correct decisions, ``(R,)``; NaN without an advert."""
        return _ratio(weights_RN @ self._hit, weights_RN.sum(axis=1))

    def macro_mae(self, weights_RN: Floats) -> Floats:
        """Return the mean over true labels of the mean distance in ranks, ``(R,)``.

        Source: Baccianella, Esuli, Sebastiani, "Evaluation measures for ordinal regression", 2009.
        """
        true = self._true(weights_RN)
        return _mean_of_defined(_ratio(self._true(weights_RN * self._distance), true))

    def quadratic_kappa(self, weights_RN: Floats) -> Floats:
        """Return Cohen's kappa with squared distances, ``(R,)``.

        1 is agreement, 0 is chance; NaN where truth and prediction are one and the same label
        throughout.

        Source: Cohen, "Weighted kappa", 1968.
        """
        true, said = self._true(weights_RN), self._said(weights_RN)
        ranks = np.arange(self.num_labels, dtype=np.float64)
        squared = (ranks[:, None] - ranks[None, :]) ** 2
        total = weights_RN.sum(axis=1)
        expected = _ratio(np.einsum("rl,lm,rm->r", true, squared, said), total)
        return 1.0 - _ratio(weights_RN @ self._distance**2, expected)


def f1_by_label(correct_RL: Floats, predicted_RL: Floats, true_RL: Floats) -> Floats:
    """Return F1 of each label, ``(R, L)``; NaN for a label neither predicted nor true."""
    return _ratio(2 * correct_RL, predicted_RL + true_RL)


def macro_f1(correct_RL: Floats, predicted_RL: Floats, true_RL: Floats) -> Floats:
    """Return the mean F1 over the labels that are predicted or true, ``(R,)``; NaN without any."""
    return _mean_of_defined(f1_by_label(correct_RL, predicted_RL, true_RL))


class _GroupSums:
    """Sums of weights within groups of adverts."""

    def __init__(self, groups: Ints, num_groups: int) -> None:
        self._order = np.argsort(groups, kind="stable")
        self._present, self._starts = np.unique(groups[self._order], return_index=True)
        self._num_groups = num_groups

    def __call__(self, weights_RN: Floats) -> Floats:
        sums = np.zeros((len(weights_RN), self._num_groups))
        if len(self._present):
            in_order = weights_RN[:, self._order]
            sums[:, self._present] = np.add.reduceat(in_order, self._starts, axis=1)
        return sums


def _mean_of_defined(values_RL: Floats) -> Floats:
    defined = ~np.isnan(values_RL)
    return _ratio(np.where(defined, values_RL, 0.0).sum(axis=1), defined.sum(axis=1).astype(float))


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient, and NaN where the denominator is 0."""
    empty = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=empty, where=denominator > 0)
