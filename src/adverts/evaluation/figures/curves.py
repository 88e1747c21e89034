"""Curves for plots: precision against recall, ROC, and predicted against true probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Floats, Weights
from adverts.evaluation.statistics import ranking
from adverts.evaluation.statistics.bootstrap import LEVEL, Resampled
from adverts.evaluation.statistics.metrics import (
    ReliabilityBin,
    brier,
    expected_calibration_error,
    reliability,
)
from adverts.evaluation.statistics.ranking import Ranking
from adverts.evaluation.truth import Judged

RECALLS: Floats = np.linspace(0.01, 1.0, 100)
RATES: Floats = np.linspace(0.0, 1.0, 101) ** 2
"""False-positive rates of the curve: close together near 0, the range that a queue uses."""


@dataclass(frozen=True, slots=True)
class PrecisionRecall:
    """Precision of the first threshold that reaches each recall, for one model.

    Attributes:
        model: Name of the model.
        recall: Recalls in ascending order.
        precision: Precision at each recall.
        low: Lower end of the pointwise 95 % interval of each precision.
        high: Upper end of the pointwise 95 % interval of each precision.
    """

    model: str
    recall: tuple[float, ...]
    precision: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reliability:
    """Predicted against true probability of the positive label, for one model.

    Attributes:
        model: Name of the model.
        bins: Bins of about equally many adverts each.
        brier: Mean squared error of the probability.
        calibration_error: Mean gap between predicted and true probability over the bins.
    """

    model: str
    bins: tuple[ReliabilityBin, ...]
    brier: float
    calibration_error: float


class PrecisionAtRecalls:
    """Precision at each of ``RECALLS``; a statistic over all adverts."""

    def __init__(self, judged: Judged, probabilities_NL: Floats) -> None:
        """Rank the judged adverts by the probability of the positive label."""
        self._ranking = Ranking(*_scores(judged, probabilities_NL), judged.rows)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the precision at each recall, ``(R, recalls)``."""
        counts = self._ranking.counts(weights_RN)
        return ranking.precision_at_recalls(*counts, RECALLS)


def precision_recall(model: str, resampled: Resampled) -> PrecisionRecall | None:
    """Return the curve and its band; None where there is no positive advert."""
    defined = resampled.samples[~np.isnan(resampled.samples).any(axis=1)]
    if np.isnan(resampled.point).any() or not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return PrecisionRecall(model, *map(_rounded, (RECALLS, resampled.point, low, high)))


def reliability_of(model: str, judged: Judged, probabilities_NL: Floats) -> Reliability | None:
    """Return the reliability of the positive label's probabilities; None without an advert."""
    scores, labels = _scores(judged, probabilities_NL)
    bins = reliability(scores, labels)
    if not bins:
        return None
    return Reliability(model, bins, brier(scores, labels), expected_calibration_error(bins))


def _scores(judged: Judged, probabilities_NL: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    positive = judged.task.positive_index
    assert positive is not None, "only a task with a positive label has these curves"
    return probabilities_NL[judged.rows, positive], judged.labels[judged.rows] == positive


def _rounded(values: Sequence[float] | Floats) -> tuple[float, ...]:
    return tuple(round(float(value), 5) for value in values)


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Recall at each false-positive rate, for one model.

    Attributes:
        model: Name of the model.
        false_positive_rate: Rates in ascending order from 0 to 1.
        recall: Recall at each rate; within a tie as if its adverts came in random order.
        low: Lower end of the pointwise 95 % interval of each recall.
        high: Upper end of the pointwise 95 % interval of each recall.
    """

    model: str
    false_positive_rate: tuple[float, ...]
    recall: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class RecallAtRates:
    """Recall at each of ``RATES``; a statistic over all adverts.

    Source: Fawcett, "An introduction to ROC analysis", 2006, algorithm 1 and section 6.
    """

    def __init__(self, judged: Judged, probabilities_NL: Floats) -> None:
        """Rank the judged adverts by the probability of the positive label."""
        self._ranking = Ranking(*_scores(judged, probabilities_NL), judged.rows)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the recall at each rate, ``(R, rates)``; NaN where a class is missing."""
        true_positives_RK, flagged_RK = self._ranking.counts(weights_RN)
        found = np.full((len(weights_RN), len(RATES)), np.nan)
        for row, (hits, flagged) in enumerate(zip(true_positives_RK, flagged_RK, strict=True)):
            alarms = flagged - hits
            if len(hits) and hits[-1] > 0 and alarms[-1] > 0:
                rate = np.append(0.0, alarms / alarms[-1])
                found[row] = np.interp(RATES, rate, np.append(0.0, hits / hits[-1]))
        return found


def roc_curve(model: str, resampled: Resampled) -> RocCurve | None:
    """Return the curve and its band; None where a class is missing."""
    defined = resampled.samples[~np.isnan(resampled.samples).any(axis=1)]
    if np.isnan(resampled.point).any() or not len(defined):
        return None
    low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return RocCurve(model, *map(_rounded, (RATES, resampled.point, low, high)))
