"""Metrics of predicted labels against true ones, under any number of weightings.

Shapes: N adverts, R weightings (resamples), L labels. All metrics are computed from a few sums for
each label, so a resample needs no full confusion matrix. Weights are whole numbers in float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adverts.arrays import Floats, Ints, Weights


class Decisions:
    """Predicted and true label of each advert."""

    def __init__(
        self,
        predicted: ArrayLike,
        labels: ArrayLike,
        num_labels: int,
        *,
        rows: Ints | None = None,
    ) -> None:
        """Group the adverts by label.

        Args:
            predicted: Shape ``(N,)``, label indices in ``[0, num_labels)``.
            labels: Shape ``(N,)``, true label indices in the same range.
            num_labels: Number of labels ``L``.
            rows: Column of each of these adverts in later weightings; None: their order here.

        Raises:
            ValueError: The shapes differ, or an index is out of range.
        """
        self.predicted = _checked(predicted, num_labels)
        self.labels = _checked(labels, num_labels)
        self.num_labels = num_labels
        if self.predicted.shape != self.labels.shape:
            raise ValueError(
                f"predicted and labels must be of one shape (N,), got {self.predicted.shape} "
                f"and {self.labels.shape}"
            )
        places = np.arange(len(self.labels)) if rows is None else rows
        distance = np.abs(self.predicted - self.labels)
        hit = distance == 0
        self._true = _GroupSums(self.labels, num_labels, places)
        self._said = _GroupSums(self.predicted, num_labels, places)
        self._correct = _GroupSums(self.labels[hit], num_labels, places[hit])
        self._cells = _GroupSums(self.labels * num_labels + distance, num_labels**2, places)

    def confusion(self) -> Ints:
        """Count adverts by true label (rows) and predicted label (columns), ``(L, L)``."""
        cells = self.labels * self.num_labels + self.predicted
        counts = np.bincount(cells, minlength=self.num_labels**2)
        return counts.reshape(self.num_labels, self.num_labels)

    def counts(self, weights_RN: Weights) -> tuple[Floats, Floats, Floats]:
        """Sum the weights of correct, predicted and true adverts of each label; each ``(R, L)``."""
        return self._correct(weights_RN), self._said(weights_RN), self._true(weights_RN)

    def macro_mae(self, weights_RN: Weights) -> Floats:
        """Return the mean over true labels of the mean distance in ranks, ``(R,)``.

        Source: Baccianella, Esuli, Sebastiani, "Evaluation measures for ordinal regression", 2009.
        """
        by_distance_RLD = self._distances(weights_RN)
        total = by_distance_RLD @ np.arange(self.num_labels, dtype=np.float64)
        return mean_of_defined(ratio(total, by_distance_RLD.sum(axis=2)))

    def quadratic_kappa(self, weights_RN: Weights) -> Floats:
        """Return Cohen's kappa with squared distances, ``(R,)``.

        1 is full agreement, 0 is chance. It is NaN where all true and predicted labels are the same
        one.

        Source: Cohen, "Weighted kappa", 1968.
        """
        true, said = self._true(weights_RN), self._said(weights_RN)
        ranks = np.arange(self.num_labels, dtype=np.float64)
        squared = (ranks[:, None] - ranks[None, :]) ** 2
        found = self._distances(weights_RN).sum(axis=1) @ ranks**2
        expected = ratio(np.einsum("rl,lm,rm->r", true, squared, said), true.sum(axis=1))
        return 1.0 - ratio(found, expected)

    def _distances(self, weights_RN: Weights) -> Floats:
        """Sum the weights by true label and distance of the predicted one, ``(R, L, L)``."""
        shape = (len(weights_RN), self.num_labels, self.num_labels)
        return self._cells(weights_RN).reshape(shape)


def accuracy(correct_RL: Floats, predicted_RL: Floats, true_RL: Floats) -> Floats:
    """Return the share of correct decisions, ``(R,)``; NaN without an advert."""
    del predicted_RL
    return ratio(correct_RL.sum(axis=1), true_RL.sum(axis=1))


def f1_by_label(correct_RL: Floats, predicted_RL: Floats, true_RL: Floats) -> Floats:
    """Return F1 of each label, ``(R, L)``; NaN for a label neither predicted nor true."""
    return ratio(2 * correct_RL, predicted_RL + true_RL)


def macro_f1(correct_RL: Floats, predicted_RL: Floats, true_RL: Floats) -> Floats:
    """Return the mean F1 over the labels that are predicted or true, ``(R,)``; NaN without any."""
    return mean_of_defined(f1_by_label(correct_RL, predicted_RL, true_RL))


def micro_f1(correct_RL: Floats, predicted_RL: Floats, true_RL: Floats) -> Floats:
    """Return F1 over the decisions of all labels together, ``(R,)``; NaN without any."""
    return ratio(2 * correct_RL.sum(axis=1), (predicted_RL + true_RL).sum(axis=1))


def mean_of_defined(values_RL: Floats) -> Floats:
    """Return the mean over the labels whose value is not NaN, ``(R,)``; NaN without any."""
    defined = ~np.isnan(values_RL)
    return ratio(np.where(defined, values_RL, 0.0).sum(axis=1), defined.sum(axis=1).astype(float))


def ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Return the quotient, and NaN where the denominator is 0."""
    empty = np.full(np.shape(numerator), np.nan)
    return np.asarray(np.divide(numerator, denominator, out=empty, where=denominator > 0))


class _GroupSums:
    """Sums of weights within groups of adverts."""

    def __init__(self, groups: Ints, num_groups: int, places: Ints) -> None:
        order = np.argsort(groups, kind="stable")
        self._places = places[order]
        self._present, self._starts = np.unique(groups[order], return_index=True)
        self._num_groups = num_groups

    def __call__(self, weights_RN: Weights) -> Floats:
        sums = np.zeros((len(weights_RN), self._num_groups))
        if len(self._present):
            in_order = weights_RN.take(self._places, axis=1)
            sums[:, self._present] = np.add.reduceat(in_order, self._starts, axis=1)
        return sums


def _checked(values: ArrayLike, num_labels: int) -> Ints:
    labels = np.asarray(values, dtype=np.int64)
    if labels.ndim != 1:
        raise ValueError(f"labels must be of shape (N,), got {labels.shape}")
    if len(labels) and not (labels.min() >= 0 and labels.max() < num_labels):
        raise ValueError(
            f"labels must be in [0, {num_labels}), got {labels.min()} to {labels.max()}"
        )
    return labels
