"""How well the pictures of one advert could be read, told from what was read on each."""

from __future__ import annotations

from collections.abc import Sequence

from adverts.advert import ReadQuality
from adverts.ocr.protocol import OcrResult


def picture_quality(result: OcrResult) -> ReadQuality:
    """Return how well one picture could be read."""
    return ReadQuality(
        confidence=result.quality.confidence,
        smallest_text_px=result.quality.smallest_text_px,
        sharpness=result.quality.sharpness,
        lines=len(result.lines),
        unread_lines=sum(not line.text for line in result.lines),
    )


def advert_quality(pictures: Sequence[ReadQuality]) -> ReadQuality | None:
    """Return the worst text over the pictures that have some, and the lines of all of them.

    The confidence is the mean over all lines with text. None where there is no picture.
    """
    if not pictures:
        return None
    with_text = [picture for picture in pictures if picture.lines > picture.unread_lines]
    lines = sum(picture.lines for picture in pictures)
    unread = sum(picture.unread_lines for picture in pictures)
    total = sum(
        picture.confidence * (picture.lines - picture.unread_lines) for picture in with_text
    )
    return ReadQuality(
        confidence=total / (lines - unread) if with_text else 0.0,
        smallest_text_px=min((picture.smallest_text_px for picture in with_text), default=0.0),
        sharpness=min((picture.sharpness for picture in with_text), default=0.0),
        lines=lines,
        unread_lines=unread,
    )
