"""Exact bounds of a share, valid for few events and for adverts that come in clusters."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from adverts.arrays import Floats
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate

_CLUSTERS_READ = 20
FEW = 10
"""Below this number of clusters with an error, or without one, resampling is not trusted."""


def effective_number(clusters: Iterable[str]) -> float:
    """Return the effective number of independent adverts, given the cluster of each advert.

    It is the squared number of adverts over the sum of squared cluster sizes. This equals the
    number of clusters where all have one size, and is 0.0 without an advert.
    """
    sizes = Counter(clusters).values()
    return sum(sizes) ** 2 / sum(size**2 for size in sizes) if sizes else 0.0


def independent_by_events(clusters: Sequence[str], number: float) -> Floats:
    """Return the effective number of adverts if the first 0, 1, … N have an event, ``(N + 1,)``.

    It is that of :func:`effective_number` where clusters with events are as large as others, and
    less where they are larger. Their size is estimated from at least the first 20 clusters, with or
    without events, since one or two clusters could be small by chance.

    Args:
        clusters: Cluster of each advert, the likeliest event first.
        number: Effective number of the adverts, regardless of events.
    """
    before: Counter[str] = Counter()
    squares, worth, enough = 0, [number], 0
    for events, cluster in enumerate(clusters, 1):
        squares += 2 * before[cluster] + 1
        before[cluster] += 1
        worth.append(events * len(clusters) / squares)
        if len(before) <= _CLUSTERS_READ:
            enough = events
    found = np.minimum(np.array(worth, dtype=np.float64), number)
    found[:enough] = found[enough]
    return found


def lower_bound(share: ArrayLike, number: ArrayLike, confidence: float) -> Floats:
    """Return the one-sided lower bound of a true share, given the observed one.

    Args:
        share: Share observed, in [0, 1], any shape.
        number: Number of independent adverts, possibly fractional; with none the bound is 0.
        confidence: Confidence of the bound, in (0, 1).
    """
    seen, adverts = np.asarray(share, dtype=np.float64), np.asarray(number, dtype=np.float64)
    if not ((seen >= 0) & (seen <= 1)).all():
        raise ValueError(f"a share must be in [0, 1], got {seen.min():g} to {seen.max():g}")
    if (adverts < 0).any() or not 0 < confidence < 1:
        raise ValueError(
            f"number must be >= 0, got {adverts.min():g}, and confidence {confidence} in (0, 1)"
        )
    events = seen * adverts
    some = np.maximum(events, np.finfo(np.float64).tiny)
    bound = betaincinv(some, adverts - events + 1, 1 - confidence)
    return np.asarray(np.where(events > 0, bound, 0.0))


def upper_bound(share: ArrayLike, number: ArrayLike, confidence: float) -> Floats:
    """Return the one-sided upper bound of a true share; arguments as in :func:`lower_bound`."""
    missed = 1.0 - np.asarray(share, dtype=np.float64)
    return np.asarray(1.0 - lower_bound(missed, number, confidence))


def number_without_event(bound: float, confidence: float) -> int:
    """Return how many independent adverts without one event show that a share is below ``bound``.

    Raises:
        ValueError: ``bound`` or ``confidence`` is not in (0, 1).
    """
    if not (0 < bound < 1 and 0 < confidence < 1):
        raise ValueError(f"bound and confidence must be in (0, 1), got {bound} and {confidence}")
    return math.ceil(math.log(1 - confidence) / math.log1p(-bound) - 1e-9)


def allowed_false_positive_rate(recall: float, precision: float, prevalence: float) -> float:
    """Return the highest false-positive rate that keeps a precision at this recall.

    At that rate, ``recall * prevalence`` true and ``rate * (1 - prevalence)`` false alarms give the
    precision exactly.
    """
    return recall * prevalence * (1 - precision) / ((1 - prevalence) * precision)


def negatives_needed(recall: float, precision: float, prevalence: float, confidence: float) -> int:
    """Return how many independent negatives without a false alarm show a precision at a recall.

    A recall of 0.7 at a precision of 0.9, where 0.5 % are positive, allows a false-positive rate of
    0.7 * 0.005 * 0.1 / (0.995 * 0.9) = 0.00039. Up to three expected events may stay unobserved, so
    it takes about 3 / 0.00039 = 7,700.

    Raises:
        ValueError: The allowed rate is not above 0, or ``confidence`` is not in (0, 1).
    """
    allowed = allowed_false_positive_rate(recall, precision, prevalence)
    return number_without_event(min(allowed, 0.5), confidence)


def clusters_missing(wanted: float, worth: float, clusters: int) -> int:
    """Return how many clusters are missing, at least 1, if new ones contribute as much as these.

    Args:
        wanted: Number of independent adverts that are needed.
        worth: Effective number of independent adverts in these clusters.
        clusters: Number of these clusters.
    """
    return max(1, int(np.ceil((wanted - worth) * clusters / worth)))


def precision_at(recall: ArrayLike, false_positive_rate: ArrayLike, prevalence: float) -> Floats:
    """Return the precision that both rates give at a prevalence; NaN where nothing is flagged."""
    found = prevalence * np.asarray(recall, dtype=np.float64)
    false = (1 - prevalence) * np.asarray(false_positive_rate, dtype=np.float64)
    flagged = found + false
    empty = np.full(np.shape(flagged), np.nan)
    return np.asarray(np.divide(found, flagged, out=empty, where=flagged > 0))


def exact_interval(hits: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share of independent trials; (0, 1) without a trial.

    Raises:
        ValueError: ``hits`` is below 0 or above ``trials``.

    Source: Clopper, Pearson, "The use of confidence or fiducial limits", 1934.
    """
    if not 0 <= hits <= trials:
        raise ValueError(f"hits must be in [0, {trials}], got {hits}")
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return low, high


def widened(share: Estimate, *, errors: int, clusters: int) -> Estimate:
    """Return a share whose interval is no narrower than the exact one where errors are few.

    Resamples of a list without a false alarm have none either, so a bootstrap interval would rule
    false alarms out.

    Args:
        share: Share of correct answers, e.g. a precision or a recall, with its bootstrap interval.
        errors: Number of clusters with an error.
        clusters: Number of clusters in all.
    """
    few = min(errors, clusters - errors) < FEW
    if share.low is None or share.high is None or not few:
        return share
    low, high = exact_interval(clusters - errors, clusters)
    reason = f"{errors} of {clusters:,} clusters with an error: the interval is exact"
    return Estimate(share.value, min(low, share.low), max(high, share.high), reason)
