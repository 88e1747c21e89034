"""Weeks from Monday to Sunday in UTC, by their names such as ``2026-W44``."""

from __future__ import annotations

import datetime

from adverts.errors import InputError, shown

WEEK = datetime.timedelta(weeks=1)


def monday_of(day: datetime.date) -> datetime.date:
    """Return the Monday of the week of a day."""
    return day - datetime.timedelta(days=day.weekday())


def week_name(monday: datetime.date) -> str:
    """Return the ISO name of a week, such as ``2026-W44``."""
    year, week, _ = monday.isocalendar()
    return f"{year:04d}-W{week:02d}"


def read_week(text: str) -> datetime.date:
    """Return the Monday of a week that a person names.

    Args:
        text: An ISO week such as ``2026-W44``, or a day of it such as ``2026-10-28``.

    Raises:
        InputError: It is neither.
    """
    try:
        if "W" in text:
            return _monday_of_week(text)
        return monday_of(datetime.date.fromisoformat(text))
    except (ValueError, OverflowError):
        raise InputError(
            f"since={shown(text, 40)} is no week; give one such as 2026-W44, or a day of it such "
            "as 2026-10-28"
        ) from None


def _monday_of_week(text: str) -> datetime.date:
    """Return the Monday of an ISO week; of a week 53 only in a year that has one.

    Raises:
        ValueError: There is no such week.
    """
    monday = datetime.datetime.strptime(f"{text}-1", "%G-W%V-%u").date()
    if monday.isocalendar().year != int(text.partition("-")[0]):
        raise ValueError(f"there is no week {text}")
    return monday
