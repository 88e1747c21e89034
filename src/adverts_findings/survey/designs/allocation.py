"""How many labels to draw in each stratum, and what interval to expect, before anyone looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import gamma

from adverts.arrays import Floats, Ints
from adverts.evaluation.statistics.bootstrap import LEVEL
from adverts_findings.survey.designs.strata import Stratum

MOST_FLOOR = 0.8
"""The floor of the lowest stratum is at most this share of the budget."""
FEWEST_DRAWS = 2
"""Labels drawn in each stratum, at least, where it has as many adverts."""
_TRIES = 400


@dataclass(frozen=True, slots=True)
class ExpectedInterval:
    """The interval to expect if calibration is right.

    Attributes:
        total: The total by calibration.
        low: Mean lower end.
        high: Mean upper end.
        width: Mean width.
    """

    total: float
    low: float
    high: float
    width: float


def allocate(strata: Sequence[Stratum], budget: int) -> Ints:
    """Return how many labels to draw in each stratum, ``(H,)``, the lowest being first.

    Labels go where adverts are many and their labels uncertain, ``N sqrt(p (1 - p))`` (Neyman). The
    lowest stratum has a floor, since calibration may be wrong there and its unseen positives make
    the upper end: the share it would have if ``p`` were higher by one positive in the budget, but
    at most 0.8. No stratum gets more labels than it has adverts; a budget for all takes all.

    Source: Neyman, "On the two different aspects of the representative method", 1934; Cochran,
    1977, section 5.5. The floor is our own; its one positive is that of Fay and Feuer, 1997.

    Raises:
        ValueError: The budget is smaller than two labels for each stratum, and than all adverts.
    """
    if strata and budget >= sum(one.adverts for one in strata):
        return np.array([one.adverts for one in strata], dtype=np.int64)
    if budget < FEWEST_DRAWS * len(strata) or not strata:
        raise ValueError(
            f"a budget of {budget} labels is too small for {len(strata)} strata; want at least "
            f"{FEWEST_DRAWS} for each, or fewer strata"
        )
    adverts = np.array([one.adverts for one in strata], dtype=np.float64)
    shares = np.array([one.expected_share for one in strata])
    hedged = np.minimum(shares + 1 / budget, 0.5 + np.abs(shares - 0.5))
    wish = adverts * _spread(shares)
    cautious = adverts * _spread(hedged)
    lowest = min(float(cautious[0] / max(cautious.sum(), 1e-300)), MOST_FLOOR)
    lowest = max(lowest, float(wish[0] / wish.sum()) if wish.sum() > 0 else 1.0)
    rest = cautious[1:].sum()
    parts = (
        np.append(lowest, (1 - lowest) * cautious[1:] / rest)
        if rest > 0
        else np.eye(len(strata))[0]
    )
    return _whole(parts * budget, adverts.astype(np.int64), budget)


def _spread(shares: Floats) -> Floats:
    return np.asarray(np.sqrt(shares * (1 - shares)))


def _whole(wish: Floats, adverts: Ints, budget: int) -> Ints:
    """Return whole numbers near a wish that add up to the budget, none above what there is."""
    least = np.minimum(FEWEST_DRAWS, adverts)
    budget = min(budget, int(adverts.sum()))
    found = np.clip(np.floor(wish).astype(np.int64), least, adverts)
    while (gap := budget - int(found.sum())) != 0:
        able = found < adverts if gap > 0 else found > least
        scale = np.where(able, np.maximum(wish, 1e-9), 0.0)
        step = np.floor(scale / scale.sum() * abs(gap)).astype(np.int64)
        if not step.any():
            step[int(np.argmax(np.where(able, (wish - found) * np.sign(gap), -np.inf)))] = 1
        found = np.clip(found + np.sign(gap) * step, least, adverts)
    return found


def expected_interval(
    strata: Sequence[Stratum],
    labels: ArrayLike,
    *,
    level: float = LEVEL,
    seed: int = 0,
) -> ExpectedInterval:
    """Return the interval by design to expect if calibration is right.

    Numbers of positives are drawn at random; the gamma intervals of Fay and Feuer stand for those
    of the estimate, from which they differ by a few hundredths.

    Args:
        strata: The strata.
        labels: Labels to draw in each, ``(H,)``.
        level: Coverage of the interval.
        seed: Seed of the random numbers.
    """
    drawn = np.asarray(labels, dtype=np.int64)
    adverts = np.array([one.adverts for one in strata], dtype=np.float64)
    chance = np.array([one.expected_share for one in strata])
    some = drawn > 0
    drawn, adverts, chance = drawn[some], adverts[some], chance[some]
    rng = np.random.default_rng(seed)
    counts = rng.binomial(drawn, chance, (_TRIES, len(drawn)))
    low, high = gamma_ends(counts, drawn, adverts, level)
    high = np.minimum(high, adverts.sum())
    return ExpectedInterval(
        float((adverts * chance).sum()),
        float(low.mean()),
        float(high.mean()),
        float((high - low).mean()),
    )


def gamma_ends(counts: Ints, labels: Ints, adverts: Floats, level: float) -> tuple[Floats, Floats]:
    """Return both ends of the gamma interval of each row of counts, ``(R,)`` each.

    The variance of a stratum is that of a binomial, and 0 where all its adverts are labelled.

    Source: Fay and Feuer, "Confidence intervals for directly standardized rates", 1997.
    """
    tail = (1 - level) / 2
    weight = adverts / labels
    open_ = (labels < adverts).astype(np.float64)
    total = counts @ weight
    variance = (counts * (1 - counts / labels) * open_) @ weight**2
    heavy = float((weight * open_).max())
    known = np.maximum(variance, 1e-300)
    low = np.where(
        variance > 0, gamma.ppf(tail, total**2 / known, scale=known / total.clip(1e-300)), total
    )
    more, spread = total + heavy, variance + heavy**2
    high = gamma.ppf(1 - tail, more**2 / spread, scale=spread / more) if heavy > 0 else total
    return low, np.asarray(high)


def width_without_positive(
    strata: Sequence[Stratum], labels: ArrayLike, *, level: float = LEVEL
) -> float:
    """Return the upper end if no label is positive: 3.7 times the largest weight at 95 %.

    Of one-sided error alone it would be 3 times it, the rule of three.
    """
    drawn = np.asarray(labels, dtype=np.float64)
    weights = [one.adverts / n for one, n in zip(strata, drawn, strict=True) if n < one.adverts]
    return float(-np.log((1 - level) / 2) * max(weights, default=0.0))


def budget_for_width(
    strata: Sequence[Stratum], width: float, *, level: float = LEVEL
) -> int | None:
    """Return the smallest budget whose expected interval is at most so wide, within a hundredth.

    None where even labelling half of the frame would not give it.
    """
    low, high = FEWEST_DRAWS * len(strata), max(sum(one.adverts for one in strata) // 2, 1)
    if high < low or _width(strata, high, level) > width:
        return None
    while high - low > max(1, low // 100):
        middle = round((low * high) ** 0.5)
        middle = min(max(middle, low + 1), high - 1)
        if _width(strata, middle, level) <= width:
            high = middle
        else:
            low = middle
    return high


def _width(strata: Sequence[Stratum], budget: int, level: float) -> float:
    return expected_interval(strata, allocate(strata, budget), level=level).width
