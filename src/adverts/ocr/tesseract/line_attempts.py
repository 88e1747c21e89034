"""Read one line with Tesseract from several versions of its picture; keep the surest reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.page.line_crops import line_crop
from adverts.ocr.page.words import Word, mean_confidence
from adverts.ocr.protocol import Pixels
from adverts.ocr.tesseract.lines import Layout, LinePicture, TesseractLines

BORDER_PX = 10  # empty border around the line
_CELLS = 16  # cells on each colour axis, in which colours are counted
_RADIUS = 22.0  # colours within this distance, in Lab units of 8 bits, count as one
_APART = 1.6  # two colours of a line are at least this many radii apart
_COLOURS = 3  # most colours of a line that are tried
_RARE = 0.03  # share of the pixels below which no further colour is searched
_SAME, _OTHER = 8.0, 55.0  # distances from the letters' colour that become black and white
_CORE = 0.2  # share at top and bottom of the crop without bodies of letters
_HEIGHT_PX = 56  # height of the crop
_BESIDE, _ABOVE = 0.15, 0.12  # margins of a line, as shares of its height
_SURE = 0.85  # from here on no other picture is tried
_POOR = 0.5  # below it, Tesseract takes the whole picture as the line


def plain_picture(crop: Pixels, *, border_px: int = BORDER_PX) -> LinePicture:
    """Return the line in grey at full contrast; inverted if it is mostly dark."""
    import cv2

    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
    low, high = int(grey.min()), int(grey.max())
    grey = ((grey.astype(np.float32) - low) * (255 / max(1, high - low))).astype(np.uint8)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return _framed(255 - grey if np.asarray(light).mean() < 0.5 else grey, border_px)


def colour_pictures(crop: Pixels) -> Iterator[LinePicture]:
    """Yield a picture per common colour of the line, most common first, with that colour black."""
    import cv2

    lab = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2LAB), np.float32)
    edge = int(len(lab) * _CORE)
    for colour in common_colours(lab[edge : len(lab) - edge].reshape(-1, 3)):
        distance = np.sqrt(((lab - colour) ** 2).sum(axis=2))
        yield _framed((np.clip((distance - _SAME) / (_OTHER - _SAME), 0, 1) * 255).astype(np.uint8))


def common_colours(pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the most common of the colours ``(pixels, 3)``, in Lab of 8 bits, densest first."""
    left = pixels
    found: list[NDArray[np.float32]] = []
    while len(left) > _RARE * len(pixels) and len(found) < _COLOURS:
        colour = _densest(left)
        for _ in range(2):
            near = ((left - colour) ** 2).sum(axis=1) < _RADIUS**2
            colour = left[near].mean(axis=0) if near.any() else colour
        found.append(colour)
        left = left[((left - colour) ** 2).sum(axis=1) >= (_RADIUS * _APART) ** 2]
    return found


def _densest(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the centre of the cell with most pixels in it and its neighbours."""
    cells = (pixels * (_CELLS / 256)).astype(np.int64)
    index = (cells[:, 0] * _CELLS + cells[:, 1]) * _CELLS + cells[:, 2]
    counts = np.bincount(index, minlength=_CELLS**3).astype(np.float32)
    counts = counts.reshape(_CELLS, _CELLS, _CELLS)
    for axis in range(3):
        line = np.moveaxis(counts, axis, 0)
        beside = np.zeros_like(line)
        beside[1:] += line[:-1]
        beside[:-1] += line[1:]
        counts = np.moveaxis(np.asarray(line + beside / 2, np.float32), 0, axis)
    place = np.unravel_index(int(counts.argmax()), counts.shape)
    return ((np.asarray(place, np.float32) + 0.5) * (256 / _CELLS)).astype(np.float32)


def _framed(grey: NDArray[np.uint8], border_px: int = BORDER_PX) -> LinePicture:
    return np.pad(grey, border_px, constant_values=255)


def read_line(
    lines: TesseractLines, data: str, image: Pixels, box: NDArray[np.float32]
) -> list[Word]:
    """Return the words of one line of a page; an empty list if Tesseract finds none.

    Args:
        lines: Tesseract reader of single lines.
        data: Name of the language data.
        image: Page that holds the line.
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
    """Return the value of a reading, from its confidence and its share of the line."""
    covered = sum(word.right - word.left for word in words)
    return mean_confidence(words) * min(1.0, covered / _USUAL_COVER) ** 0.5 if words else 0.0


_USUAL_COVER = 0.6  # share of the picture's width that words usually cover


def _moved(word: Word, start: float, width: float, inner: float) -> Word:
    """Return the word with its place as a share of its box instead of the picture."""
    left, right = ((x * width - start) / inner for x in (word.left, word.right))
    return Word(word.text, word.confidence, left, right)
