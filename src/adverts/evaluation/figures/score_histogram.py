"""How many adverts of each answer a model scores low or high, for a plot with its thresholds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats
from adverts.evaluation.truth import Judged

FEW = 5
"""A bin with 1 to 4 adverts of one answer hides their number. A page may be handed on, and a lone
advert in a bin would let somebody with the model test whether they know it."""
_REACH = 7.0
LOG_ODDS: Floats = np.linspace(-_REACH, _REACH, 29)
"""Ends of the bins, in log-odds of the probability. They are fixed, so that two reports can be
compared. The first and the last bin also hold whatever lies beyond."""


@dataclass(frozen=True, slots=True)
class ScoreBin:
    """Adverts whose log-odds of the positive label lie in one bin.

    Attributes:
        low: Lower end of the bin, in log-odds.
        high: Upper end of the bin, in log-odds.
        positives: Number of adverts with the positive label; None: 1 to 4.
        others: Number of other adverts; None: 1 to 4.
    """

    low: float
    high: float
    positives: int | None
    others: int | None


@dataclass(frozen=True, slots=True)
class ScoreHistogram:
    """Probabilities of the positive label, by the true answer.

    Attributes:
        label: Name of the positive label.
        bins: Bins from the lowest score to the highest, without the empty ones at both ends.
    """

    label: str
    bins: tuple[ScoreBin, ...]


def score_histogram(judged: Judged, probabilities_NL: Floats) -> ScoreHistogram | None:
    """Return the histogram of a queue; None without a judged advert or a positive label.

    Args:
        judged: True labels of the adverts.
        probabilities_NL: Probabilities, ``(N, L)``.
    """
    label = judged.task.positive_index
    if judged.task.kind != "single" or label is None or not len(judged.rows):
        return None
    odds = log_odds(probabilities_NL[judged.rows, label])
    positive = judged.labels[judged.rows] == label
    held = [_counts(odds, one) for one in (positive, ~positive)]
    filled = np.flatnonzero(held[0] + held[1])
    bins = tuple(
        ScoreBin(float(LOG_ODDS[i]), float(LOG_ODDS[i + 1]), _shown(held[0][i]), _shown(held[1][i]))
        for i in range(int(filled[0]), int(filled[-1]) + 1)
    )
    return ScoreHistogram(judged.task.labels[label], bins)


def log_odds(probability: Floats) -> Floats:
    """Return the log-odds of probabilities, within the outer bins of the histogram."""
    tiny = np.finfo(np.float64).tiny
    with np.errstate(divide="ignore"):
        odds = np.log(np.maximum(probability, tiny)) - np.log(np.maximum(1 - probability, tiny))
    return np.asarray(np.clip(odds, -_REACH, _REACH), dtype=np.float64)


def _counts(odds: Floats, held: Bools) -> Floats:
    return np.histogram(odds[held], LOG_ODDS)[0]


def _shown(count: float) -> int | None:
    return None if 0 < count < FEW else int(count)
