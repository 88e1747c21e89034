"""Whether there is more of it in one week than in another, with the price of many comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from adverts.arrays import Floats
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.designs.strata import StratumDraws
from adverts_findings.survey.estimators.by_design import ends
from adverts_findings.survey.estimators.confidence_draws import DRAWS, Possible, possible_totals
from adverts_findings.survey.estimators.reviewers import Known, ReviewerError, labelled_by_chance


class TrendChange(Enum):
    """What may be said of two weeks."""

    MORE = "more"
    LESS = "less"
    NONE_DETECTED = "no detectable change"


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """What the labels of one week say.

    Attributes:
        strata: Draws of each stratum, of clusters that are in this week alone.
        frame_total: The total if every advert of the week's frame were positive.
    """

    strata: Sequence[StratumDraws]
    frame_total: float


@dataclass(frozen=True, slots=True)
class TrendDifference:
    """The difference of two weeks, second minus first.

    Attributes:
        estimate: The difference of totals, with its interval for this comparison alone.
        p_value: Probability of a difference as large by chance, two-sided.
    """

    estimate: Estimate
    p_value: float


def shared_draws(first: StratumDraws, second: StratumDraws) -> StratumDraws:
    """Return the draws of clusters that are in both weeks, as values of second minus first.

    One draw of a cluster gives its value in both weeks, so the spread of the differences holds the
    covariance of the weeks.

    Raises:
        ValueError: The two do not have the same draws.
    """
    if len(first.values) != len(second.values):
        raise ValueError(
            f"{len(first.values)} and {len(second.values)} draws of the clusters in both weeks; "
            "want the same draws"
        )
    return StratumDraws(
        first.name,
        second.values - first.values,
        largest=second.largest - first.smallest,
        smallest=second.smallest - first.largest,
        certain=second.certain - first.certain,
    )


def difference_of_weeks(
    first: Week,
    second: Week,
    *,
    shared: Sequence[StratumDraws] = (),
    reviewers: ReviewerError | None = None,
    level: float = LEVEL,
    seed: int = 0,
    draws: int = DRAWS,
) -> TrendDifference:
    """Return the difference of two weeks with its interval and p-value.

    Args:
        first: The earlier week.
        second: The later week, drawn independently except for ``shared``.
        shared: Draws of clusters in both weeks, from :func:`shared_draws`.
        reviewers: How the reviewers of both weeks labelled known items; None: labels are true.
        level: Coverage of the interval.
        seed: Seed of the random draws.
        draws: Number of those.

    Source: Fay, Proschan and Brittain, 2015 (the melded interval of a difference).
    """
    before, after, both = (
        possible_totals(
            strata if reviewers is None else labelled_by_chance(strata),
            seed=seed + i,
            draws=draws,
        )
        for i, strata in enumerate((first.strata, second.strata, shared))
    )
    possible = Possible(after.low - before.high + both.low, after.high - before.low + both.high)
    value = (
        sum(one.estimate for one in second.strata)
        - sum(one.estimate for one in first.strata)
        + sum(one.estimate for one in shared)
    )
    if reviewers is not None:
        growth = second.frame_total - first.frame_total
        possible = _corrected(possible, reviewers, growth, seed)
        value = _true_difference(
            value, growth, reviewers.specificity.share, reviewers.sensitivity.share
        )
    return difference_of(possible, value, level)


def difference_of(possible: Possible, value: float, level: float = LEVEL) -> TrendDifference:
    """Return the difference that random draws of its lowest and highest values give.

    Args:
        possible: The draws.
        value: The difference that the labels give.
        level: Coverage of the interval.
    """
    low, high = ends(possible, level)
    return TrendDifference(Estimate(value, min(low, value), max(high, value)), _p_value(possible))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p-values that pay for the number of comparisons, in the order given.

    Source: Holm, "A simple sequentially rejective multiple test procedure", 1979.
    """
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    adjusted, worst = [0.0] * len(p_values), 0.0
    for place, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p_values) - place) * p_values[i]))
        adjusted[i] = worst
    return adjusted


def changes(differences: Sequence[TrendDifference], *, level: float = LEVEL) -> list[TrendChange]:
    """Return what may be said of each comparison once the number of them is paid for."""
    adjusted = holm([one.p_value for one in differences])
    return [
        TrendChange.NONE_DETECTED
        if p > 1 - level or not one.estimate.value
        else (TrendChange.MORE if one.estimate.value > 0 else TrendChange.LESS)
        for one, p in zip(differences, adjusted, strict=True)
    ]


def _p_value(possible: Possible) -> float:
    """Return twice the smaller of the chances that the difference is at most, or at least, 0.

    A chance of nought among the random draws counts as less than one of them.
    """
    draws = len(possible.low)
    falls = (float((possible.high >= 0).sum()) + 1) / (draws + 1)
    rises = (float((possible.low <= 0).sum()) + 1) / (draws + 1)
    return min(1.0, 2 * min(falls, rises))


def _true_difference(
    apparent: float, growth: float, specificity: float, sensitivity: float
) -> float:
    """Return the true difference behind an apparent one; ``growth`` is that of the frame."""
    return (apparent - growth * (1 - specificity)) / (sensitivity + specificity - 1)


def _corrected(possible: Possible, reviewers: ReviewerError, growth: float, seed: int) -> Possible:
    """Return draws of the true difference: of all possible reviewers the worst for each end."""
    rng = np.random.default_rng([seed, 3])
    draws = len(possible.low)
    hits, quiet = (
        _both(known, rng, draws) for known in (reviewers.sensitivity, reviewers.specificity)
    )
    low, high = np.full(draws, np.inf), np.full(draws, -np.inf)
    for sensitivity in hits:
        for specificity in quiet:
            gap = sensitivity + specificity - 1
            usable = gap > 0
            inverse = 1 / np.where(usable, gap, 1.0)
            false = growth * (1 - specificity)
            low = np.minimum(low, np.where(usable, (possible.low - false) * inverse, -np.inf))
            high = np.maximum(high, np.where(usable, (possible.high - false) * inverse, np.inf))
    return Possible(low, high)


def _both(known: Known, rng: np.random.Generator, draws: int) -> tuple[Floats, Floats]:
    possible = known.possible(rng, draws)
    return possible.low, possible.high
