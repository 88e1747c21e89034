"""One advert with all that decides whether it may leave, and all that could leave of it."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Literal

from adverts_findings.config.sharing import Sensitivity

AnyGroup = Literal["V", "A", "N", "U", "?"]
"""Group of an advert by the last words of people; ``?`` if they disagree, or nobody said one."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Hashes of a picture.

    Attributes:
        sha256: Hex sha256 of the file.
        md5: Hex MD5 of the file; empty if the file itself was not read.
        pdq: PDQ hash, 64 hex digits in the order that other tools write; empty if the picture
            could not be read.
        quality: PDQ's measure of its detail, 0 to 100; 0 if the picture could not be read.
        is_text_tile: Whether it is mostly text on a plain ground, see
            :class:`adverts.clusters.picture_hash.PictureHash`: its PDQ hash recognises others, too.
    """

    sha256: str
    md5: str
    pdq: str
    quality: int
    is_text_tile: bool


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What people said of an advert.

    Attributes:
        group: Group of their last words.
        label: Class of the taxonomy that they gave; empty if they gave none or disagree.
        reviewers: Names of all people who said anything of it in any task, each person once.
        at: When the last of the words was said that decide on its group, ISO 8601 in UTC; empty
            if there is none.
        accounts: Accounts of the system that these people said it with, where they are known.
        safeguarding: Open safeguarding signals, such as ``minor_present``.
    """

    group: AnyGroup
    label: str
    reviewers: tuple[str, ...]
    at: str
    accounts: frozenset[str] = frozenset()
    safeguarding: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """An advert of the bank that somebody asks to share.

    Attributes:
        advert: Its id in the bank; it never leaves.
        item: Its name in reviews, see :func:`adverts.data.review.reviews.item_name`.
        campaign: Its campaign; it never leaves in a notice.
        source: Input of the bank that it came from.
        platform: Platform that it was posted on; empty if it is not known.
        url: Address of the posting; empty if it is not known.
        platform_item_id: Id of the posting on the platform; empty if it is not known.
        language: Its language; empty if it is not known.
        posted_at: When it was posted; None if that is not known.
        template: Name of its template in the bank.
        text: Its own text with contacts masked, without what its pictures say; empty if it was not
            read or has none.
        pictures: Its pictures.
        reviewed: What people said of it.
        sensitivity: How careful one has to be with the data that it came from.
        licence: Licence of that data.
        audience: Audience of the bundle that scored it, ``internal`` or ``partner``; empty if no
            bundle did.
        retain_until: Last day on which it may be kept; None: no day is set.
    """

    advert: str
    item: str
    campaign: str
    source: str
    platform: str
    url: str
    platform_item_id: str
    language: str
    posted_at: datetime.datetime | None
    template: str
    text: str
    pictures: tuple[Picture, ...]
    reviewed: Reviewed
    sensitivity: Sensitivity
    licence: str
    audience: Literal["internal", "partner", ""]
    retain_until: datetime.date | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an advert, or one thing of it, does not leave.

    Attributes:
        item: Name of the advert in reviews.
        kind: What is refused of it: ``notice``, ``hashes``, ``stix``, ``misp``, or ``all``.
        reason: Why, in words for the person who asked; no contact and no text is in it.
        until: What would change that, in words; empty if nothing would.
    """

    item: str
    kind: str
    reason: str
    until: str = ""
