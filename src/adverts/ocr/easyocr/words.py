"""Make the input of the CRAFT detector from a page, and find words in its two maps.

EasyOCR 1.7.2 does the same, and the tests compare this with its functions. Neither torch nor
EasyOCR is needed here.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import Pixels

TEXT_THRESHOLD, LINK_THRESHOLD, LOW_TEXT = 0.7, 0.4, 0.4
STRIDE_PX = 32  # the sides of the canvas are multiples of it
MAP_PX = 2  # pixels of the canvas for each cell of a map

Maps: TypeAlias = NDArray[np.float32]
"""Scores of one page, ``(2, H / 2, W / 2)``: a cell is in a character, or between two."""
Words: TypeAlias = NDArray[np.int32]
"""Corners of words, ``(words, 4, 2)``: x and y in pixels of the page, clockwise."""

_MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32) * 255
_DEVIATION = np.array([0.229, 0.224, 0.225], dtype=np.float32) * 255
_SMALLEST_CELLS = 10


def canvas_scale(height: int, width: int, canvas_px: int) -> float | None:
    """Return the factor that scales the longer side down to ``canvas_px``; at most 1.

    The result is None if the page has no pixels, or would be thinner than one pixel.
    """
    if min(height, width) < 1:
        return None
    scale = min(1.0, canvas_px / max(height, width))
    return scale if int(min(height, width) * scale) else None


def canvas(image: Pixels, scale: float) -> NDArray[np.float32]:
    """Return the detector's input ``(1, 3, H, W)``: scaled, padded with black, standardised."""
    import cv2

    height, width = (int(side * scale) for side in image.shape[:2])
    shown = np.zeros((_padded(height), _padded(width), 3), dtype=np.float32)
    shown[:height, :width] = cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR)
    shown -= _MEAN
    shown /= _DEVIATION
    return np.ascontiguousarray(shown.transpose(2, 0, 1)[None])


def _padded(side: int) -> int:
    return -(-side // STRIDE_PX) * STRIDE_PX


def words_of(maps: Maps, scale: float) -> Words:
    """Return the words that two maps of a page show, in pixels of the unscaled page.

    A word is a patch of cells above a threshold, at least one of which is certainly text. It is
    enlarged by about the width of a stroke. The word is the smallest rectangle around it.
    """
    import cv2

    text, link = maps
    in_text, in_link = text > LOW_TEXT, link > LINK_THRESHOLD
    patches = (in_text | in_link).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(patches, connectivity=4)
    words = []
    for number in range(1, count):
        left, top, width, height, size = (int(value) for value in stats[number])
        inside = np.s_[top : top + height, left : left + width]
        patch = labels[inside] == number
        if size < _SMALLEST_CELLS or text[inside][patch].max() < TEXT_THRESHOLD:
            continue
        patch &= in_text[inside] | ~in_link[inside]
        growth = int(math.sqrt(size * min(width, height) / (width * height)) * 2)
        words.append(_rectangle(_grown(patch, (left, top), growth, labels.shape)))
    corners = np.array(words, dtype=np.float32).reshape(-1, 4, 2)
    return (corners * np.float64(MAP_PX / scale)).astype(np.float32).astype(np.int32)


def _grown(
    patch: NDArray[np.bool_], corner: tuple[int, int], growth: int, shape: tuple[int, ...]
) -> NDArray[np.int64]:
    """Return the cells ``(cells, 2)``, x and y, of a dilated patch, within the map."""
    import cv2

    left, top = corner
    x, y = max(0, left - growth), max(0, top - growth)
    right = min(shape[1], left + patch.shape[1] + growth + 1)
    bottom = min(shape[0], top + patch.shape[0] + growth + 1)
    room = np.zeros((bottom - y, right - x), dtype=np.uint8)
    room[top - y : top - y + patch.shape[0], left - x : left - x + patch.shape[1]] = patch
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (1 + growth, 1 + growth))
    rows, columns = np.nonzero(cv2.dilate(room, kernel))
    return np.stack([columns + x, rows + y], axis=1)


def _rectangle(cells: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the smallest rectangle around cells, clockwise; a level one if it is nearly square."""
    import cv2

    box = np.asarray(cv2.boxPoints(cv2.minAreaRect(cells.astype(np.int32))), dtype=np.float32)
    sides = np.linalg.norm(box[0] - box[1]), np.linalg.norm(box[1] - box[2])
    if abs(1 - max(sides) / (min(sides) + 1e-5)) <= 0.1:
        (left, top), (right, bottom) = cells.min(axis=0), cells.max(axis=0)
        box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    return np.roll(box, 4 - int(box.sum(axis=1).argmin()), axis=0)
