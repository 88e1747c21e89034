"""Join words to lines as EasyOCR 1.7.2 does; the tests compare this with its functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.easyocr.words import Words
from adverts.ocr.protocol import Boxes

SMALLEST_PX = 20
MARGIN = 0.1  # as a share of the height
_SLOPE = 0.1
_MIDDLE, _HEIGHT, _GAP = 0.5, 0.5, 0.5  # as shares of the height


@dataclass(frozen=True, slots=True)
class Level:
    """Level rectangle, in pixels."""

    left: int
    right: int
    top: int
    bottom: int

    @property
    def middle(self) -> float:
        """Vertical position of the middle, in pixels."""
        return 0.5 * (self.top + self.bottom)

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top


Slanted: TypeAlias = NDArray[np.float64]
"""Corners ``(4, 2)`` of a rectangle that is not level."""


def lines_of(words: Words, height: int, width: int) -> Boxes:
    """Return the lines of words: level lines first, cut at the page's edges, then slanted lines.

    Lines whose longer side is at most :data:`SMALLEST_PX` are omitted.
    """
    level, slanted = group(words)
    boxes = [
        cut
        for line in level
        if max(line.right - line.left, line.height) > SMALLEST_PX
        and (cut := _corners(line, height, width)) is not None
    ]
    boxes += [line for line in slanted if np.ptp(line, axis=0).max() > SMALLEST_PX]
    return np.array(boxes, dtype=np.float32).reshape(-1, 4, 2)


def group(words: Words) -> tuple[list[Level], list[Slanted]]:
    """Return the level lines and the slanted lines of words, with a margin around each line.

    Level words join if they are side by side, of similar height and not far apart. Each slanted
    word is a separate line.
    """
    level, slanted = [], []
    for word in words:
        if _is_level(word):
            (left, top), (right, bottom) = word.min(axis=0), word.max(axis=0)
            level.append(Level(int(left), int(right), int(top), int(bottom)))
        else:
            slanted.append(_widened(word.astype(np.float64)))
    lines = [_joined(line) for row in _rows(level) for line in _split(row)]
    return lines, slanted


def _is_level(word: NDArray[np.int32]) -> bool:
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = word.tolist()
    upper, lower = (y2 - y1) / max(10, x2 - x1), (y3 - y4) / max(10, x3 - x4)
    return bool(max(abs(upper), abs(lower)) < _SLOPE)


def _widened(word: Slanted) -> Slanted:
    """Return corners moved outwards along the diagonals, with bounded direction if steep."""
    tall, wide = np.linalg.norm(word[3] - word[0]), np.linalg.norm(word[1] - word[0])
    margin = int(1.44 * MARGIN * min(wide, tall))
    moved = word.copy()
    for near, far, sign in ((0, 2, -1.0), (1, 3, 1.0)):
        across, down = word[near] - word[far]
        angle = abs(np.arctan(down / max(10.0, across)))
        x, y = np.cos(angle) * margin, np.sin(angle) * margin
        moved[near] += (sign * x, -y)
        moved[far] += (-sign * x, y)
    return moved


def _rows(words: Iterable[Level]) -> list[list[Level]]:
    """Return rows of words with similar vertical middles, from top to bottom."""
    rows: list[list[Level]] = []
    for word in sorted(words, key=lambda word: word.middle):
        if rows and _beside(rows[-1], word):
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def _beside(row: Sequence[Level], word: Level) -> bool:
    away = abs(fmean(other.middle for other in row) - word.middle)
    return away < _MIDDLE * fmean(other.height for other in row)


def _split(row: Iterable[Level]) -> list[list[Level]]:
    """Return the parts of a row, split where the height changes or a gap is wide."""
    parts: list[list[Level]] = []
    for word in sorted(row, key=lambda word: word.left):
        if parts and _continues(parts[-1], word):
            parts[-1].append(word)
        else:
            parts.append([word])
    return parts


def _continues(line: Sequence[Level], word: Level) -> bool:
    height = fmean(other.height for other in line)
    near = word.left - line[-1].right < _GAP * word.height
    return near and abs(height - word.height) < _HEIGHT * height


def _joined(words: Sequence[Level]) -> Level:
    """Return the rectangle around words with a margin."""
    left, right = min(word.left for word in words), max(word.right for word in words)
    top, bottom = min(word.top for word in words), max(word.bottom for word in words)
    margin = int(MARGIN * min(right - left, bottom - top))
    return Level(left - margin, right + margin, top - margin, bottom + margin)


def _corners(line: Level, height: int, width: int) -> Slanted | None:
    """Return the corners of the part of a line on the page; None if there is none."""
    left, right = max(0, line.left), min(width, line.right)
    top, bottom = max(0, line.top), min(height, line.bottom)
    if left >= right or top >= bottom:
        return None
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float64)
