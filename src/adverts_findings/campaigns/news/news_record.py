"""What the page of news states, as values: its JSON file and its HTML page come from them.

Times are in UTC. Tokens are shortened, see :mod:`adverts_findings.campaigns.pages.shown_values`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adverts_findings.campaigns.news.claims import CampaignNews
from adverts_findings.campaigns.news.first_uses import FirstUse

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class GridRow:
    """What was collected of one platform and language.

    Attributes:
        platform: The platform; empty if it is not known.
        language: The language; empty if it is not known.
        adverts: Number of adverts in each week, of all groups.
        judged: Number of them that a person judged.
        reach: Number of weeks directly before that can be compared.
        lack: Why no more can be, from the nearest week that cannot; empty if all can.
    """

    platform: str
    language: str
    adverts: tuple[int, ...]
    judged: tuple[int, ...]
    reach: int
    lack: str


@dataclass(frozen=True, slots=True)
class NewsRecord:
    """All that the page of news states.

    Attributes:
        since: ISO week from whose beginning on something is new.
        first_day: Its Monday.
        build: Number of the build.
        built_at: When it was built; the last week is that of this time, and may not be over.
        weeks: ISO weeks of the grid, in order; those before ``since`` are compared with.
        grid: What was collected of each platform and language, the most first.
        campaigns: New campaigns first, then revived and grown ones, comparable ones first.
        uses: First uses on another platform, comparable ones first.
        without_time: Number of adverts of the bank whose time is not known, or is to come.
        limits: Numbers of the rules, by name.
        schema_version: Version of the JSON file.
    """

    since: str
    first_day: str
    build: int
    built_at: str | None
    weeks: tuple[str, ...]
    grid: tuple[GridRow, ...]
    campaigns: tuple[CampaignNews, ...]
    uses: tuple[FirstUse, ...]
    without_time: int
    limits: Mapping[str, float]
    schema_version: int = SCHEMA_VERSION

    def named(self, what: str, *, comparable: bool = True) -> tuple[CampaignNews, ...]:
        """Return the campaigns of which something is said, or cannot be said."""
        return tuple(
            one for one in self.campaigns if one.what == what and one.comparable is comparable
        )
