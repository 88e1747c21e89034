"""Totals and shares with standard errors that count both stages of a design.

These are the textbook figures that survey packages print. Their normal intervals fail at small
counts, so that estimates take theirs from :mod:`by_design`; these serve plans and comparisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv
from scipy.stats import t as student

from adverts.arrays import Floats


@dataclass(frozen=True, slots=True, eq=False)
class ClusterSample:
    """A stratum in which clusters were drawn at random, and adverts at random within each.

    Attributes:
        clusters: Number of clusters of the stratum in the frame, M.
        cluster_sizes: Number of adverts in each cluster drawn, ``(m,)``.
        values: What each advert drawn counts, a row for each cluster drawn.
    """

    clusters: int
    cluster_sizes: Floats
    values: Sequence[Floats]

    def __post_init__(self) -> None:
        if not len(self.cluster_sizes) == len(self.values) <= self.clusters:
            raise ValueError(
                f"{len(self.values)} clusters with values and {len(self.cluster_sizes)} sizes of "
                f"{self.clusters} in the frame; want one row of values a cluster"
            )
        for size, row in zip(self.cluster_sizes, self.values, strict=True):
            if not 1 <= len(row) <= size:
                raise ValueError(f"{len(row)} values of a cluster of {size:g} adverts")


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and its standard error."""

    value: float
    standard_error: float


def two_stage_total(strata: Sequence[ClusterSample]) -> Figure:
    """Return the Horvitz-Thompson total of all strata with its standard error.

    Clusters and adverts are drawn without replacement at both stages. A stratum with one cluster
    drawn of several, or a cluster with one advert drawn of several, adds no variance: the data do
    not tell it.

    Source: Cochran, *Sampling Techniques*, 1977, chapter 11 (two stages, clusters of unequal size).
    """
    parts = [_two_stage(one) for one in strata]
    return Figure(sum(total for total, _ in parts), sum(v for _, v in parts) ** 0.5)


def two_stage_share(strata: Sequence[ClusterSample]) -> Figure:
    """Return the mean of the values over all adverts of the frame, with its standard error.

    The number of adverts is estimated too, as where a frame does not give it.

    Source: Cochran, 1977, chapter 6: the variance of a ratio is that of its residuals.
    """
    counted = [
        ClusterSample(one.clusters, one.cluster_sizes, [np.ones(len(r)) for r in one.values])
        for one in strata
    ]
    number = two_stage_total(counted).value
    share = two_stage_total(strata).value / number
    residuals = [
        ClusterSample(one.clusters, one.cluster_sizes, [(r - share) / number for r in one.values])
        for one in strata
    ]
    return Figure(share, two_stage_total(residuals).standard_error)


def hansen_hurwitz_total(draws: Sequence[Floats]) -> Figure:
    """Return the total of strata of independent draws with its standard error.

    Args:
        draws: For each stratum the values of its draws, each an estimate of the stratum's total.

    Source: Hansen and Hurwitz, "On the theory of sampling from finite populations", 1943.
    """
    value = sum(float(one.mean()) for one in draws)
    variance = sum(float(one.var(ddof=1)) / len(one) for one in draws if len(one) > 1)
    return Figure(value, variance**0.5)


def korn_graubard(share: Figure, labels: int, *, degrees: int, level: float) -> tuple[float, float]:
    """Return the ends of the interval of Korn and Graubard for a share of a design.

    It is that of Clopper and Pearson for an effective number of labels, at most their number.

    Source: Korn and Graubard, "Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data", 1998.

    Args:
        share: The share and its standard error.
        labels: Number of adverts labelled.
        degrees: Degrees of freedom of the design: clusters drawn less strata.
        level: Coverage of the interval.
    """
    tail = (1 - level) / 2
    number = effective_labels(share, labels, degrees=degrees, level=level)
    events = share.value * number
    low = float(betaincinv(events, number - events + 1, tail)) if events > 0 else 0.0
    high = float(betaincinv(events + 1, number - events, 1 - tail)) if events < number else 1.0
    return low, high


def effective_labels(share: Figure, labels: int, *, degrees: int, level: float) -> float:
    """Return how many independent labels would give this share the same standard error.

    Arguments as in :func:`korn_graubard`. At a share of 0 or 1 it is the number of labels.
    """
    if not (share.standard_error > 0 and 0 < share.value < 1):
        return float(labels)
    worth = share.value * (1 - share.value) / share.standard_error**2
    tail = (1 + level) / 2
    ratio = student.ppf(tail, labels - 1) / student.ppf(tail, degrees)
    return float(min(labels, worth * ratio**2))


def _two_stage(one: ClusterSample) -> tuple[float, float]:
    """Return the total of one stratum and its variance."""
    drawn, sizes = len(one.values), np.asarray(one.cluster_sizes, np.float64)
    totals = sizes * np.array([float(np.mean(row)) for row in one.values])
    weight = one.clusters / drawn
    within = sum(
        size**2 * (1 - len(row) / size) * float(np.var(row, ddof=1)) / len(row)
        for size, row in zip(sizes, one.values, strict=True)
        if len(row) > 1
    )
    between = float(totals.var(ddof=1)) if drawn > 1 else 0.0
    variance = one.clusters**2 * (1 - drawn / one.clusters) * between / drawn + weight * within
    return float(weight * totals.sum()), variance
