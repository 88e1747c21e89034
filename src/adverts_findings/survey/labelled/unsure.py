"""Figures that hold whatever the adverts are that could not be judged, and other bounds of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from adverts.evaluation.statistics.bootstrap import Estimate


def for_any_unsure(total: Callable[[float], Estimate], *, unsure: bool) -> Estimate:
    """Return a figure whose ends hold whatever the adverts are that could not be judged.

    Args:
        total: Gives the figure, taking the label of such adverts.
        unsure: Whether there are any.
    """
    low = total(0.0)
    if not unsure:
        return low
    high = total(1.0)
    if low.value is None or low.high is None or high.high is None:
        return Estimate(None, reason=low.reason if low.value is None else high.reason)
    return replace(low, high=max(low.high, high.high))


def at_most(found: Estimate, most: float) -> Estimate:
    """Return a figure and its ends, none above what there is."""
    value, low, high = (
        None if one is None else min(one, most) for one in (found.value, found.low, found.high)
    )
    return Estimate(value, low, high, found.reason)


def scaled(found: Estimate, factor: float) -> Estimate:
    """Return a figure and its ends times a factor above 0."""
    value, low, high = (
        None if one is None else one * factor for one in (found.value, found.low, found.high)
    )
    return Estimate(value, low, high, found.reason)
