"""Banks of made-up weeks, for tests of what is new: what was collected, and adverts."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from made_bank import advert, build_row, rows, tables

SINCE = datetime.date(2026, 10, 26)
"""The Monday of 2026-W44, which is week 0."""
SITE = ("site", "en")


def moment(week: float) -> datetime.datetime:
    """Return the Wednesday noon of a week, or so many weeks after it."""
    noon = datetime.datetime.combine(SINCE, datetime.time(12), datetime.UTC)
    return noon + datetime.timedelta(days=2) + week * datetime.timedelta(weeks=1)


def collected(
    volumes: Mapping[tuple[str | None, str | None], Mapping[int, int]],
    *,
    judged: Mapping[int, int] | None = None,
    source: str = "scores/posts",
) -> list[dict[str, Any]]:
    """Return rows of ``collected``: adverts by cell and week; a tenth of them, or ``judged``."""
    return [
        {
            "source": source,
            "week": SINCE + datetime.timedelta(weeks=week),
            "platform": platform,
            "language": language,
            "adverts": count,
            "judged": count // 10 if judged is None else judged.get(week, 0),
        }
        for (platform, language), weeks in volumes.items()
        for week, count in weeks.items()
    ]


def steady(count: int = 100, weeks: Sequence[int] = range(-8, 1)) -> dict[int, int]:
    """Return the same number of adverts in each week."""
    return dict.fromkeys(weeks, count)


def posts(
    campaign: str | None,
    weeks: Sequence[float | None],
    *,
    cell: tuple[Any, Any] = SITE,
    **more: Any,
) -> list[dict[str, Any]]:
    """Return adverts of a campaign, one for each week that is named; None: at an unknown time."""
    found = []
    for place, week in enumerate(weeks):
        at = None if week is None else moment(week)
        told = {"campaign": campaign, "platform": cell[0], "language": cell[1], "template": "t1"}
        told |= {"posted_at": at, "collected_at": at}
        found.append(advert(f"{campaign}-{cell}-{place}-{week}", **(told | more)))
    return found


def bank(
    adverts: Sequence[Mapping[str, Any]],
    volumes: Sequence[Mapping[str, Any]],
    *,
    built: datetime.datetime | None = None,
    listed: Sequence[Mapping[str, Any]] = (),
) -> dict[str, pa.Table]:
    """Return the tables of a bank that was built at the end of week 0, or at another time."""
    build = build_row(3) | {"built_at": built or moment(0.6)}
    found = tables(builds=[build], collected=volumes, listed=listed)
    found["adverts"] = rows("adverts", adverts)
    return found
