"""The metrics of one evaluation set, as plain functions of arrays.

A metric that the adverts cannot decide (no advert, a single class) is NaN, never 0 or 1: 0 would
read as failure and 1 as success where nothing was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adverts.evaluation import classes, ranking
from adverts.evaluation.classes import Decisions
from adverts.evaluation.ranking import Ranking

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """Return the average precision of ``scores`` ``(N,)`` for binary ``labels`` ``(N,)``.

    Not interpolated; equal scores are one threshold, so constant scores give the prevalence.
    NaN without a positive advert.

    Raises:
        ValueError: The shapes differ, or a score is NaN.
    """
    counts = Ranking(scores, labels).counts(_ones(scores))
    return float(ranking.average_precision(*counts)[0])


def roc_auc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Return the area under the ROC curve; ties count half; NaN where one class is absent.

    Raises:
        ValueError: The shapes differ, or a score is NaN.
    """
    counts = Ranking(scores, labels).counts(_ones(scores))
    return float(ranking.roc_auc(*counts)[0])


def recall_at_precision(scores: ArrayLike, labels: ArrayLike, precision: float) -> float:
    """Return the highest recall of a threshold whose precision is at least ``precision``.

    0.0 where no threshold is precise enough; NaN without a positive advert.

    Raises:
        ValueError: The shapes differ, a score is NaN, or ``precision`` is not in (0, 1].
    """
    if not 0 < precision <= 1:
        raise ValueError(f"precision must be in (0, 1], got {precision}")
    counts = Ranking(scores, labels).counts(_ones(scores))
    return float(ranking.recall_at_precision(*counts, precision)[0])


def macro_f1(predicted: ArrayLike, labels: ArrayLike, num_labels: int) -> float:
    """Return the mean F1 over the labels that are predicted or true; NaN without an advert.

    Args:
        predicted: Shape ``(N,)``, label indices.
        labels: Shape ``(N,)``, true label indices.
        num_labels: Number of labels of the task; those that never occur do not count.

    Raises:
        ValueError: The shapes differ, or an index is out of range.
    """
    counts = Decisions(predicted, labels, num_labels).counts(_ones(labels))
    return float(classes.macro_f1(*counts)[0])


def accuracy(predicted: ArrayLike, labels: ArrayLike, num_labels: int) -> float:
    """Return the share of correct labels; NaN without an advert.

    Raises:
        ValueError: The shapes differ, or an index is out of range.
    """
    counts = Decisions(predicted, labels, num_labels).counts(_ones(labels))
    return float(classes.accuracy(*counts)[0])


def confusion(predicted: ArrayLike, labels: ArrayLike, num_labels: int) -> Ints:
    """Count adverts by true label (rows) and predicted label (columns), ``(L, L)``.

    Raises:
        ValueError: The shapes differ, or an index is out of range.
    """
    return Decisions(predicted, labels, num_labels).confusion()


def brier(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return the mean squared error of binary probabilities ``(N,)``; NaN without an advert.

    Raises:
        ValueError: The shapes differ.

    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950.
    """
    chance, truth = _binary(probabilities, labels)
    return float(((chance - truth) ** 2).mean()) if len(chance) else float("nan")


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Adverts of similar probability.

    Attributes:
        mean_probability: What the model says of them.
        positive_share: What is true of them.
        count: How many they are.
    """

    mean_probability: float
    positive_share: float
    count: int


def reliability(
    probabilities: ArrayLike, labels: ArrayLike, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Compare stated and true probability in bins of about equally many adverts.

    Equal probabilities are never parted, so there may be fewer bins than asked for, and none
    without an advert.

    Raises:
        ValueError: The shapes differ, or ``bins`` is below 1.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    chance, truth = _binary(probabilities, labels)
    order = np.argsort(chance, kind="stable")
    chance, truth = chance[order], truth[order]
    wanted = (np.arange(1, bins) * len(chance)) // bins
    starts = np.unique(np.searchsorted(chance, chance[wanted])) if len(chance) else wanted[:0]
    pairs = zip(np.split(chance, starts), np.split(truth, starts), strict=True)
    return tuple(
        ReliabilityBin(float(said.mean()), float(true.mean()), len(said))
        for said, true in pairs
        if len(said)
    )


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """Return the mean gap between stated and true probability over the bins, in [0, 1].

    NaN without a bin.

    Source: Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities", 2015.
    """
    total = sum(one.count for one in bins)
    if not total:
        return float("nan")
    gaps = (abs(one.mean_probability - one.positive_share) * one.count for one in bins)
    return sum(gaps) / total


def _ones(adverts: ArrayLike) -> NDArray[np.float32]:
    """Return the weighting in which every advert counts once, ``(1, N)``."""
    return np.ones((1, len(np.asarray(adverts))), dtype=np.float32)


def _binary(probabilities: ArrayLike, labels: ArrayLike) -> tuple[Floats, Floats]:
    chance = np.asarray(probabilities, dtype=np.float64)
    truth = np.asarray(labels, dtype=bool).astype(np.float64)
    if chance.ndim != 1 or chance.shape != truth.shape:
        raise ValueError(f"expected two equal shapes (N,), got {chance.shape} and {truth.shape}")
    return chance, truth
