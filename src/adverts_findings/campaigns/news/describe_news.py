"""From the tables of a bank to what is new in it since a week."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from adverts.errors import InputError, IntegrityError
from adverts_findings.campaigns.news import limits
from adverts_findings.campaigns.news.claims import CampaignNews, claim_on
from adverts_findings.campaigns.news.first_uses import FirstUse, first_uses
from adverts_findings.campaigns.news.known_before import opened_before, seen_before
from adverts_findings.campaigns.news.news_record import GridRow, NewsRecord
from adverts_findings.campaigns.news.postings import posted_by, with_weeks
from adverts_findings.campaigns.news.uses import contact_uses, picture_uses
from adverts_findings.campaigns.news.volumes import Volumes, volumes_of
from adverts_findings.campaigns.pages.shown_values import moment, shortened
from adverts_findings.campaigns.weeks import WEEK, monday_of, week_name

READ = ("adverts", "campaigns", "collected", "listed", "builds")
"""Tables of the bank that are read."""
COLUMNS = (
    "campaign",
    "account",
    "template",
    "platform",
    "language",
    "posted_at",
    "collected_at",
    "contacts",
    "public_contacts",
    "picture_sha256",
    "picture_hashes",
)
"""Columns of its adverts that are read."""
_ORDER = ("new", "revived", "grown")
_MOST_WEEKS = 104


def news_record(tables: Mapping[str, pa.Table], since: datetime.date) -> NewsRecord:
    """Return what is new in a bank since the beginning of a week.

    Times are those of posting, or of collection where that is not known; when an advert entered the
    bank makes no difference. The last week is that of the build.

    Args:
        tables: The tables :data:`READ` of the bank.
        since: Monday of the week.

    Raises:
        InputError: The week begins after the build, or more than two years before.
        IntegrityError: The bank has no build.
    """
    if not len(tables["builds"]):
        raise IntegrityError("the bank has no build; build it first")
    build = tables["builds"].sort_by([("build", "descending")]).slice(0, 1).to_pylist()[0]
    last = monday_of(build["built_at"].astimezone(datetime.UTC).date())
    if since > last:
        raise InputError(
            f"since={week_name(since)} begins after the last build, of {build['built_at']:%Y-%m-%d}"
            "; build the bank with newer adverts first, or give an earlier week"
        )
    if (last - since) // WEEK > _MOST_WEEKS:
        raise InputError(
            f"since={week_name(since)} is more than {_MOST_WEEKS} weeks before the last build, of "
            f"{build['built_at']:%Y-%m-%d}; give a later week"
        )
    volumes = volumes_of(tables["collected"], since=since, last=last)
    adverts = with_weeks(tables["adverts"].select(COLUMNS), last)
    contacts = contact_uses(adverts, tables["listed"]["value"].to_pylist())
    uses = (contacts, picture_uses(adverts, since))
    return NewsRecord(
        since=week_name(since),
        first_day=since.isoformat(),
        build=build["build"],
        built_at=moment(build["built_at"]),
        weeks=tuple(volumes.name(week) for week in volumes.weeks),
        grid=_grid(volumes),
        campaigns=_campaigns(_claims(tables, adverts, contacts, volumes)),
        uses=_uses([one for table in uses for one in first_uses(table, volumes)]),
        without_time=adverts["time"].null_count,
        limits={name.lower(): getattr(limits, name) for name in sorted(_limits())},
    )


def _claims(
    tables: Mapping[str, pa.Table], adverts: pa.Table, contacts: pa.Table, volumes: Volumes
) -> list[CampaignNews]:
    """Return what is said of campaigns; of a new one nothing is claimed if it may be an old one."""
    posted = posted_by(adverts, "campaign", volumes.since)
    found = [claim_on(campaign, shown, volumes) for campaign, shown in posted.items()]
    claims = [one for one in found if one is not None]
    new = [one.campaign for one in claims if one.what == "new" and one.comparable]
    seen = seen_before(new, contacts, adverts, volumes.since)
    known = {campaign: str(found) for campaign, found in seen.items()}
    known |= opened_before(new, tables["campaigns"], tables["builds"], volumes.since)
    return [
        replace(one, comparable=False, why=known[one.campaign]) if one.campaign in known else one
        for one in claims
    ]


def _limits() -> list[str]:
    return [name for name in vars(limits) if name.isupper()]


def _grid(volumes: Volumes) -> tuple[GridRow, ...]:
    rows = []
    for cell, adverts in volumes.adverts.items():
        reach = volumes.reach(cell)
        lack = "" if -reach == volumes.first else volumes.lack(cell, range(-reach - 1, 0))
        numbers = tuple(adverts.tolist())
        judged = tuple(volumes.judged[cell].tolist())
        rows.append(GridRow(*cell, adverts=numbers, judged=judged, reach=reach, lack=lack))
    return tuple(sorted(rows, key=lambda one: (-sum(one.adverts), one.platform, one.language)))


def _campaigns(claims: Sequence[CampaignNews]) -> tuple[CampaignNews, ...]:
    return tuple(
        sorted(
            claims,
            key=lambda one: (
                not one.comparable,
                _ORDER.index(one.what),
                -one.adverts,
                one.campaign,
            ),
        )
    )


def _uses(found: Sequence[FirstUse]) -> tuple[FirstUse, ...]:
    ordered = sorted(
        found, key=lambda one: (not one.comparable, one.kind, -one.adverts, one.value, one.platform)
    )
    return tuple(replace(one, value=shortened(one.value)) for one in ordered)
