"""One advert as a reviewer sees it, without its id, its score or another person's answer."""

from __future__ import annotations

from dataclasses import dataclass


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
