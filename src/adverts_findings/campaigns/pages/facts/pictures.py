"""Pictures of a campaign, known by their hashes."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from adverts_findings.campaigns.pages.campaign_rows import AdvertRow
from adverts_findings.campaigns.pages.shown_values import moment

MOST_PICTURES = 100
"""Most pictures in a record: those of most adverts."""
_MOST_ADVERTS, _MOST_OTHERS = 20, 10


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture, equal to the byte in all of its adverts.

    Attributes:
        picture: The first 12 digits of its sha256.
        adverts: Number of adverts of the campaign that show it.
        accounts: Number of accounts that post these adverts.
        templates: Number of their templates.
        first_seen: Time of the first of these adverts; None if no time is known.
        last_seen: Time of the last of them; None if no time is known.
        ids: Ids of these adverts, in order: at most 20.
        others: Other campaigns of the bank whose adverts show it, in order: at most 10.
        other_count: Number of such campaigns.
    """

    picture: str
    adverts: int
    accounts: int
    templates: int
    first_seen: str | None
    last_seen: str | None
    ids: tuple[str, ...]
    others: tuple[str, ...]
    other_count: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a campaign.

    Attributes:
        number: Number of different pictures.
        adverts: Number of adverts with a picture.
        shown: Some of them, those of most adverts first.
        without: Ids of adverts without a picture, in order: at most 20.
    """

    number: int
    adverts: int
    shown: tuple[ShownPicture, ...]
    without: tuple[str, ...]


def picture_name(sha256: bytes) -> str:
    """Return the name of a picture on pages."""
    return sha256.hex()[:12]


def pictures_of(
    adverts: Sequence[AdvertRow], elsewhere: Mapping[bytes, Sequence[str]] = MappingProxyType({})
) -> Pictures:
    """Return the pictures of adverts.

    Args:
        adverts: Adverts of a campaign.
        elsewhere: Maps a picture to the other campaigns whose adverts show it, in order.
    """
    shows: dict[bytes, list[AdvertRow]] = {}
    without = []
    for advert in adverts:
        found = set(advert["picture_sha256"] or ())
        if not found:
            without.append(advert["id"])
        for one in found:
            shows.setdefault(one, []).append(advert)
    order = sorted(shows, key=lambda one: (-len(shows[one]), one))
    return Pictures(
        number=len(shows),
        adverts=len(adverts) - len(without),
        shown=tuple(
            _shown(one, shows[one], elsewhere.get(one, ())) for one in order[:MOST_PICTURES]
        ),
        without=tuple(sorted(without)[:_MOST_ADVERTS]),
    )


def _shown(picture: bytes, adverts: Sequence[AdvertRow], others: Sequence[str]) -> ShownPicture:
    times: list[datetime.datetime] = [
        one["posted_at"] for one in adverts if one["posted_at"] is not None
    ]
    return ShownPicture(
        picture=picture_name(picture),
        adverts=len(adverts),
        accounts=len({one["account"] for one in adverts} - {None}),
        templates=len({one["template"] for one in adverts}),
        first_seen=moment(min(times, default=None)),
        last_seen=moment(max(times, default=None)),
        ids=tuple(sorted(one["id"] for one in adverts)[:_MOST_ADVERTS]),
        others=tuple(others[:_MOST_OTHERS]),
        other_count=len(others),
    )
