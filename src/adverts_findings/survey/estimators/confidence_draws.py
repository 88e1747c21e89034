"""Random draws of the lowest and the highest totals that labels leave possible.

The highest mean that draws with values in [smallest, largest] leave possible is that of their
values and one more, a *phantom* of the largest value, under random weights that sum to 1. For
values of 0 and 1 its quantiles are the bounds of Clopper and Pearson; for a simple random sample
without replacement those of the hypergeometric distribution. For other values their coverage is a
conjecture that no case is known to contradict. Totals of strata are added draw by
draw, which is called melding. The lower sum has a phantom of the smallest value in each stratum.
The upper sum has one phantom, in the stratum where it raises the sum most: the method of Fay and
Feuer, with the sum of random weights itself in place of a gamma distribution that resembles it.
They put it where one positive weighs most, which fails where all labels of that stratum are already
positive. Exact coverage of small designs is computed in the tests.

Source: Gaffke, "Three test statistics for a nonparametric one-sided hypothesis on the mean of a
nonnegative variable", 2005, and Learned-Miller and Thomas, "A new confidence interval for the mean
of a bounded random variable", 2019 (values in a range); Fay, Proschan and Brittain, "Combining
one-sample confidence procedures for inference in the two-sample case", 2015 (melding); Fay and
Feuer, "Confidence intervals for directly standardized rates", 1997 (one phantom).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Floats
from adverts.evaluation.statistics.bootstrap import LEVEL
from adverts_findings.survey.designs.strata import StratumDraws

DRAWS = 20_000
"""Random draws of each bound: their quantiles then move by about a hundredth of the width."""

_WEIGHTS_AT_ONCE = 4_000_000  # 32 MB, however many different values there are
_MANY = 12  # adverts and different values from which a multinomial sum counts as normal


@dataclass(frozen=True, slots=True, eq=False)
class Possible:
    """Random draws of the lowest and highest totals that are possible, each ``(draws,)``."""

    low: Floats
    high: Floats


def possible_totals(
    strata: Sequence[StratumDraws], *, seed: int = 0, draws: int = DRAWS
) -> Possible:
    """Return random draws of the lowest and highest totals of all strata together.

    The result does not depend on the order of the strata. Both are 0 without a stratum.
    """
    some = sorted((one for one in strata if len(one.values)), key=_order)
    certain = sum(one.certain for one in strata)
    low, plain = np.full(draws, certain), np.full(draws, certain)
    raised = []
    rng = np.random.default_rng(seed)
    for stratum in some:
        low += _totals(stratum, stratum.smallest, rng, draws)
        seen = _totals(stratum, None, rng, draws)
        raised.append(_totals(stratum, stratum.largest, rng, draws) - seen)
        plain += seen
    return Possible(low, max((plain + more for more in raised), key=_upper_end, default=plain))


def _upper_end(draws: Floats) -> float:
    return float(np.quantile(draws, (1 + LEVEL) / 2))


def _order(one: StratumDraws) -> tuple[float, ...]:
    finite = one.finite or 0
    return (one.largest, one.smallest, finite, len(one.values), *np.sort(one.values)[::-1])


def _totals(
    one: StratumDraws, phantom: float | None, rng: np.random.Generator, draws: int
) -> Floats:
    """Return random draws of a stratum's total, with a phantom of a value or without one."""
    values, counts = np.unique(one.values, return_counts=True)
    masses = counts.astype(np.float64)
    if phantom is not None:
        values, masses = np.append(values, phantom), np.append(masses, 1.0)
    at_once = max(_WEIGHTS_AT_ONCE // len(masses), 1)
    return np.concatenate(
        [
            _some_totals(one, values, masses, rng, min(at_once, draws - start))
            for start in range(0, draws, at_once)
        ]
    )


def _some_totals(
    one: StratumDraws, values: Floats, masses: Floats, rng: np.random.Generator, draws: int
) -> Floats:
    weights = rng.standard_gamma(masses, (draws, len(masses)))
    weights /= weights.sum(axis=1, keepdims=True)
    if one.finite is None:
        return np.asarray(weights @ values)
    unseen = _unseen(one.finite - len(one.values), weights, values, rng)
    return np.asarray((one.values.sum() + unseen) / one.finite)


def _unseen(adverts: int, weights: Floats, values: Floats, rng: np.random.Generator) -> Floats:
    """Return random sums of the values of adverts that were not drawn, a row of weights each.

    Sums of many adverts with many different values are drawn from a normal distribution.
    """
    if adverts < _MANY or len(values) < _MANY:
        return np.asarray(rng.multinomial(adverts, weights) @ values)
    mean = weights @ values
    variance = np.maximum(weights @ values**2 - mean**2, 0.0)
    sums = adverts * mean + np.sqrt(adverts * variance) * rng.standard_normal(len(mean))
    return np.asarray(np.clip(sums, adverts * values.min(), adverts * values.max()))
