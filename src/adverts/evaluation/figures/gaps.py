"""How far the worst group is behind the best, with an interval that allows for having looked."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.figures.task_summary import Gap
from adverts.evaluation.statistics.bootstrap import LEVEL, MIN_DEFINED, Estimate

Floats = NDArray[np.float64]


def gap_of(
    dimension: str,
    figure: str,
    groups: Mapping[str, tuple[float, Floats]],
    *,
    lower_is_better: bool,
) -> Gap:
    """Return the gap between the worst and the best of some groups.

    Worst and best are picked by their figures, which chance alone sets apart. The interval is
    therefore simultaneous over all pairs of groups: the difference, plus or minus its standard
    error times the 95 % quantile, over resamples, of the largest error among all pairs.

    Args:
        dimension: How the adverts are divided.
        figure: Name of the figure.
        groups: By name, its figure and that of each resample ``(R,)``, paired across groups.
        lower_is_better: Is a low figure a good one?

    Source: Tukey's pairs with the bootstrap's quantile; Romano, Wolf, "Stepwise multiple testing
    as formalized data snooping", 2005, section 4.
    """
    names = sorted(name for name, (point, _) in groups.items() if not np.isnan(point))
    if len(names) < 2:
        which = "only one of them has" if names else "none of them has"
        lack = Estimate(None, reason=f"{which} enough evidence")
        return Gap(dimension, figure, len(names), None, None, lack)
    points = np.array([groups[name][0] for name in names])
    samples_RG = np.stack([groups[name][1] for name in names], axis=1)
    ends = int(points.argmin()), int(points.argmax())
    worst, best = ends[::-1] if lower_is_better else ends
    difference = _simultaneous(points, samples_RG, best, worst)
    return Gap(dimension, figure, len(names), names[worst], names[best], difference)


def _simultaneous(points: Floats, samples_RG: Floats, first: int, second: int) -> Estimate:
    gap = float(points[first] - points[second])
    defined = samples_RG[~np.isnan(samples_RG).any(axis=1)]
    if len(defined) < MIN_DEFINED * len(samples_RG):
        missing = 1 - len(defined) / len(samples_RG)
        return Estimate(gap, reason=f"no interval: undefined in {missing:.0%} of resamples")
    errors_RG = defined - points
    largest = np.zeros(len(defined))
    for one in range(len(points)):
        for other in range(one):
            error = errors_RG[:, one] - errors_RG[:, other]
            spread = error.std()
            if spread > 0:
                np.maximum(largest, np.abs(error) / spread, out=largest)
    reach = float(np.quantile(largest, LEVEL)) * float(
        (errors_RG[:, first] - errors_RG[:, second]).std()
    )
    if not reach:
        return Estimate(gap, reason="no interval: no resample differs, so too few errors to tell")
    return Estimate(gap, gap - reach, gap + reach)
