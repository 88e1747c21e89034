"""What was read from the source for the page of one campaign, as values.

Texts and pictures are restricted: contacts are masked, pictures blurred in their pixels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a template.

    Attributes:
        words: The words that all of its texts have in this place; empty for a slot.
        kind: What varies in a slot: ``price``, ``date``, ``time``, ``number``, ``contact`` or
            ``words``; empty for fixed words.
        found: Maps what stands in the slot to the number of texts, the most first; empty text
            where nothing stands there. At most eight.
        more: Number of other things that stand in the slot.
    """

    words: str = ""
    kind: str = ""
    found: tuple[tuple[str, int], ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class TextVariant:
    """Texts of a template that are alike: a template may be of one picture with unlike texts.

    Attributes:
        adverts: Number of adverts with one of these texts.
        pieces: Their parts in order.
    """

    adverts: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class ShownTemplate:
    """A template of the campaign with its slots.

    Attributes:
        template: Its name.
        adverts: Number of adverts of the campaign that show it.
        texts: Number of them with a text in the source.
        languages: Languages of these texts, the most frequent first.
        variants: Texts that are alike, the most adverts first: at most five.
        variant_count: Number of such groups of texts.
        cut: Whether its texts are longer than what is shown.
    """

    template: str
    adverts: int
    texts: int
    languages: tuple[str, ...]
    variants: tuple[TextVariant, ...]
    variant_count: int
    cut: bool


@dataclass(frozen=True, slots=True)
class PriceWeek:
    """Prices in one currency in one week.

    Attributes:
        week: The week, such as ``2026-W05``; empty where the time is not known.
        currency: The currency, as a code, or the word or sign that is written.
        prices: Number of prices.
        adverts: Number of adverts that name one.
        least: The smallest.
        middle: The median.
        most: The largest.
    """

    week: str
    currency: str
    prices: int
    adverts: int
    least: float
    middle: float
    most: float


@dataclass(frozen=True, slots=True)
class Originals:
    """What was read from the source of one campaign.

    Attributes:
        sources: Folders that it was read from.
        found: Number of adverts of the campaign that are in them.
        templates: Templates with their slots, those of most adverts first.
        template_count: Number of templates with a text.
        prices: Prices by currency and week, unknown weeks last.
        without_price: Number of adverts with a text that names no price.
        pictures: Maps the name of a picture to a blurred PNG as a ``data:`` address.
        unreadable: Number of pictures that could not be read.
    """

    sources: tuple[str, ...]
    found: int
    templates: tuple[ShownTemplate, ...]
    template_count: int
    prices: tuple[PriceWeek, ...]
    without_price: int
    pictures: Mapping[str, str]
    unreadable: int
