"""What other budgets than its own would let a review desk find, each with its threshold."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.figures.review_queue import Items
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.bounds import FEW, exact_interval, precision_at

_TIMES = (0.25, 0.5, 1, 2, 4)
_ZERO_SEEN = 3.0  # with none observed in n, the rate may be 3 / n at 95 % confidence


@dataclass(frozen=True, slots=True)
class BudgetStep:
    """What a desk finds if it can review this many adverts a day.

    Attributes:
        reviews: Number of adverts that it reviews in a day.
        threshold: Probability of the last item that the budget reaches; None without figures.
        precision: Share of the reviewed items that is positive, at the desk's prevalence.
        recall: Share of the day's positives that are reviewed.
        lack: Why there are no figures; None where there are.
    """

    reviews: int
    threshold: float | None
    precision: Estimate
    recall: Estimate
    lack: str | None = None


def step_reviews(reviews: int, daily_adverts: int) -> tuple[int, ...]:
    """Return budgets from a quarter to four times ``reviews``, at most all adverts of a day."""
    asked = {min(daily_adverts, max(1, round(times * reviews))) for times in _TIMES}
    return tuple(sorted(asked))


def too_coarse(reviews: int, harmless: float, negative_clusters: int) -> str | None:
    """Return why even a list without a false alarm could not show that they fit the budget.

    Args:
        reviews: Number of adverts that are reviewed in a day.
        harmless: Number of negative adverts that arrive in a day.
        negative_clusters: Number of clusters of the judged negative adverts.
    """
    wanted = math.ceil(_ZERO_SEEN * harmless / reviews)
    if negative_clusters >= wanted:
        return None
    return (
        f"{negative_clusters:,} negative clusters, wanted {wanted:,} for {reviews:,} reviews a day"
    )


def widened_at(
    items: Items,
    names: NDArray[np.object_],
    threshold: float,
    prevalence: float,
    found: Sequence[Estimate],
) -> tuple[Estimate, Estimate]:
    """Return precision and recall, no narrower than exact intervals where false alarms are few.

    Each negative of the set stands for many adverts of a day. So one more false alarm, which
    resampling cannot draw, would fill much of the budget. Recall and false-positive rate are
    bounded at the threshold of the budget. If the truth is worse than observed, a real desk cuts at
    a stricter score and loses less, so the intervals are rather too wide.

    Args:
        items: The items to review.
        names: Cluster of each item, ``(I,)``.
        threshold: Score of the last item that the budget reaches.
        prevalence: Share of positives in a day of the desk.
        found: Precision and recall, from resamples.
    """
    precision, recall = found
    counts = [
        (len(set(names[held & (items.scores >= threshold)])), len(set(names[held])))
        for held in (items.positive, ~items.positive)
    ]
    if counts[1][0] >= FEW or not precision.value:
        return precision, recall
    seen = precision.value
    (least, most), (best, worst) = (exact_interval(*one) for one in counts)
    ends = precision_at([least, most], [worst, best], prevalence).tolist()
    reason = f"{counts[1][0]} of {counts[1][1]:,} negative clusters reached: the interval is exact"

    def wider(one: Estimate) -> Estimate:
        if one.value is None or one.low is None or one.high is None:
            return one
        low, high = (min(1.0, one.value * end / seen) for end in ends)
        return Estimate(one.value, min(low, one.low), max(high, one.high), reason)

    return wider(precision), wider(recall)
