"""Statistical power of a paired comparison: what it can show, and how many adverts it needs.

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
from adverts.evaluation.statistics.significance import resampled_error

LEVEL = 0.05  # one-sided
POWER = 0.8
_ERRORS_AWAY = NormalDist().inv_cdf(1 - LEVEL) + NormalDist().inv_cdf(POWER)


def standard_error(samples: NDArray[np.float64]) -> float | None:
    """Return the standard error of a paired difference, its spread over resamples ``(R,)``.

    None where it is undefined in more than 5 % of them, or defined in fewer than two.
    """
    defined = len(samples) - np.count_nonzero(np.isnan(samples))
    return resampled_error(samples) if defined >= MIN_DEFINED * len(samples) else None


def smallest_visible(error: float, clusters: float) -> float:
    """Return the smallest true difference that is seen with a power of 0.8, at 5 % one-sided.

    It is at least the share of clusters on which two models may differ unobserved, with 95 %
    confidence. So ten clusters without a difference do not show that two models are equal.

    Args:
        error: Standard error of the paired difference.
        clusters: Number of independent adverts that the figure rests on, at least one.
    """
    return max(_ERRORS_AWAY * error, 1 - float(LEVEL ** (1 / clusters)))


def adverts_needed(adverts: int, error: float, clusters: float, *, relevant: float) -> int | None:
    """Return how many adverts of the same kind it takes to see a difference of ``relevant``.

    None where ``adverts`` are already enough. The standard error falls with the square root of the
    number, the unobserved share with the number itself; the larger need of both is returned.

    Args:
        adverts: Number of judged adverts of this set.
        error: Standard error of the paired difference on them.
        clusters: Effective number of independent adverts among them, at least one.
        relevant: The smallest difference that matters, above 0.
    """
    if smallest_visible(error, clusters) <= relevant:
        return None
    spread = adverts * (_ERRORS_AWAY * error / relevant) ** 2
    hidden = adverts / clusters * math.log(LEVEL) / math.log1p(-relevant)
    return math.ceil(max(spread, hidden))
