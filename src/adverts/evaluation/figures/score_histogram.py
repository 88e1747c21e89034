"""How many adverts of each answer a model scores low or high, for a plot with its thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats
from adverts.evaluation.truth import Judged

FEW = 5
"""A bin with 1 to 4 adverts of one answer hides their number. A page may be handed on, and a lone
advert in a bin would let somebody with the model test whether they know it. How many adverts of an
answer there are is told elsewhere, so one more bin is hidden beside a lone one. This is no proof
against subtraction: the confusion table of a report counts small numbers, too."""
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
        positives: Number of adverts with the positive label; None: hidden, at least 1.
        others: Number of other adverts; None: hidden, at least 1.
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
    filled = np.flatnonzero(np.sum(held, axis=0))
    positives, others = map(_shown, held)
    bins = tuple(
        ScoreBin(float(LOG_ODDS[i]), float(LOG_ODDS[i + 1]), positives[i], others[i])
        for i in range(int(filled[0]), int(filled[-1]) + 1)
    )
    return ScoreHistogram(judged.task.labels[label], bins)


def log_odds(probability: Floats) -> Floats:
    """Return the log-odds of probabilities, within the outer bins of the histogram."""
    tiny = np.finfo(np.float64).tiny
    with np.errstate(divide="ignore"):
        odds = np.log(np.maximum(probability, tiny)) - np.log(np.maximum(1 - probability, tiny))
    return np.asarray(np.clip(odds, -_REACH, _REACH), dtype=np.float64)


def _counts(odds: Floats, held: Bools) -> list[int]:
    return [int(count) for count in np.histogram(odds[held], LOG_ODDS)[0]]


def _shown(counts: Sequence[int]) -> list[int | None]:
    """Return the numbers of one answer, None where it is hidden.

    A single hidden bin would be told by subtraction from the number of all adverts alone, and so
    would several of one advert each. The bin with the fewest adverts is then hidden, too.
    """
    hidden = {i for i, count in enumerate(counts) if 0 < count < FEW}
    if hidden and (len(hidden) == 1 or sum(counts[i] for i in hidden) == len(hidden)):
        more = [i for i, count in enumerate(counts) if count >= FEW]
        hidden |= set(sorted(more, key=lambda i: (counts[i], i))[:1])
    return [None if i in hidden else count for i, count in enumerate(counts)]
