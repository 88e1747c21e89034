"""Adverts of each campaign by week, and of the last weeks of the bank."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.weeks import WEEK, week_name

MOST_WEEKS = 53
"""Most weeks of a campaign that are named, the last ones."""
RECENT_WEEKS = 4
_WEEK_US = 7 * 86_400_000_000
_THURSDAY_US = 3 * 86_400_000_000  # 1970 began on a Thursday, three days after a Monday


@dataclass(frozen=True, slots=True, eq=False)
class CampaignWeeks:
    """Adverts of each campaign by week.

    Attributes:
        counts: Maps each campaign to its number of adverts by week, counted from the Monday before
            1970, in order.
        last: The last week of the bank; None if no time is known.
    """

    counts: Mapping[str, Mapping[int, int]]
    last: int | None

    def named(self, campaign: str) -> Mapping[str, int]:
        """Return the number of adverts by the names of the last 53 weeks with adverts, in order."""
        own = list(self.counts.get(campaign, {}).items())[-MOST_WEEKS:]
        return {_name(week): number for week, number in own}

    def recent(self, campaign: str) -> int:
        """Return the number of adverts of the last four weeks of the bank."""
        return self._between(campaign, RECENT_WEEKS, 0)

    def before(self, campaign: str) -> int:
        """Return the number of adverts of the four weeks before these."""
        return self._between(campaign, 2 * RECENT_WEEKS, RECENT_WEEKS)

    def _between(self, campaign: str, most: int, least: int) -> int:
        if self.last is None:
            return 0
        own = self.counts.get(campaign, {})
        return sum(n for week, n in own.items() if least <= self.last - week < most)


def weeks_by_campaign(tables: Mapping[str, pa.Table]) -> CampaignWeeks:
    """Return the adverts of each campaign by week.

    Args:
        tables: Tables ``adverts`` and ``builds`` of the bank.
    """
    adverts = tables["adverts"].select(["campaign", "posted_at"])
    timed = adverts.filter(pc.is_valid(adverts["posted_at"]))
    found: dict[str, dict[int, int]] = defaultdict(dict)
    week = _week(timed["posted_at"])
    inside = timed.append_column("week", week).filter(pc.is_valid(timed["campaign"]))
    counted = inside.group_by(["campaign", "week"]).aggregate([([], "count_all")])
    order = [("campaign", "ascending"), ("week", "ascending")]
    for one in counted.sort_by(order).to_pylist():
        found[one["campaign"]][one["week"]] = one["count_all"]
    return CampaignWeeks(found, _last_week(tables))


def recent_weeks(tables: Mapping[str, pa.Table]) -> tuple[str, str] | None:
    """Return the first and the last of the last four weeks of the bank; None without a time."""
    last = _last_week(tables)
    return None if last is None else (_name(last - RECENT_WEEKS + 1), _name(last))


def _name(week: int) -> str:
    return week_name(datetime.date(1969, 12, 29) + week * WEEK)


def _last_week(tables: Mapping[str, pa.Table]) -> int | None:
    """Return the week of the last posting until the last build, since later times are errors."""
    posted, built = tables["adverts"]["posted_at"], pc.max(tables["builds"]["built_at"])
    if built.is_valid:
        posted = posted.filter(pc.less_equal(posted, built))
    last = pc.max(_week(posted)).as_py()
    return None if last is None else int(last)


def _week(times: pa.ChunkedArray) -> pa.ChunkedArray:
    micros = pc.add(times.cast(pa.int64()), _THURSDAY_US).cast(pa.float64())
    return pc.floor(pc.divide(micros, float(_WEEK_US))).cast(pa.int64())
