"""How long it takes until what a recipient was notified of is removed, by Kaplan and Meier.

An unanswered notice counts for as long as it has waited. Source: Kaplan and Meier, Nonparametric
estimation from incomplete observations, 1958; the intervals are those of Kalbfleisch and Prentice
on the scale log(-log S), and of Brookmeyer and Crowley for the median.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from adverts_findings.sharing.ledger.outstanding import OutItem

LEAST_REMOVALS = 10
"""Fewest removals from which anything is said of the time."""
DAYS = (1, 3, 7, 14, 30, 90)
"""Days after sharing for which the share removed by then is stated."""
_NOT_OURS = "already gone"
_CONFIDENCE = 0.95
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one notice waited.

    Attributes:
        days: Days from sharing to removal, or to the last that is known.
        removed: Whether it ended with a removal.
        at_latest: Whether the recipient did not say when it removed it, so that it was removed at
            the latest when its answer was recorded.
    """

    days: float
    removed: bool
    at_latest: bool = False


@dataclass(frozen=True, slots=True)
class RemovedBy:
    """The share of notices whose advert is removed so many days after sharing.

    Attributes:
        days: Days after sharing.
        share: The share, with ``low`` and ``high`` as the ends of its 95 % interval.
        low: Lower end.
        high: Upper end.
    """

    days: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Removal:
    """Time to removal.

    Attributes:
        notices: Number of adverts of which a notice was sent.
        removed: Number of them that the recipient removed.
        at_latest: Number of removals of which only the time of recording is known.
        median: Days until half are removed; None if that is not reached, or cannot be said.
        low: Lower end of its 95 % interval; None as for the median.
        high: Upper end of it; None as for the median, or if there is no upper end.
        by_day: Shares removed after some days, as far as was waited; empty if it cannot be said.
    """

    notices: int
    removed: int
    at_latest: int
    median: float | None = None
    low: float | None = None
    high: float | None = None
    by_day: tuple[RemovedBy, ...] = ()

    @property
    def can_say(self) -> bool:
        """Whether there were enough removals to say anything of the time."""
        return self.removed >= LEAST_REMOVALS


def wait_of(one: OutItem, noticed_at: str, now: datetime) -> Wait:
    """Return how long a notice waited.

    The event is a removal. What was already gone is never a removal, whatever else was answered.
    Every other answer ends the wait without one, and so does a withdrawal; without an answer it
    lasts until now.

    Args:
        one: The advert.
        noticed_at: When a notice of it was shared first, ISO 8601 in UTC.
        now: The time now.
    """
    ended = [(answer.at or recorded, answer) for recorded, answer in one.answers]
    gone = [at for at, answer in ended if answer.answer == _NOT_OURS]
    removals = [(at, not answer.at) for at, answer in ended if answer.answer == "removed"]
    told = [at for at, answer in ended if answer.answer != "no answer"]
    withdrawn = one.withdrawal.at if one.withdrawal else ""
    if gone:
        return Wait(_days(noticed_at, min(gone)), False)
    if removals and (not withdrawn or min(removals)[0] <= withdrawn):
        at, at_latest = min(removals)
        return Wait(_days(noticed_at, at), True, at_latest)
    ends = [one for one in (withdrawn, max(told, default="")) if one]
    return Wait(_days(noticed_at, min(ends, default=now.isoformat())), False)


def removal_of(waits: Iterable[Wait]) -> Removal:
    """Return the time to removal of some notices."""
    waits = tuple(waits)
    removed = [one for one in waits if one.removed]
    found = Removal(len(waits), len(removed), sum(one.at_latest for one in removed))
    if not found.can_say:
        return found
    times, left, low, high = _survival(waits)
    return Removal(
        notices=found.notices,
        removed=found.removed,
        at_latest=found.at_latest,
        median=_first(times, left),
        low=_first(times, low),
        high=_first(times, high),
        by_day=tuple(_removed_by(day, times, left, low, high) for day in DAYS if day <= times[-1]),
    )


def _survival(waits: tuple[Wait, ...]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return times in days, the share not removed after each, and both ends of its interval."""
    from scipy.stats import CensoredData, ecdf

    data = CensoredData(
        uncensored=[one.days for one in waits if one.removed],
        right=[one.days for one in waits if not one.removed],
    )
    found = ecdf(data).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # undefined where all or none are left
        interval = found.confidence_interval(_CONFIDENCE, method="log-log")
    times = np.asarray(found.quantiles, float)
    left = np.asarray(found.probabilities, float)
    low, high = (
        np.asarray(end.probabilities, float).copy() for end in (interval.low, interval.high)
    )
    low[left >= 1] = high[left >= 1] = 1.0
    low[left <= 0] = 0.0
    high[left <= 0] = min(high[left > 0], default=1.0)
    return times, left, low, high


def _first(times: Floats, left: Floats) -> float | None:
    """Return the first time at which at most half are left; None if more are left at the end."""
    below = np.flatnonzero(left <= 0.5)
    return float(times[below[0]]) if len(below) else None


def _removed_by(day: int, times: Floats, left: Floats, low: Floats, high: Floats) -> RemovedBy:
    place = int(np.searchsorted(times, day, side="right")) - 1
    if place < 0:
        return RemovedBy(day, 0.0, 0.0, 0.0)
    return RemovedBy(day, 1 - float(left[place]), 1 - float(high[place]), 1 - float(low[place]))


def _days(begin: str, end: str) -> float:
    seconds = (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    return max(0.0, seconds / 86_400)
