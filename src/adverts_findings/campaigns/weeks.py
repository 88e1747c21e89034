"""Weeks from Monday to Sunday by the calendar of ISO 8601, and their names such as ``2026-W44``."""

from __future__ import annotations

import datetime

WEEK = datetime.timedelta(weeks=1)


def monday_of(day: datetime.date) -> datetime.date:
    """Return the Monday of the week of a day."""
    return day - datetime.timedelta(days=day.weekday())


def week_name(day: datetime.date) -> str:
    """Return the name of the week of a day, such as ``2026-W44``."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def monday_of_week(name: str) -> datetime.date:
    """Return the Monday of a week by its name; of a week 53 only in a year that has one.

    Raises:
        ValueError: There is no such week.
    """
    monday = datetime.datetime.strptime(f"{name}-1", "%G-W%V-%u").date()
    if monday.isocalendar().year != int(name.partition("-")[0]):
        raise ValueError(f"there is no week {name}")
    return monday
