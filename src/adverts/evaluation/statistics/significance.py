"""What resamples show: standard errors, p-values, power, and tests of many hypotheses at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adverts.arrays import Floats

_NO_SPREAD = 1e-12


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


def errors_of_best(number: int, *, level: float = 0.5) -> float:
    """Return how many standard errors above its true value the best of some figures may lie.

    The best of so many independent normal figures is further above with a chance of ``level``. Of
    one figure that is 0 by default: it is above as often as below.

    Args:
        number: Number of figures, from 1 on.
        level: Chance, in (0, 1).
    """
    from scipy.stats import norm

    return float(norm.ppf((1 - level) ** (1 / number)))


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


def simultaneous_errors(points: Floats, samples: Floats, level: float) -> float:
    """Return how many standard errors wide intervals must be to hold all together.

    It is the quantile of the largest distance, in standard errors, of any figure of a resample from
    its value on the unweighted adverts. Figures that move together cost little. It is never less
    than a single interval of a normal figure has. A figure without spread takes no part.

    Args:
        points: Figures on the unweighted adverts, ``(C,)``.
        samples: The same figures on the same resamples, ``(R, C)``; NaN where undefined.
        level: Share of cases in which every interval is to hold, e.g. 0.95.

    Source: Westfall, Young, "Resampling-based multiple testing", 1993, chapter 2 (max-T); Romano,
    Wolf, "Exact and approximate stepdown methods for multiple hypothesis testing", JASA 100, 2005
    (its bootstrap form, one step).
    """
    from scipy.stats import norm

    alone = float(norm.ppf((1 + level) / 2))
    errors = [resampled_error(column) or 0.0 for column in samples.T]
    kept = np.array([error > _NO_SPREAD for error in errors], dtype=bool)
    if not kept.any():
        return alone
    distance = np.abs(samples[:, kept] - points[kept]) / np.array(errors)[kept]
    largest = np.nan_to_num(distance, nan=0.0).max(axis=1)
    return max(alone, float(np.quantile(largest, level, method="higher")))


def expanded(error: float, number: float, level: float) -> float:
    """Return a resampled standard error, expanded so that normal quantiles suit few observations.

    Resampling divides by the number of observations and not by one less, and its quantiles are
    normal where Student's are wider. An error of fewer than two observations is infinite.

    Args:
        error: Spread of a figure over resamples.
        number: Number of independent observations that it rests on.
        level: Level of the interval that is made of it.

    Source: Hesterberg, "What teachers should know about the bootstrap", The American Statistician
    69, 2015, section 3.2 (narrowness bias; the expanded percentile interval).
    """
    from scipy.stats import norm, t

    if number < 2:
        return float("inf") if error else 0.0
    tail = (1 + level) / 2
    wider = float(t.ppf(tail, number - 1) / norm.ppf(tail))
    return error * wider * float(np.sqrt(number / (number - 1)))
