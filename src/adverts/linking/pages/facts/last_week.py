"""What was seen of a campaign in its last week, and what of it for the first time."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adverts.linking.pages.campaign_rows import AdvertRow, IdentityRow

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class LastWeek:
    """The last week in which an advert of the campaign was posted, by the calendar of ISO 8601.

    Attributes:
        week: The week, such as ``2026-W45``.
        adverts: Number of adverts in it.
        before: Number of adverts in the week before it.
        platforms: Maps each platform of either week to its adverts in the last and in the week
            before.
        identities: Names of identities that are seen for the first time in it, at most 20.
        identity_count: Number of such identities.
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
    new = sorted(
        one["identity"]
        for one in identities
        if one["first_seen"] is not None and _monday(one["first_seen"]) == last
    )
    year, number, _ = last.isocalendar()
    return LastWeek(
        week=f"{year:04d}-W{number:02d}",
        adverts=len(now),
        before=len(before),
        platforms={
            name: (_count(now, platform=name), _count(before, platform=name)) for name in names
        },
        identities=tuple(new[:_MOST_NAMED]),
        identity_count=len(new),
        templates=tuple(one for one in templates if one)[:_MOST_NAMED],
        template_count=len(templates),
        pictures=len(set(_pictures(now)) - set(_pictures(older))),
    )


def _monday(at: datetime.datetime) -> datetime.date:
    day = at.astimezone(datetime.UTC).date() if at.tzinfo else at.date()
    return datetime.date.fromordinal(max(day.toordinal() - day.weekday(), 1))


def _count(adverts: Sequence[AdvertRow], *, platform: str) -> int:
    return sum((one["platform"] or "") == platform for one in adverts)


def _pictures(adverts: Iterable[AdvertRow]) -> Iterable[bytes]:
    return (picture for one in adverts for picture in one["picture_sha256"] or ())
