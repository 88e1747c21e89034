"""Times in records, as they are compared."""

from __future__ import annotations

import datetime


def moment(text: str) -> datetime.datetime | None:
    """Return a time in UTC; one without a zone is in UTC already; None for what is no time."""
    try:
        time = datetime.datetime.fromisoformat(text)
        zoned = time if time.tzinfo else time.replace(tzinfo=datetime.UTC)
        return zoned.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None


def is_later(one: str, other: str) -> bool:
    """Return whether a time is after another one; what is no time is neither before nor after."""
    first, second = moment(one), moment(other)
    return first is not None and second is not None and first > second
