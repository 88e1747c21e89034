"""Contacts and pictures that were known on one platform and are first seen on another one."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import plural
from adverts_findings.campaigns.news.claims import active_weeks, lack_of, weeks_needed
from adverts_findings.campaigns.news.limits import MISSED_ADVERTS
from adverts_findings.campaigns.news.postings import Posted, posted_by
from adverts_findings.campaigns.news.volumes import Volumes

CONTACT, LINK_TARGET, PICTURE = "contact", "link_target", "picture"
_LINK = "LINK:"


@dataclass(frozen=True, slots=True)
class FirstUse:
    """A contact or picture that is first seen on a platform, and was seen elsewhere before.

    Attributes:
        kind: ``contact``, ``link_target`` or ``picture``.
        value: Its token, or the sha256 of one of its copies in hexadecimal digits; shortened in
            the record of a page.
        platform: The platform on which it is first seen.
        first_seen: When it was first seen there.
        adverts: How often it is shown there since.
        elsewhere: Platforms on which it was seen before.
        campaigns: Campaigns of the adverts that show it there.
        comparable: Whether what was collected before allows to say so.
        why: Why not, if it does not; otherwise empty.
        words: How it was compared, as a sentence.
    """

    kind: str
    value: str
    platform: str
    first_seen: datetime.datetime
    adverts: int
    elsewhere: tuple[str, ...]
    campaigns: tuple[str, ...]
    comparable: bool
    why: str
    words: str


def first_uses(uses: pa.Table, volumes: Volumes) -> list[FirstUse]:
    """Return the values that are first seen on a platform since a week.

    Args:
        uses: A row for each time that a value is shown, see
            :mod:`adverts_findings.campaigns.news.uses`.
        volumes: What was collected.
    """
    campaigns = _campaigns(uses, volumes.since)
    return [
        one
        for value, posted in posted_by(uses, "value", volumes.since).items()
        for one in _of_value(value, posted, campaigns, volumes)
    ]


def _of_value(
    value: str,
    posted: Sequence[Posted],
    campaigns: Mapping[tuple[str, str], Sequence[str]],
    volumes: Volumes,
) -> Iterator[FirstUse]:
    """Yield the first uses of one value."""
    by_platform: dict[str, list[Posted]] = defaultdict(list)
    for one in posted:
        by_platform[one.cell[0]].append(one)
    before = {
        platform
        for platform, shown in by_platform.items()
        if platform and any(one.week is not None and one.week < 0 for one in shown)
    }
    for platform, shown in sorted(by_platform.items()):
        since = [one for one in shown if one.week is not None and one.week >= 0]
        if not platform or platform in before or not before or not since:
            continue
        adverts = sum(one.adverts for one in since)
        needed = weeks_needed(adverts, active_weeks(since))
        weeks = range(-needed, 0)
        why = (
            lack_of(since, weeks, volumes)
            or _doubt(shown, by_platform.get("", ()))
            or _silence(posted, weeks)
        )
        yield FirstUse(
            kind=_kind(value),
            value=value,
            platform=platform,
            first_seen=min(one.first for one in since if one.first is not None),
            adverts=adverts,
            elsewhere=tuple(sorted(before)),
            campaigns=tuple(campaigns.get((value, platform), ())),
            comparable=not why,
            why=why,
            words=f"compared with the {plural(needed, 'week')} before",
        )


def _doubt(shown: Sequence[Posted], nowhere: Sequence[Posted]) -> str:
    """Return why it may have been seen there before: by an advert of unknown time or platform."""
    undated = sum(one.adverts for one in shown if one.week is None)
    if undated:
        return f"the time of {plural(undated, 'advert')} that show it there is not known"
    unplaced = sum(one.adverts for one in nowhere if one.week is None or one.week < 0)
    if unplaced:
        return f"the platform of {plural(unplaced, 'advert')} that showed it before is not known"
    return ""


def _silence(posted: Sequence[Posted], weeks: range) -> str:
    """Return that a value was hardly in use in the weeks compared, which then say nothing of it."""
    shown = sum(one.adverts for one in posted if one.week in weeks)
    if shown >= MISSED_ADVERTS:
        return ""
    told = f"only {shown} times" if shown else "nowhere"
    return f"it was shown {told} in the {plural(len(weeks), 'week')} before"


def _kind(value: str) -> str:
    if ":" not in value:
        return PICTURE
    return LINK_TARGET if value.startswith(_LINK) else CONTACT


def _campaigns(uses: pa.Table, since: datetime.date) -> Mapping[tuple[str, str], list[str]]:
    """Return the campaigns of the adverts since a week, by value and platform."""
    recent = pc.greater_equal(uses["week"], pa.scalar(since, pa.date32()))
    rows = uses.filter(pc.and_kleene(recent, pc.is_valid(uses["campaign"])))
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    order = [(name, "ascending") for name in ("value", "platform", "campaign")]
    unique = rows.group_by(["value", "platform", "campaign"]).aggregate([])
    for one in unique.sort_by(order).to_pylist():
        found[one["value"], one["platform"] or ""].append(one["campaign"])
    return found
