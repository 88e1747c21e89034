"""What was seen of a campaign in its last week, and what of it for the first time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adverts_findings.campaigns.pages.campaign_rows import AdvertRow, IdentityRow
from adverts_findings.campaigns.pages.shown_values import shortened
from adverts_findings.campaigns.weeks import monday_of, week_name

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class KnownElsewhere:
    """An identity that is new in the last week, while its token was seen before.

    Attributes:
        identity: Its name.
        kind: ``contact``, ``account`` or ``link_target``.
        value: Its token, shortened.
        platform: Its platform; None if it is not known.
        again: Whether the token was seen on this platform before, which was silent in between.
    """

    identity: str
    kind: str
    value: str
    platform: str | None
    again: bool


@dataclass(frozen=True, slots=True)
class LastWeek:
    """The last week in which an advert of the campaign was posted, by the calendar of ISO 8601.

    Attributes:
        week: The week, such as ``2026-W45``.
        adverts: Number of adverts in it.
        before: Number of adverts in the week before it.
        platforms: Maps each platform of either week to its adverts in the last and in the week
            before.
        identities: Names of identities whose token is seen for the first time in it, at most 20.
        identity_count: Number of such identities.
        known_elsewhere: Identities that are new in it, of tokens that were seen before on another
            platform or before a silence: at most 20.
        known_elsewhere_count: Number of such identities.
        templates: Names of templates that are used for the first time in it, at most 20.
        template_count: Number of such templates.
        pictures: Number of pictures that are used for the first time in it.
    """

    week: str
    adverts: int
    before: int
    platforms: Mapping[str, tuple[int, int]]
    identities: tuple[str, ...]
    identity_count: int
    known_elsewhere: tuple[KnownElsewhere, ...]
    known_elsewhere_count: int
    templates: tuple[str, ...]
    template_count: int
    pictures: int


def last_week_of(
    adverts: Sequence[AdvertRow], identities: Sequence[IdentityRow]
) -> LastWeek | None:
    """Return what was seen in the last week; None if no time is known."""
    timed = [(one, one["posted_at"]) for one in adverts if one["posted_at"] is not None]
    if not timed:
        return None
    weeks = [(one, _monday(at)) for one, at in timed]
    last = max(week for _, week in weeks)
    previous = last - datetime.timedelta(days=7)
    now = [one for one, week in weeks if week == last]
    before = [one for one, week in weeks if week == previous]
    older = [one for one, week in weeks if week < last]
    names = sorted({one["platform"] or "" for one in (*now, *before)})
    templates = sorted({one["template"] for one in now} - {one["template"] for one in older})
    new, elsewhere = _new_identities(identities, last)
    return LastWeek(
        week=week_name(last),
        adverts=len(now),
        before=len(before),
        platforms={
            name: (_count(now, platform=name), _count(before, platform=name)) for name in names
        },
        identities=tuple(new[:_MOST_NAMED]),
        identity_count=len(new),
        known_elsewhere=tuple(elsewhere[:_MOST_NAMED]),
        known_elsewhere_count=len(elsewhere),
        templates=tuple(one for one in templates if one)[:_MOST_NAMED],
        template_count=len(templates),
        pictures=len(set(_pictures(now)) - set(_pictures(older))),
    )


def _new_identities(
    identities: Sequence[IdentityRow], week: datetime.date
) -> tuple[list[str], list[KnownElsewhere]]:
    """Return identities that begin in a week: those of new tokens, and those of known ones."""
    earlier = {
        (one["value"], one["platform"])
        for one in identities
        if one["first_seen"] is not None and _monday(one["first_seen"]) < week
    }
    values = {value for value, _ in earlier}
    new, elsewhere = [], []
    for one in sorted(identities, key=lambda one: one["identity"]):
        if one["first_seen"] is None or _monday(one["first_seen"]) != week:
            continue
        if one["value"] not in values:
            new.append(one["identity"])
            continue
        elsewhere.append(
            KnownElsewhere(
                identity=one["identity"],
                kind=one["kind"],
                value=shortened(one["value"]),
                platform=one["platform"],
                again=(one["value"], one["platform"]) in earlier,
            )
        )
    return new, elsewhere


def _monday(at: datetime.datetime) -> datetime.date:
    return monday_of(at.astimezone(datetime.UTC).date() if at.tzinfo else at.date())


def _count(adverts: Sequence[AdvertRow], *, platform: str) -> int:
    return sum((one["platform"] or "") == platform for one in adverts)


def _pictures(adverts: Iterable[AdvertRow]) -> Iterable[bytes]:
    return (picture for one in adverts for picture in one["picture_sha256"] or ())
