"""Reading one line with Tesseract over several pictures of it: the surest reading wins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.engine import Pixels
from adverts.ocr.page.line_crops import line_crop
from adverts.ocr.page.words import Word, mean_confidence
from adverts.ocr.tesseract.line_pictures import BORDER_PX, colour_pictures, plain_picture
from adverts.ocr.tesseract.lines import Layout, LinePicture, TesseractLines

_HEIGHT_PX = 56  # of the crop
_BESIDE, _ABOVE = 0.15, 0.12  # room around a line, as shares of its height
_SURE = 0.85  # no other picture is tried
_POOR = 0.5  # the whole picture is taken for the line, where Tesseract found none in it


def read_line(
    lines: TesseractLines, data: str, image: Pixels, box: NDArray[np.float32]
) -> list[Word]:
    """Return the words of one line of a page; none where Tesseract sees none.

    Args:
        lines: Tesseract.
        data: Name of the language data.
        image: The page.
        box: Corners of the line.
    """
    crop = line_crop(image, box, height_px=_HEIGHT_PX, beside=_BESIDE, above=_ABOVE)
    best: list[Word] = []
    score = -1.0
    for picture, layout in _attempts(crop):
        if layout == "raw line" and score >= _POOR:
            break
        words = lines.read(data, picture, layout)
        if (trust := _trust(words)) > score:
            best, score = words, trust
        if score >= _SURE:
            break
    room = _BESIDE * _HEIGHT_PX / (1 + 2 * _ABOVE)
    inner = crop.shape[1] - 2 * room
    return [_moved(word, room + BORDER_PX, crop.shape[1] + 2 * BORDER_PX, inner) for word in best]


def _attempts(crop: Pixels) -> Iterator[tuple[LinePicture, Layout]]:
    pictures: list[LinePicture] = []
    for picture in _pictures(crop):
        pictures.append(picture)
        yield picture, "line"
    for picture in pictures:
        yield picture, "raw line"


def _pictures(crop: Pixels) -> Iterator[LinePicture]:
    yield plain_picture(crop)
    yield from colour_pictures(crop)


def _trust(words: Sequence[Word]) -> float:
    """Return how much a reading is worth: how sure it is, and of how much of the line."""
    covered = sum(word.right - word.left for word in words)
    return mean_confidence(words) * min(1.0, covered / _USUAL_COVER) ** 0.5 if words else 0.0


_USUAL_COVER = 0.6  # of the picture's width, by words


def _moved(word: Word, start: float, width: float, inner: float) -> Word:
    """Give a word's place as a share of its box instead of the picture."""
    left, right = ((x * width - start) / inner for x in (word.left, word.right))
    return Word(word.text, word.confidence, left, right)
