"""One advert as a reviewer sees it, without its id, its score or another person's answer."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.review.reviews import item_name


@dataclass(frozen=True, slots=True)
class Item:
    """What a person looks at to label an advert.

    Attributes:
        name: Its name on sheets, see :func:`adverts.data.review.reviews.item_name`.
        text: Text of the post, with contacts masked; may be empty.
        picture_text: Text read from its pictures, with contacts masked; may be empty.
        pictures: Encoded pictures as they were collected; they are blurred before they are shown.
        language: Code of its language, or empty if it is not known.
    """

    name: str
    text: str
    picture_text: str
    pictures: tuple[bytes, ...]
    language: str


def item_of(table: AdvertTable, row: int) -> Item:
    """Return what a person looks at of an advert of a prepared dataset."""
    return Item(
        item_name(table.ids[row]),
        table.texts[row],
        table.ocr_texts[row] or "",
        table.images(row),
        table.langs[row] or "",
    )
