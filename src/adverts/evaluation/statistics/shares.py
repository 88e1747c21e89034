"""Exact intervals of shares, counted in clusters, where a bootstrap has too few errors to draw."""

from __future__ import annotations

from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate

FEW = 10
"""Clusters with an error, or without one, below which resampling cannot be believed."""


def exact_interval(hits: int, trials: int) -> tuple[float, float]:
    """Return the exact 95 % interval of a share of independent trials; (0, 1) without a trial.

    Raises:
        ValueError: There are more hits than trials, or fewer than none.

    Source: Clopper, Pearson, "The use of confidence or fiducial limits", 1934.
    """
    from scipy.special import betaincinv

    if not 0 <= hits <= trials:
        raise ValueError(f"hits must be in [0, {trials}], got {hits}")
    tail = (1 - LEVEL) / 2
    low = float(betaincinv(hits, trials - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, trials - hits, 1 - tail)) if hits < trials else 1.0
    return low, high


def widened(share: Estimate, *, errors: int, clusters: int) -> Estimate:
    """Return a share whose interval is no narrower than the exact one where errors are few.

    A list without a false alarm resamples to lists without one, and the bootstrap would promise
    that there never is any.

    Args:
        share: Of what is right, e.g. a precision or a recall, with its bootstrap interval.
        errors: Clusters with something wrong.
        clusters: Clusters in all.
    """
    few = min(errors, clusters - errors) < FEW
    if share.low is None or share.high is None or not few:
        return share
    low, high = exact_interval(clusters - errors, clusters)
    reason = f"{errors} of {clusters:,} clusters with an error: the interval is exact"
    return Estimate(share.value, min(low, share.low), max(high, share.high), reason)
