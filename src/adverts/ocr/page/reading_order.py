"""Sort the lines of a page into reading order, for any tilt and letter sizes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from adverts.ocr.page.words import is_right_to_left
from adverts.ocr.protocol import OcrLine

Corners: TypeAlias = Sequence[tuple[float, float]]
"""Four corners ``(x, y)``, clockwise from the text's top left, y downwards."""

_BESIDE = 0.5  # share of the shorter of two boxes, in height, next to the other
_STACKED = 0.5  # share of the narrower of two boxes that is above or below the other
_TALL = 1.5  # times the height of the lines next to it
_MOST_TILT = math.radians(45)


@dataclass(frozen=True, slots=True)
class BoxPlace:
    """Position of a box on its page after the page is levelled.

    Attributes:
        index: Number of the box.
        left: Least x in pixels; ``right``, ``top`` and ``bottom`` are the other bounds.
    """

    index: int
    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        """Vertical position of the middle of the box, downwards, in pixels."""
        return (self.top + self.bottom) / 2

    @property
    def height(self) -> float:
        """Height of the box in pixels."""
        return self.bottom - self.top


@dataclass(slots=True)
class _Row:
    """Boxes that are side by side.

    Attributes:
        level: Mean middle of the boxes of ordinary height, or of the first box without any.
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

    Two boxes are side by side if half of the shorter one is next to the other. A box next to
    several lines that are above each other belongs to the first of them.

    Returns:
        The rows, each in no defined order; every box is in exactly one row.
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
    """Return the positions of the boxes after the tilt of the page is removed."""
    tilt = page_tilt(boxes)
    cosine, sine = math.cos(tilt), math.sin(tilt)
    places = []
    for index, box in enumerate(boxes):
        across = [x * cosine + y * sine for x, y in box]
        down = [y * cosine - x * sine for x, y in box]
        places.append(BoxPlace(index, min(across), max(across), min(down), max(down)))
    return places


def page_tilt(boxes: Iterable[Corners]) -> float:
    """Return the median angle of the boxes, weighted by length, in radians, clockwise.

    Boxes that are tilted by more than 45 degrees do not count. The result is 0.0 if none is left.
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
    """Return the vector along the text of a box, with twice its length."""
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = box
    return bx - ax + cx - dx, by - ay + cy - dy


def _spans_lines(place: BoxPlace, places: Sequence[BoxPlace]) -> bool:
    """Return whether a box is next to at least two much shorter lines above each other."""
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
    """Return the share of the smaller height that is next to the other; negative if none is."""
    shared = min(first.bottom, second.bottom) - max(first.top, second.top)
    return shared / max(min(first.height, second.height), 1e-9)


def _is_stacked(first: BoxPlace, second: BoxPlace) -> bool:
    """Return whether one is above the other, so that they are not in one row."""
    shared = min(first.right, second.right) - max(first.left, second.left)
    narrower = min(first.right - first.left, second.right - second.left)
    return shared > _STACKED * narrower and _beside(first, second) < _BESIDE


def _middle(place: BoxPlace) -> float:
    return place.middle


def reading_order(lines: Iterable[OcrLine]) -> tuple[OcrLine, ...]:
    """Return the lines sorted into numbered rows from top to bottom.

    The tilt of the page, up to 45 degrees, is removed first, but the boxes do not change. A row
    with mostly right-to-left letters is read from right to left. A row without letters follows most
    of the page. Boxes without text are included. The order of the given lines has no effect, unless
    two have the same position.
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
    """Return the number of right-to-left letters minus that of other letters."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(map(is_right_to_left, letters)) - len(letters)


def _from_left(place: BoxPlace) -> tuple[float, float]:
    return place.left, place.middle


def _from_right(place: BoxPlace) -> tuple[float, float]:
    return -place.right, place.middle
