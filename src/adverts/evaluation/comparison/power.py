"""What a paired comparison of this size can show, and how many adverts it would take to see more.

Source: Cohen, "Statistical Power Analysis for the Behavioral Sciences", 1988, chapter 2 (detectable
difference from standard error, level and power); Hanley, Lippman-Hand, "If nothing goes wrong, is
everything all right?", JAMA 1983 (what no event in n trials rules out).
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.statistics.bootstrap import MIN_DEFINED

LEVEL = 0.05  # one-sided
POWER = 0.8
_ERRORS_AWAY = NormalDist().inv_cdf(1 - LEVEL) + NormalDist().inv_cdf(POWER)


def standard_error(samples: NDArray[np.float64]) -> float | None:
    """Return the spread of paired differences over resamples ``(R,)``.

    None where the difference is undefined in more than 5 % of them, or there are fewer than two.
    """
    defined = samples[~np.isnan(samples)]
    if len(defined) < max(2, MIN_DEFINED * len(samples)):
        return None
    return float(np.std(defined, ddof=1))


def smallest_visible(error: float, clusters: float) -> float:
    """Return the smallest true difference that is seen with a power of 0.8, at 5 % one-sided.

    Never less than the share of clusters on which they may differ without one of them showing up,
    with 95 %: two models that hardly differ on ten clusters have not shown that they are alike.

    Args:
        error: Standard error of the paired difference.
        clusters: Independent adverts that the figure rests on, at least one.
    """
    return max(_ERRORS_AWAY * error, 1 - float(LEVEL ** (1 / clusters)))


def adverts_needed(adverts: int, error: float, clusters: float, *, relevant: float) -> int | None:
    """Return how many adverts of the same kind it takes to see a difference of ``relevant``.

    None where ``adverts`` are enough already. The standard error falls with the root of their
    number, and what can hide with the number itself; the larger of both is wanted.

    Args:
        adverts: Judged adverts of this set.
        error: Standard error of the paired difference on them.
        clusters: Independent adverts that they are worth, at least one.
        relevant: The difference that is worth seeing, above 0.
    """
    if smallest_visible(error, clusters) <= relevant:
        return None
    spread = adverts * (_ERRORS_AWAY * error / relevant) ** 2
    hidden = adverts / clusters * math.log(LEVEL) / math.log1p(-relevant)
    return math.ceil(max(spread, hidden))
