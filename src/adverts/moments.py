"""Times in records, as they are compared: as moments, whatever their offset."""

from __future__ import annotations

import datetime

CLOCKS_DIFFER = datetime.timedelta(minutes=10)
"""How far two clocks may be apart; what is later than now by more is in the future."""


def now() -> datetime.datetime:
    """Return the time now, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def moment(text: str) -> datetime.datetime | None:
    """Return a time in UTC; one without a zone is in UTC already; None for what is no time."""
    try:
        time = datetime.datetime.fromisoformat(text)
        zoned = time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
        return zoned.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None


def in_order(text: str) -> datetime.datetime:
    """Return a time as things are sorted by it: what is no time comes before all others."""
    return moment(text) or datetime.datetime.min.replace(tzinfo=datetime.UTC)


def is_later(one: str, other: str) -> bool:
    """Return whether a time is after another one; what is no time is neither before nor after."""
    first, second = moment(one), moment(other)
    return first is not None and second is not None and first > second


def fault_of_time(text: str) -> str:
    """Return why something cannot have been said at a time; empty if it can."""
    said = moment(text)
    if said is None:
        return f"found {text[:100]!r}, wanted a time such as 2026-03-01T14:05:00+00:00"
    if said > now() + CLOCKS_DIFFER:
        return f"{text} is in the future, if the clock of this machine is right"
    return ""
