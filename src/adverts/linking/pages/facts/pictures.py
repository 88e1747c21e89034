"""Pictures of a campaign, known by their hashes."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from adverts.linking.pages.campaign_rows import AdvertRow
from adverts.linking.pages.shown_values import moment

MOST_PICTURES = 100
"""Most pictures in a record: those of most adverts."""


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
    """

    picture: str
    adverts: int
    accounts: int
    templates: int
    first_seen: str | None
    last_seen: str | None


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of a campaign.

    Attributes:
        number: Number of different pictures.
        adverts: Number of adverts with a picture.
        shown: Some of them, those of most adverts first.
    """

    number: int
    adverts: int
    shown: tuple[ShownPicture, ...]


def picture_name(sha256: bytes) -> str:
    """Return the name of a picture on pages."""
    return sha256.hex()[:12]


def pictures_of(adverts: Sequence[AdvertRow]) -> Pictures:
    """Return the pictures of adverts."""
    shows: dict[bytes, list[AdvertRow]] = {}
    with_picture = 0
    for advert in adverts:
        found = set(advert["picture_sha256"] or ())
        with_picture += bool(found)
        for one in found:
            shows.setdefault(one, []).append(advert)
    order = sorted(shows, key=lambda one: (-len(shows[one]), one))
    return Pictures(
        number=len(shows),
        adverts=with_picture,
        shown=tuple(_shown(one, shows[one]) for one in order[:MOST_PICTURES]),
    )


def _shown(picture: bytes, adverts: Sequence[AdvertRow]) -> ShownPicture:
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
    )
