"""Adverts of campaigns by week, platform and language, counted without looking at each of them."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.entering.collected import week_of
from adverts_findings.campaigns.news.volumes import Cell
from adverts_findings.campaigns.weeks import WEEK

_CELL = ("platform", "language")


@dataclass(frozen=True, slots=True)
class Posted:
    """Adverts of one campaign, or with one value, in one week and cell.

    Attributes:
        week: Number of the week, see :class:`~adverts_findings.campaigns.news.volumes.Volumes`;
            None where no time is known.
        cell: Platform and language.
        adverts: Number of adverts.
        first: Time of the first of them.
        last: Time of the last of them.
    """

    week: int | None
    cell: Cell
    adverts: int
    first: datetime.datetime | None
    last: datetime.datetime | None


def with_weeks(adverts: pa.Table, last: datetime.date) -> pa.Table:
    """Return adverts with their ``time``, of posting or else of collection, and its ``week``.

    A time after the week of the build is wrong, so that it counts as not known.

    Args:
        adverts: Adverts with ``posted_at`` and ``collected_at``.
        last: Monday of the week of the build.
    """
    times = pc.coalesce(adverts["posted_at"], adverts["collected_at"])
    end = datetime.datetime.combine(last + WEEK, datetime.time(), datetime.UTC)
    known = pc.less(times, pa.scalar(end, pa.timestamp("us", "UTC")))
    times = pc.if_else(known, times, pa.scalar(None, times.type))
    return adverts.append_column("time", times).append_column("week", week_of(times))


def posted_by(adverts: pa.Table, name: str, since: datetime.date) -> Mapping[str, Sequence[Posted]]:
    """Return when and where those posted who did since a week, with all that they posted before.

    Args:
        adverts: Adverts as :func:`with_weeks` returns them.
        name: Column by which they are counted, such as ``campaign``.
        since: Monday of the week.
    """
    recent = pc.greater_equal(adverts["week"], pa.scalar(since, pa.date32()))
    asked = pc.unique(adverts.filter(pc.fill_null(recent, False))[name]).drop_null()
    rows = (
        adverts.filter(pc.is_in(adverts[name], value_set=asked))
        .group_by([name, "week", *_CELL])
        .aggregate([([], "count_all"), ("time", "min"), ("time", "max")])
        .to_pylist()
    )
    found: dict[str, list[Posted]] = defaultdict(list)
    for row in rows:
        week = None if row["week"] is None else (row["week"] - since) // WEEK
        cell = (row["platform"] or "", row["language"] or "")
        posted = Posted(week, cell, row["count_all"], row["time_min"], row["time_max"])
        found[row[name]].append(posted)
    return {one: found[one] for one in sorted(found)}
