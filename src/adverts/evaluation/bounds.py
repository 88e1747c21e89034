"""Bounds of a share that hold for few events and for adverts that come in clusters.

Near-duplicates are flagged together, so a hundred of them are hardly more evidence than one. A set
counts as many independent adverts as its clusters would give if all adverts of a cluster were
flagged or spared together: never more than there are clusters, and fewer where some are large.

Sources: Clopper, Pearson, "The use of confidence or fiducial limits", 1934 (exact bounds); Korn,
Graubard, "Confidence intervals for proportions with small expected number of positive counts
estimated from survey data", 1998 (the same with an effective number); Kish, "Survey Sampling",
1965, section 8.2 (the effective number).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

Floats = NDArray[np.float64]


def effective_number(clusters: Sequence[str] | NDArray[np.object_]) -> float:
    """Return how many independent adverts these are worth, given the cluster of each.

    The square of their number over the sum of squared cluster sizes: equal to the number of
    clusters where all are of one size; 0.0 without an advert.
    """
    if not len(clusters):
        return 0.0
    _, sizes = np.unique(np.asarray(clusters, dtype=object).astype(str), return_counts=True)
    return float(sizes.sum() ** 2 / (sizes.astype(np.float64) ** 2).sum())


def lower_bound(share: ArrayLike, number: float, confidence: float) -> Floats:
    """Return the one-sided lower bound of a true share, seen ``share`` on ``number`` adverts.

    Args:
        share: In [0, 1], any shape.
        number: Independent adverts, possibly fractional; with none the bound is 0.
        confidence: With which it holds, in (0, 1).
    """
    seen = _checked(share, number, confidence)
    if number == 0:
        return np.zeros_like(seen)
    events = seen * number
    some = np.maximum(events, np.finfo(np.float64).tiny)
    bound = betaincinv(some, number - events + 1, 1 - confidence)
    return np.where(events > 0, bound, 0.0)


def upper_bound(share: ArrayLike, number: float, confidence: float) -> Floats:
    """Return the one-sided upper bound of a true share; the arguments are those of the lower."""
    return 1.0 - lower_bound(1.0 - np.asarray(share, dtype=np.float64), number, confidence)


def number_without_event(bound: float, confidence: float) -> int:
    """Return how many independent adverts without one event show that a share is below ``bound``.

    Raises:
        ValueError: ``bound`` or ``confidence`` is not in (0, 1).
    """
    if not (0 < bound < 1 and 0 < confidence < 1):
        raise ValueError(f"bound and confidence must be in (0, 1), got {bound} and {confidence}")
    return math.ceil(math.log(1 - confidence) / math.log1p(-bound) - 1e-9)


def precision_at(recall: ArrayLike, false_positive_rate: ArrayLike, prevalence: float) -> Floats:
    """Return the precision that both rates give at a prevalence; NaN where nothing is flagged."""
    found = prevalence * np.asarray(recall, dtype=np.float64)
    false = (1 - prevalence) * np.asarray(false_positive_rate, dtype=np.float64)
    flagged = found + false
    empty = np.full(np.shape(flagged), np.nan)
    return np.asarray(np.divide(found, flagged, out=empty, where=flagged > 0))


def _checked(share: ArrayLike, number: float, confidence: float) -> Floats:
    seen = np.asarray(share, dtype=np.float64)
    if not ((seen >= 0) & (seen <= 1)).all():
        raise ValueError(f"a share must be in [0, 1], got {seen.min()} to {seen.max()}")
    if number < 0 or not 0 < confidence < 1:
        raise ValueError(f"number {number} must be >= 0 and confidence {confidence} in (0, 1)")
    return seen
