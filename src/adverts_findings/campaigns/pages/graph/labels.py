"""Where the labels of a drawn graph stand, so that they cover few points, lines and each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LETTER, _HEIGHT, _GAP = 6.7, 11.0, 4.0
_BASE = 3.0
"""How far the foot of a letter is above the lowest edge of its line, in units of the drawing."""
_STEPS = 24
_WIDTH = 760
_Place = tuple[float, float]
_Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Label:
    """Where a label stands.

    Attributes:
        x: Its place from the left, at its anchor.
        y: The foot of its letters, from the top.
        anchor: ``start``, ``middle`` or ``end``, as in SVG.
        box: Left, top, right and bottom of the room that it takes.
    """

    x: float
    y: float
    anchor: str
    box: _Box


def placed_labels(
    texts: Sequence[str],
    places: Sequence[_Place],
    radii: Sequence[float],
    lines: Sequence[tuple[int, int]],
) -> list[Label]:
    """Return a label for each point: above it, unless another side covers less.

    Args:
        texts: What is written beside each point.
        places: The points.
        radii: The radius of each.
        lines: The points that each line connects.
    """
    dots = [dot for one, other in lines for dot in _dots(places[one], places[other])]
    chosen: list[Label] = []
    for place, (text, at, radius) in enumerate(zip(texts, places, radii, strict=True)):
        rest = [
            (x - r, y - r, x + r, y + r)
            for i, ((x, y), r) in enumerate(zip(places, radii, strict=True))
            if i != place
        ]
        boxes = [*rest, *(one.box for one in chosen)]
        choices = list(_choices(text, at, radius))
        chosen.append(min(choices, key=lambda one: _covered(one.box, boxes, dots)))  # noqa: B023
    return chosen


def _choices(text: str, at: _Place, radius: float) -> Iterator[Label]:
    (x, y), far, width = at, radius + _GAP, _LETTER * len(text)
    near = far * 0.7
    spots = [
        *((x, y - far, "middle"), (x, y + far + _HEIGHT - _BASE, "middle")),
        *((x + far, y + _BASE + 1, "start"), (x - far, y + _BASE + 1, "end")),
        *((x + near, y - near, "start"), (x - near, y - near, "end")),
        *((x + near, y + near + _HEIGHT - _BASE, "start"),),
        *((x - near, y + near + _HEIGHT - _BASE, "end"),),
    ]
    for left, foot, anchor in spots:
        start = left - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        box = start, foot + _BASE - _HEIGHT, start + width, foot + _BASE
        yield Label(left, foot, anchor, box)


def _covered(box: _Box, boxes: Sequence[_Box], dots: Sequence[_Place]) -> float:
    left, top, right, bottom = box
    shared = sum(
        max(min(right, r) - max(left, x), 0.0) * max(min(bottom, b) - max(top, y), 0.0)
        for x, y, r, b in boxes
    )
    crossed = sum(left <= x <= right and top <= y <= bottom for x, y in dots)
    outside = max(-left, 0.0) + max(right - _WIDTH, 0.0)
    return shared + 15.0 * crossed + 100.0 * outside


def _dots(one: _Place, other: _Place) -> Iterator[_Place]:
    for step in range(_STEPS + 1):
        part = step / _STEPS
        yield one[0] + (other[0] - one[0]) * part, one[1] + (other[1] - one[1]) * part
