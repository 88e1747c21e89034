"""What resamples show: standard errors, p-values, power, and Holm's test of many hypotheses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adverts.arrays import Floats


def resampled_error(samples: Floats) -> float | None:
    """Return the standard error of a figure: the spread of its defined resamples ``(R,)``.

    None where fewer than two are defined.
    """
    defined = samples[~np.isnan(samples)]
    return float(defined.std(ddof=1)) if len(defined) > 1 else None


def p_value(margin: float, error: float) -> float:
    """Return the chance of a figure this bad if the true value is just good enough.

    Args:
        margin: Distance of the figure from the bar; below 0 on the bad side.
        error: Standard error of the figure, above 0.
    """
    from scipy.stats import norm

    return float(norm.cdf(margin / error))


def errors_to_show(level: float, power: float) -> float:
    """Return how many standard errors a breach must go beyond what is tolerated to be shown."""
    from scipy.stats import norm

    return float(norm.ppf(1 - level) + norm.ppf(power))


def rejected(p_values: Sequence[float], weights: Sequence[float], level: float) -> list[bool]:
    """Return which hypotheses are rejected, with at most ``level`` chance of a false rejection.

    This holds however the p-values depend on each other. Without hypotheses the list is empty.

    Args:
        p_values: One p-value for each hypothesis.
        weights: One weight above 0 for each hypothesis; more weight makes rejection easier. They
            need not sum to 1.
        level: Family-wise error rate.

    Raises:
        ValueError: Lengths differ, a weight is not above 0, or a p-value lies outside [0, 1].

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6, 1979, section 4 (weights).
    """
    p = np.asarray(p_values, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    if p.shape != w.shape:
        raise ValueError(f"{len(p)} p-values and {len(w)} weights; wanted one weight for each")
    if not ((p >= 0) & (p <= 1)).all() or not (w > 0).all():
        raise ValueError("p-values must lie in [0, 1] and weights above 0")
    found = np.zeros(len(p), dtype=bool)
    left = float(w.sum())
    for i in np.argsort(p / w, kind="stable"):
        if p[i] > level * w[i] / left:
            break
        found[i] = True
        left -= float(w[i])
    return found.tolist()
