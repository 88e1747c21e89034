"""Confidence intervals from a bootstrap that resamples whole clusters, never single adverts.

Each resample draws as many clusters as there are, with replacement. It is a weighting of the
adverts: the number of times that their cluster was drawn. Statistics take many weightings at once.
All statistics see the same ones, so that the difference of two models is a paired difference.

The ends of an interval are percentiles, corrected for the skewness of the resamples: a figure near
1 has its long tail below. Their coverage is measured in ``experiments/0011-interval-coverage``.

Source: Efron, "Better bootstrap confidence intervals", 1987, with the acceleration taken from the
resamples and without the correction of the median; Field, Welsh, "Bootstrapping clustered data",
2007 (clusters as the unit).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Protocol

import numpy as np

from adverts.arrays import Floats, Weights

LEVEL = 0.95
_NORMAL = NormalDist()
MIN_DEFINED = 0.95
_EXACT = "the interval is exact, since no resample differs"
_MAX_ACCELERATION = 0.15  # beyond it a figure changes in jumps, and its skewness means little
_CHUNK_WEIGHTS = 400_000  # weights held at once: about the size of the processor's cache


class Statistic(Protocol):
    """A function that computes figures of one set of adverts under any weighting of them."""

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the figures of each weighting, ``(R, figures)``; NaN where undefined."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95 % interval.

    Attributes:
        value: The figure on the unweighted adverts; None where they cannot decide it.
        low: Lower end of the interval, or None where there is none.
        high: Upper end of the interval, or None where there is none.
        reason: Why a value is missing, or a caution about the estimate; None otherwise.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Resampled:
    """The figures of one statistic, on the unweighted adverts and on each resample.

    Attributes:
        point: Figures on the unweighted adverts, shape ``(figures,)``.
        samples: Figures on each resample, shape ``(resamples, figures)``.
    """

    point: Floats
    samples: Floats


def resample(
    statistics: Sequence[Statistic],
    clusters: Sequence[str],
    *,
    resamples: int,
    seed: int,
    progress: Callable[[int], object] | None = None,
) -> list[Resampled]:
    """Compute every statistic on the same resamples of whole clusters.

    Args:
        statistics: Statistics to compute, each called with weightings of all ``N`` adverts.
        clusters: Cluster of each advert, ``N`` names.
        resamples: Number of resamples.
        seed: Seed of the draws, which do not depend on the statistics.
        progress: Called with the number of resamples just done.

    Raises:
        ValueError: There is no advert.
    """
    if not len(clusters):
        raise ValueError("there is no advert to resample")
    names, cluster_of = np.unique(
        np.asarray(clusters, dtype=object).astype(str), return_inverse=True
    )
    ones = np.ones((1, len(cluster_of)), dtype=np.float32)
    points = [statistic(ones)[0] for statistic in statistics]
    samples = [np.empty((resamples, len(point))) for point in points]
    rng = np.random.default_rng(seed)
    chunk = max(1, _CHUNK_WEIGHTS // len(cluster_of))
    for start in range(0, resamples, chunk):
        stop = min(start + chunk, resamples)
        weights_RN = _draw(rng, stop - start, len(names)).take(cluster_of, axis=1)
        for statistic, kept in zip(statistics, samples, strict=True):
            kept[start:stop] = statistic(weights_RN)
        if progress is not None:
            progress(stop - start)
    return [Resampled(point, kept) for point, kept in zip(points, samples, strict=True)]


class BenchResult:
    """The result of one statistic, which can be read after :meth:`Bench.run`."""

    def __init__(self) -> None:
        self._value: Resampled | None = None

    @property
    def value(self) -> Resampled:
        """The figures of the statistic.

        Raises:
            RuntimeError: The bench has not run yet.
        """
        if self._value is None:
            raise RuntimeError("read a result after Bench.run")
        return self._value

    def fill(self, value: Resampled) -> None:
        """Store the figures of the statistic."""
        self._value = value


class Bench:
    """A collection of statistics that are all computed on the same resamples."""

    def __init__(self) -> None:
        self._statistics: list[Statistic] = []
        self._results: list[BenchResult] = []

    def add(self, statistic: Statistic) -> BenchResult:
        """Add a statistic; its result can be read after :meth:`run`."""
        self._statistics.append(statistic)
        self._results.append(BenchResult())
        return self._results[-1]

    def run(
        self,
        clusters: Sequence[str],
        *,
        resamples: int,
        seed: int,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Compute all statistics; the arguments are those of :func:`resample`."""
        found = resample(
            self._statistics, clusters, resamples=resamples, seed=seed, progress=progress
        )
        for result, value in zip(self._results, found, strict=True):
            result.fill(value)


def estimates(resampled: Resampled, *, inflated: Collection[int] = ()) -> list[Estimate]:
    """Return each figure with its percentile interval.

    Args:
        resampled: Figures of one statistic.
        inflated: Indices of the figures that need :func:`inflated_estimate`.
    """
    return [
        (inflated_estimate if figure in inflated else estimate)(float(point), samples)
        for figure, (point, samples) in enumerate(
            zip(resampled.point, resampled.samples.T, strict=True)
        )
    ]


def difference(first: Resampled, second: Resampled, figure: int) -> Estimate:
    """Return the paired difference of figure number ``figure``, ``first`` minus ``second``."""
    return estimate(
        float(first.point[figure] - second.point[figure]),
        first.samples[:, figure] - second.samples[:, figure],
    )


def estimate(point: float, samples: Floats) -> Estimate:
    """Return a figure with the 95 % interval of its resamples, corrected for their skewness.

    Resamples in which the figure is undefined are left out. If they are more than 5 %, there is no
    interval.
    """
    if np.isnan(point):
        return Estimate(None, reason="undefined: a label it needs does not occur")
    defined = samples[~np.isnan(samples)]
    if len(defined) < MIN_DEFINED * len(samples):
        missing = 1 - len(defined) / len(samples)
        return Estimate(point, reason=f"no interval: undefined in {missing:.0%} of resamples")
    low, high = np.quantile(defined, _levels(defined))
    reason = "no resample differs: too few clusters or no error" if low == high else None
    return Estimate(point, float(low), float(high), reason)


def _levels(samples: Floats) -> tuple[float, float]:
    """Return which quantiles of the resamples are the ends of the interval."""
    spread = float(samples.std())
    if spread < 1e-12:
        return (1 - LEVEL) / 2, (1 + LEVEL) / 2
    skewness = float((((samples - samples.mean()) / spread) ** 3).mean())
    bend = min(max(skewness / 6, -_MAX_ACCELERATION), _MAX_ACCELERATION)
    reach = _NORMAL.inv_cdf((1 + LEVEL) / 2)
    return _NORMAL.cdf(-reach / (1 + bend * reach)), _NORMAL.cdf(reach / (1 - bend * reach))


def inflated_estimate(point: float, samples: Floats) -> Estimate:
    """Return the estimate of a figure of at least 0 that resampling inflates, e.g. a sum of gaps.

    The middle 95 % of its resamples lie too high, so only their upper end is used. The lower end is
    as far below the figure, but at least 0. The interval is rather too wide than too narrow.
    """
    found = estimate(point, samples)
    if found.value is None or found.high is None:
        return found
    high = max(found.high, found.value)
    return Estimate(found.value, max(0.0, 2 * found.value - high), high, found.reason)


def or_exact(found: Estimate, bound: float | None, *, low_is_good: bool) -> Estimate:
    """Return a figure that no resample changes with an exact interval; others as they are.

    A figure of 0 that should be high is as uncertain as a figure of 1. If no resample changes a
    figure for another reason, it keeps its interval. An example is the ROC-AUC of a model that
    predicts the same for every advert.

    Args:
        found: The figure with its bootstrap interval.
        bound: The worst true value that fits a model without an observed error, see
            ``evidence.surest``; None where there is no such bound.
        low_is_good: Whether a low figure is good.
    """
    if bound is None or found.value is None or found.low is None or found.low != found.high:
        return found
    low = high = found.low
    if low_is_good:
        high = max(high, bound)
    elif low == 0.0:
        high = 1.0 - bound
    else:
        low = min(low, bound)
    return found if low == high else Estimate(found.value, low, high, _EXACT)


def or_exact_difference(gap: Estimate, bound: float | None, *, low_is_good: bool) -> Estimate:
    """Return a paired difference; if no resample changes it, its interval is the exact one.

    Do not use it for two models with equal predictions, since their difference of 0 is certain.
    Arguments as in :func:`or_exact`.
    """
    if bound is None or gap.low is None or gap.high is None or gap.low != gap.high:
        return gap
    loss = bound if low_is_good else 1.0 - bound
    return replace(gap, low=gap.low - loss, high=gap.high + loss, reason=_EXACT)


def _draw(rng: np.random.Generator, resamples: int, num_clusters: int) -> Weights:
    """Count how often each cluster is drawn in each resample, ``(resamples, num_clusters)``."""
    drawn = rng.integers(0, num_clusters, (resamples, num_clusters))
    drawn += np.arange(resamples)[:, None] * num_clusters
    counts = np.bincount(drawn.ravel(), minlength=resamples * num_clusters)
    return counts.reshape(resamples, num_clusters).astype(np.float32)
