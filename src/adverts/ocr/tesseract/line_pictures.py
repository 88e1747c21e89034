"""Pictures of one line as Tesseract was trained on them: dark letters on a light, empty ground.

Adverts are set in outlined letters over photographs. What tells the letters from the rest is that
they are of one colour: the commonest colours of a line are its letters and their outline, while a
photograph spreads over many. So each common colour is tried as the colour of the letters.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.engine import Pixels
from adverts.ocr.tesseract.lines import LinePicture

BORDER_PX = 10  # of empty ground around the line
_CELLS = 16  # of a colour axis, in which colours are counted
_RADIUS = 22.0  # in Lab units of 8 bits: colours so near are one, blurred by compression
_APART = 1.6  # two colours of a line are so many radii apart
_COLOURS = 3  # of a line that are tried
_RARE = 0.03  # share of the pixels below which no colour is looked for
_SAME, _OTHER = 8.0, 55.0  # distances from the letters' colour that are drawn black and white
_CORE = 0.2  # top and bottom share of the crop where no letters' bodies are


def plain_picture(crop: Pixels, *, border_px: int = BORDER_PX) -> LinePicture:
    """Return the line in grey, stretched to the full range; inverted where it is mostly dark."""
    import cv2

    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
    low, high = int(grey.min()), int(grey.max())
    grey = ((grey.astype(np.float32) - low) * (255 / max(1, high - low))).astype(np.uint8)
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return _framed(255 - grey if np.asarray(light).mean() < 0.5 else grey, border_px)


def colour_pictures(crop: Pixels) -> Iterator[LinePicture]:
    """Yield the line drawn by nearness to each of its common colours, the commonest first."""
    import cv2

    lab = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2LAB), np.float32)
    edge = int(len(lab) * _CORE)
    for colour in common_colours(lab[edge : len(lab) - edge].reshape(-1, 3)):
        distance = np.sqrt(((lab - colour) ** 2).sum(axis=2))
        yield _framed((np.clip((distance - _SAME) / (_OTHER - _SAME), 0, 1) * 255).astype(np.uint8))


def common_colours(pixels: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return the densest places among colours, ``(pixels, 3)`` in Lab of 8 bits; densest first."""
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
    """Return the middle of the cell that most pixels lie in or beside."""
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
