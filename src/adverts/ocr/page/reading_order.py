"""The order in which a person reads a page, whatever its tilt and the sizes of its letters."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from adverts.ocr.page.words import is_right_to_left
from adverts.ocr.protocol import OcrLine

Corners: TypeAlias = Sequence[tuple[float, float]]
"""Four corners ``(x, y)``, clockwise from the text's top left, y downwards."""

_BESIDE = 0.5  # share of the lower of two boxes that lies beside the other
_STACKED = 0.5  # share of the narrower of two boxes that lies above or below the other
_TALL = 1.5  # times as high as the lines that it stands beside
_MOST_TILT = math.radians(45)


@dataclass(frozen=True, slots=True)
class BoxPlace:
    """Where a box lies on its page once the page is level.

    Attributes:
        index: Number of the box.
        left: Least x, in pixels; ``right``, ``top`` and ``bottom`` likewise.
    """

    index: int
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Height of its middle, downwards."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top


@dataclass(slots=True)
class _Row:
    """Boxes side by side.

    Attributes:
        level: Mean middle of the boxes of ordinary height, or else of the first box.
    """

    places: list[BoxPlace]
    ordinary: int
    level: float

    def add(self, place: BoxPlace, *, is_tall: bool) -> None:
        self.places.append(place)
        if not is_tall:
            self.level += (place.middle - self.level) / (self.ordinary + 1)
            self.ordinary += 1


def page_rows(boxes: Sequence[Corners]) -> list[list[BoxPlace]]:
    """Group boxes into rows, from top to bottom.

    Two boxes are side by side where half of the lower one lies beside the other. A box that stands
    beside several lines, one above the other, belongs to the first of them.

    Returns:
        The rows, each in no order; every box is in exactly one.
    """
    places = level_places(boxes)
    tall = {place.index for place in places if _spans_lines(place, places)}
    ordered = sorted(places, key=lambda place: (place.middle, place.left, place.right))
    rows: list[_Row] = []
    for place in sorted(ordered, key=lambda place: place.index in tall):
        is_tall = place.index in tall
        beside = [row for row in rows if _fits(place, row)]
        if not beside:
            rows.append(_Row([place], 1, place.middle))
        elif is_tall:
            min(beside, key=lambda row: row.level).add(place, is_tall=True)
        else:
            max(beside, key=lambda row: _near(place, row)).add(place, is_tall=False)
    return [row.places for row in sorted(rows, key=lambda row: row.level)]


def level_places(boxes: Sequence[Corners]) -> list[BoxPlace]:
    """Turn a page back by its tilt and return where its boxes lie then."""
    tilt = page_tilt(boxes)
    cosine, sine = math.cos(tilt), math.sin(tilt)
    places = []
    for index, box in enumerate(boxes):
        across = [x * cosine + y * sine for x, y in box]
        down = [y * cosine - x * sine for x, y in box]
        places.append(BoxPlace(index, min(across), max(across), min(down), max(down)))
    return places


def page_tilt(boxes: Iterable[Corners]) -> float:
    """Median angle of the boxes, weighted by their length, in radians, clockwise.

    Boxes more than 45 degrees off are not asked; 0.0 where none is left.
    """
    angles = sorted(
        (math.atan2(y, x), math.hypot(x, y))
        for x, y in map(_direction, boxes)
        if x > 0 and abs(math.atan2(y, x)) <= _MOST_TILT
    )
    half, passed = sum(length for _, length in angles) / 2, 0.0
    for angle, length in angles:
        passed += length
        if passed >= half:
            return angle
    return 0.0


def _direction(box: Corners) -> tuple[float, float]:
    """Where the text runs to, twice as long as the box."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = box
    return bx - ax + cx - dx, by - ay + cy - dy


def _spans_lines(place: BoxPlace, places: Sequence[BoxPlace]) -> bool:
    """Whether a box stands beside at least two lines, much lower than it, one above the other."""
    beside = [
        other
        for other in places
        if place.height > _TALL * other.height and _beside(place, other) >= _BESIDE
    ]
    return bool(beside) and _beside(min(beside, key=_middle), max(beside, key=_middle)) < _BESIDE


def _fits(place: BoxPlace, row: _Row) -> bool:
    return _near(place, row) >= _BESIDE and not any(
        _is_stacked(place, other) for other in row.places
    )


def _near(place: BoxPlace, row: _Row) -> float:
    return max(_beside(place, other) for other in row.places)


def _beside(first: BoxPlace, second: BoxPlace) -> float:
    """Share of the lower one's height that lies beside the other; negative where none does."""
    shared = min(first.bottom, second.bottom) - max(first.top, second.top)
    return shared / max(min(first.height, second.height), 1e-9)


def _is_stacked(first: BoxPlace, second: BoxPlace) -> bool:
    """Whether one stands above the other, so that they share no row."""
    shared = min(first.right, second.right) - max(first.left, second.left)
    narrower = min(first.right - first.left, second.right - second.left)
    return shared > _STACKED * narrower and _beside(first, second) < _BESIDE


def _middle(place: BoxPlace) -> float:
    return place.middle


def reading_order(lines: Iterable[OcrLine]) -> tuple[OcrLine, ...]:
    """Sort lines into rows from top to bottom, and number the rows.

    The page's tilt, up to 45 degrees, is undone first; the boxes stay as they are. A row whose
    letters are mostly of a script that runs to the left is read from right to left, one without
    letters as most of the page. Boxes without text take part. The order of the lines that are
    given decides nothing, unless two have the same place.
    """
    found = list(lines)
    page_leans = sum(_leaning(line.text) for line in found)
    ordered = []
    for number, row in enumerate(page_rows([line.box for line in found])):
        leans = sum(_leaning(found[place.index].text) for place in row) or page_leans
        for place in sorted(row, key=_from_right if leans > 0 else _from_left):
            ordered.append(replace(found[place.index], row=number))
    return tuple(ordered)


def _leaning(text: str) -> int:
    """Letters that run to the left, less those that run to the right."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(map(is_right_to_left, letters)) - len(letters)


def _from_left(place: BoxPlace) -> tuple[float, float]:
    return place.left, place.middle


def _from_right(place: BoxPlace) -> tuple[float, float]:
    return -place.right, place.middle
