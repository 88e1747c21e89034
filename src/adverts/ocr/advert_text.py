"""What the pictures of one advert say together: one text, and how well it could be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adverts.advert import ReadQuality
from adverts.ocr.advert_quality import advert_quality, picture_quality
from adverts.ocr.protocol import OcrResult


@dataclass(frozen=True, slots=True)
class PictureText:
    """What one picture says, or several, without the places of lines, which take far more.

    Attributes:
        text: Contacts unmasked.
        quality: How well it could be read.
    """

    text: str
    quality: ReadQuality


def picture_text(result: OcrResult) -> PictureText:
    """Return what one picture says; what repair changed in it is let go."""
    return PictureText(result.text, picture_quality(result))


def advert_text(pictures: Sequence[PictureText]) -> PictureText | None:
    """Return the texts of all pictures in their order, by newlines; None where there is none."""
    quality = advert_quality([picture.quality for picture in pictures])
    if quality is None:
        return None
    return PictureText("\n".join(one.text for one in pictures if one.text), quality)
