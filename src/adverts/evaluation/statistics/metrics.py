"""Metrics of one evaluation set, as plain functions of arrays.

An undefined metric (no advert, a single class) is NaN, never 0 or 1. These would read as failure or
success where nothing was measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from adverts.arrays import Floats, Ints
from adverts.evaluation.statistics import classes, ranking
from adverts.evaluation.statistics.classes import Decisions
from adverts.evaluation.statistics.ranking import Ranking


def average_precision(scores: ArrayLike, labels: ArrayLike) -> float:
    """Return the average precision of ``scores`` ``(N,)`` for binary ``labels`` ``(N,)``.

    Not interpolated; equal scores are one threshold, so constant scores give the prevalence.
    NaN without a positive advert.

    Raises:
        ValueError: The shapes differ, or a score is NaN.
    """
    counts = Ranking(scores, labels).counts(_ones(scores))
    return float(ranking.average_precision(*counts)[0])


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
        predicted: Shape ``(N,)``, predicted label indices.
        labels: Shape ``(N,)``, true label indices.
        num_labels: Number of labels of the task; those that never occur do not count.

    Raises:
        ValueError: The shapes differ, or an index is out of range.
    """
    counts = Decisions(predicted, labels, num_labels).counts(_ones(labels))
    return float(classes.macro_f1(*counts)[0])


def brier(probabilities: ArrayLike, labels: ArrayLike) -> float:
    """Return the mean squared error of binary probabilities ``(N,)``; NaN without an advert.

    Raises:
        ValueError: The shapes differ.

    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950.
    """
    chance, truth = _binary(probabilities, labels)
    return float(((chance - truth) ** 2).mean()) if len(chance) else float("nan")


def negative_log(probability: Floats) -> Floats:
    """Return ``-log`` of probabilities, kept away from 0 and 1 by the smallest step of float64."""
    step = np.finfo(np.float64).eps
    return np.asarray(-np.log(np.clip(probability, step, 1 - step)))


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Adverts of similar predicted probability.

    Attributes:
        mean_probability: Mean predicted probability of the adverts.
        positive_share: Share of the adverts that are positive.
        count: Number of adverts.
    """

    mean_probability: float
    positive_share: float
    count: int


def reliability(
    probabilities: ArrayLike, labels: ArrayLike, bins: int = 10
) -> tuple[ReliabilityBin, ...]:
    """Compare predicted and true probability in bins of about equally many adverts.

    Equal probabilities share a bin, so there may be fewer bins than asked for. There is none
    without an advert.

    Raises:
        ValueError: The shapes differ, or ``bins`` is below 1.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    chance, truth = _binary(probabilities, labels)
    order, starts = equal_mass(chance, bins)
    chance, truth = chance[order], truth[order]
    pairs = zip(np.split(chance, starts[1:]), np.split(truth, starts[1:]), strict=True)
    return tuple(
        ReliabilityBin(float(said.mean()), float(true.mean()), len(said))
        for said, true in pairs
        if len(said)
    )


def equal_mass(probabilities: Floats, bins: int) -> tuple[Ints, Ints]:
    """Return the ascending order of adverts, and the start of each bin of equal mass in it.

    Equal probabilities share a bin; without an advert there is no bin.
    """
    order = np.argsort(probabilities, kind="stable")
    ascending = probabilities[order]
    wanted = (np.arange(bins) * len(ascending)) // bins
    starts = np.unique(np.searchsorted(ascending, ascending[wanted])) if len(order) else wanted[:0]
    return order, starts


def expected_calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """Return the mean gap between predicted and true probability over the bins, in [0, 1].

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
