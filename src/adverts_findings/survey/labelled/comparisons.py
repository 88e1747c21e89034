"""Weeks of one frame, and samples of several, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np

from adverts.errors import InputError
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate
from adverts_findings.survey.designs.strata import StratumDraws
from adverts_findings.survey.estimators.confidence_draws import Possible
from adverts_findings.survey.estimators.reviewers import possible_truth
from adverts_findings.survey.estimators.trend import (
    TrendDifference,
    Week,
    changes,
    difference_of,
    difference_of_weeks,
    holm,
    shared_draws,
)
from adverts_findings.survey.labelled.figures import no_total
from adverts_findings.survey.labelled.labelled_sample import LabelledSample, groups_of, unit_draws
from adverts_findings.survey.labelled.series import new_series
from adverts_findings.survey.sample import UNKNOWN, Group

Said = Literal["more", "less", "no detectable change"]


@dataclass(frozen=True, slots=True)
class Compared:
    """A difference, later minus earlier.

    Attributes:
        difference: The difference with its interval for this comparison alone.
        p_value: Chance of a difference as large by chance, two-sided; the number of comparisons of
            the record is paid for. None if there is no difference to judge.
        said: What may be said of it; None likewise.
    """

    difference: Estimate
    p_value: float | None
    said: Said | None


@dataclass(frozen=True, slots=True)
class EstimateComparison:
    """Two weeks of one frame, or two samples, side by side.

    Attributes:
        kind: ``weeks`` of one frame, or ``samples``.
        earlier: Name of the earlier week or sample.
        later: Name of the later one.
        total: Difference of the numbers of positive adverts.
        share: Difference of their shares.
        new_series: Why the two are not compared, as a sentence; ``total`` and ``share`` are then
            None.
    """

    kind: Literal["weeks", "samples"]
    earlier: str
    later: str
    total: Compared | None
    share: Compared | None
    new_series: str | None


def compare(
    labelled: LabelledSample,
    earlier: Sequence[LabelledSample] = (),
    *,
    weeks: bool = False,
    level: float = LEVEL,
    seed: int = 0,
) -> tuple[EstimateComparison, ...]:
    """Return each week beside the one before it, and the sample beside each earlier one.

    The p-values pay for the number of all these comparisons.

    Args:
        labelled: The sample with its labels.
        earlier: Samples of other frames that came before it, drawn independently.
        weeks: Whether to compare the weeks of its frame.
        level: Coverage of each interval.
        seed: Seed of the random draws.

    Raises:
        InputError: The sample knows no weeks, or is to be compared with itself.
    """
    found = []
    if weeks:
        known = [one for one in groups_of(labelled.sample, "week") if one.value != UNKNOWN]
        for before, after in pairwise(sorted(known, key=lambda one: one.value)):
            found.append(_weeks(labelled, before, after, level=level, seed=seed))
    for one in earlier:
        found.append(_samples(one, labelled, level=level, seed=seed))
    return _paid(found, level)


def _weeks(
    labelled: LabelledSample, before: Group, after: Group, *, level: float, seed: int
) -> EstimateComparison:
    """Compare two weeks of one frame by the same draws, so that their covariance is paid for."""
    sizes = before.totals["adverts"], after.totals["adverts"]

    def compared(first: float, second: float) -> Compared:
        def difference(unsure_before: float, unsure_after: float) -> TrendDifference:
            one = _over(labelled, unsure_before, first, before)
            other = _over(labelled, unsure_after, second, after)
            return difference_of_weeks(
                Week([], sizes[0] / first),
                Week([], sizes[1] / second),
                shared=[shared_draws(a, b) for a, b in zip(one, other, strict=True)],
                reviewers=labelled.error,
                level=level,
                seed=seed,
            )

        return _compared(difference, unsure=bool(labelled.not_judged.any()))

    reasons = [no_total(labelled, "adverts", one.totals["adverts"], one) for one in (before, after)]
    return _comparison("weeks", (before.value, after.value), reasons, sizes, compared)


def _samples(
    earlier: LabelledSample, later: LabelledSample, *, level: float, seed: int
) -> EstimateComparison:
    """Compare two samples that were drawn independently."""
    both = (earlier, later)
    names = (earlier.sample.name, later.sample.name)
    if earlier.sample.seal == later.sample.seal:
        raise InputError(f"sample {names[0]} is to be compared with itself; name an earlier one")
    reason = new_series(earlier.sample, later.sample)
    if reason is not None:
        return EstimateComparison("samples", *names, total=None, share=None, new_series=reason)
    sizes = tuple(one.frame_total("adverts") or 0.0 for one in both)

    def compared(first: float, second: float) -> Compared:
        def difference(*unsure: float) -> TrendDifference:
            (before, low), (after, high) = (
                possible_truth(
                    _over(one, label, divisor),
                    one.error,
                    frame_total=size / divisor,
                    seed=seed + i,
                )
                for i, (one, label, divisor, size) in enumerate(
                    zip(both, unsure, (first, second), sizes, strict=True)
                )
            )
            possible = Possible(after.low - before.high, after.high - before.low)
            return difference_of(possible, high - low, level)

        return _compared(difference, unsure=any(bool(one.not_judged.any()) for one in both))

    reasons = [no_total(one, "adverts", size) for one, size in zip(both, sizes, strict=True)]
    if (earlier.error is None) != (later.error is None):
        reasons.append("cannot say: reviewers' errors are known for one of the two samples alone")
    return _comparison("samples", names, reasons, sizes, compared)


def _comparison(
    kind: Literal["weeks", "samples"],
    names: tuple[str, str],
    reasons: Sequence[str | None],
    sizes: Sequence[float],
    compared: Callable[[float, float], Compared],
) -> EstimateComparison:
    """Return the differences of totals and of shares, or why a figure of one side is missing."""
    reason = next((one for one in reasons if one is not None), None)
    if reason is not None:
        none = Compared(Estimate(None, reason=reason), None, None)
        return EstimateComparison(kind, *names, total=none, share=none, new_series=None)
    total, share = compared(1.0, 1.0), compared(sizes[0], sizes[1])
    return EstimateComparison(kind, *names, total=total, share=share, new_series=None)


def _over(
    labelled: LabelledSample, unsure: float, divisor: float, group: Group | None = None
) -> list[StratumDraws]:
    """Return the draws of positive adverts, each value divided by a number."""
    draws = unit_draws(labelled, "adverts", labelled.taking_unsure_as(unsure), group=group)
    return [
        replace(
            one,
            values=one.values / divisor,
            largest=one.largest / divisor,
            smallest=one.smallest / divisor,
            certain=one.certain / divisor,
        )
        for one in draws
    ]


def _compared(difference: Callable[[float, float], TrendDifference], *, unsure: bool) -> Compared:
    """Return a difference whose interval holds whatever the adverts are that were not judged."""
    found = difference(0.0, 0.0)
    estimate, p_value = found.estimate, found.p_value
    if unsure:
        least, most = difference(1.0, 0.0), difference(0.0, 1.0)
        estimate = Estimate(estimate.value, least.estimate.low, most.estimate.high)
        p_value = max(p_value, least.p_value, most.p_value)
        if (least.estimate.value or 0.0) <= 0 <= (most.estimate.value or 0.0):
            p_value = 1.0
    if not np.isfinite(np.array([estimate.low, estimate.high], dtype=np.float64)).all():
        reason = "cannot say: reviewers may be no better than chance, by so few known items"
        return Compared(Estimate(None, reason=reason), None, None)
    return Compared(estimate, p_value, None)


def _paid(found: Sequence[EstimateComparison], level: float) -> tuple[EstimateComparison, ...]:
    """Return comparisons whose p-values pay for their number, and what may then be said."""
    raw = [
        TrendDifference(one.difference, one.p_value)
        for comparison in found
        for one in (comparison.total, comparison.share)
        if one is not None and one.p_value is not None
    ]
    paid = iter(zip(holm([one.p_value for one in raw]), changes(raw, level=level), strict=True))

    def judged(one: Compared | None) -> Compared | None:
        if one is None or one.p_value is None:
            return one
        p_value, change = next(paid)
        return Compared(one.difference, p_value, change.value)

    return tuple(replace(one, total=judged(one.total), share=judged(one.share)) for one in found)
