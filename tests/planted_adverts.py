"""Adverts of campaigns, as text, picture or both: copies edit either, and some share a contact."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator
from dataclasses import dataclass

import planted
import planted_edits
from PIL import Image
from planted_images import EDITS_OF_KIND, KIND_WEIGHTS, KINDS

from adverts.clusters.links import Traits
from adverts.clusters.picture_hash import PictureHash, describe_picture
from adverts.inputs.contacts.contact_tokens import ContactToken

FORMS = ("text", "picture", "both")
BUSY = ContactToken("PHONE:busy", None)
"""A contact of one advert in twenty, each of another account."""

_COPIES = (0, 0, 0, 0, 0, 1, 1, 2, 4, 6)
_WITH_CONTACT, _BUSY = 0.25, 0.05
_MISREAD = 0.02  # share of the letters on a picture


@dataclass(frozen=True, slots=True)
class PlantedAdvert:
    """An advert and where it comes from.

    Attributes:
        traits: What clusters are found from.
        look: What its picture looks like, or None without one.
        source: Row of the advert that it is a copy of, or its own: the campaign.
        text_edit: What was done to the text of a copy, or nothing.
        image_edit: What was done to the picture of a copy, or nothing.
        kind: Of its picture: ``photo``, ``product`` or ``tile``; empty without one.
        is_linked: Its campaign shares a contact.
    """

    traits: Traits
    look: PictureHash | None
    source: int
    text_edit: str
    image_edit: str
    kind: str
    is_linked: bool


@dataclass(frozen=True, slots=True)
class _Picture:
    image: Image.Image
    name: str
    look: PictureHash
    page: str
    kind: str


def planted_adverts(count: int, *, seed: int) -> list[PlantedAdvert]:
    """Return ``count`` adverts in six languages, campaign after campaign.

    A third of the campaigns has text, a third a picture, a third both. Of ten, five have one
    advert, five more. The contact of a campaign stands in half of its adverts.
    """
    draw = random.Random(seed)
    adverts: list[PlantedAdvert] = []
    while len(adverts) < count:
        adverts += _campaign(draw, len(adverts))
    return adverts[:count]


def _campaign(draw: random.Random, source: int) -> Iterator[PlantedAdvert]:
    form = draw.choice(FORMS)
    text = "" if form == "picture" else planted.original_text(draw, draw.choice(planted.LANGUAGES))
    picture = None if form == "text" else _picture(draw, f"{source}")
    contact = ContactToken(f"PHONE:{source}", None) if draw.random() < _WITH_CONTACT else None
    for row in range(source, source + draw.choice(_COPIES) + 1):
        text_edit, image_edit = _edits(draw, form, picture) if row > source else ("", "")
        copy = planted.EDITS[text_edit](draw, text) if text_edit else text
        shown = _edited(draw, picture, image_edit, f"{row}") if picture and image_edit else picture
        tokens = [contact] if contact and draw.random() < 0.5 else []
        tokens += [BUSY] if draw.random() < _BUSY else []
        yield PlantedAdvert(
            Traits(
                f"{row:08}",
                copy,
                _read(draw, shown.page) if shown else "",
                (shown.name,) if shown else (),
                account=f"account {row}",
                contacts=tuple(tokens),
            ),
            shown.look if shown else None,
            source,
            text_edit,
            image_edit,
            kind=picture.kind if picture else "",
            is_linked=contact is not None,
        )


def _edits(draw: random.Random, form: str, picture: _Picture | None) -> tuple[str, str]:
    """Return what to do to the text and to the picture: one of them, or both."""
    of_text = draw.choice(tuple(planted.EDITS))
    of_image = draw.choice(EDITS_OF_KIND[picture.kind]) if picture else ""
    edited = draw.choice(FORMS) if form == "both" else form
    return "" if edited == "picture" else of_text, "" if edited == "text" else of_image


def _picture(draw: random.Random, name: str) -> _Picture:
    kind = draw.choices(tuple(KINDS), KIND_WEIGHTS)[0]
    image = KINDS[kind](draw)
    return _Picture(image, name, describe_picture(image), image.info.get("page", ""), kind)


def _edited(draw: random.Random, picture: _Picture, edit: str, name: str) -> _Picture:
    image = planted_edits.EDITS[edit](draw, picture.image)
    return _Picture(image, name, describe_picture(image), picture.page, picture.kind)


def _read(draw: random.Random, page: str) -> str:
    """Take some letters for others, as a reader of images does."""
    return "".join(
        draw.choice(string.ascii_lowercase)
        if letter.isalpha() and draw.random() < _MISREAD
        else letter
        for letter in page
    )
