"""Numbers as pages say them: rounded to what their interval supports, the interval outwards."""

from __future__ import annotations

import math
from dataclasses import dataclass

from adverts.evaluation.statistics.bootstrap import Estimate

_STEPS_IN_WIDTH = 20  # an interval is at least so many rounding steps wide
_STEPS_IN_VALUE = 1000  # where the interval has no width
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure and the ends of its interval, in words."""

    value: str
    low: str
    high: str


def count_of(found: Estimate, most: float | None = None) -> Amount | None:
    """Return a number of things, or None if there is none to say.

    Args:
        found: The number with its interval.
        most: What it can be at the most.
    """
    return _amount(found, 1.0, least_step=1.0, most=most)


def percent_of(found: Estimate) -> Amount | None:
    """Return a share in [0, 1] in percent, or None if there is none to say."""
    return _amount(found, 100.0, least_step=0.0, most=100.0)


def _amount(
    found: Estimate, scale: float, *, least_step: float, most: float | None
) -> Amount | None:
    if found.value is None or found.low is None or found.high is None:
        return None
    value, low, high = (one * scale for one in (found.value, found.low, found.high))
    step = max(_step(high - low, abs(value)), least_step)
    top = math.ceil(high / step - _SLACK * max(1.0, abs(high / step))) * step
    bottom = math.floor(low / step + _SLACK * max(1.0, abs(low / step))) * step
    middle = round(value / step) * step
    if most is not None:
        top, middle = min(top, most), min(middle, most)
    return Amount(*(_written(one, step) for one in (middle, bottom, top)))


def _step(width: float, value: float) -> float:
    """Return the power of ten to round to."""
    finest = width / _STEPS_IN_WIDTH if width > 0 else value / _STEPS_IN_VALUE
    return 10.0 ** math.floor(math.log10(finest) + _SLACK) if finest > 0 else 1.0


def _written(value: float, step: float) -> str:
    decimals = max(0, -math.floor(math.log10(step) + _SLACK))
    return f"{value + 0.0:,.{decimals}f}".replace("-", "−")
