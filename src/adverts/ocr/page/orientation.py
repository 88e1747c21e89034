"""Detect at low cost that a page is on its side or upside down, and turn it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.ocr.protocol import Boxes, Engine, LineReading, Pixels

UPSIDE_DOWN = 2  # number of quarter turns
_SIDEWAYS = (1, 3)
_TALL = 1.5  # a box this many times as high as wide may hold a vertical line
_DOUBTFUL = 0.85  # a page of less mean confidence may be upside down
_SURE = 0.75  # least confidence of the turned page
_BETTER = 1.5  # least ratio of weighted characters to the other orientation
_PROBES = 4  # lines that are read in another orientation before the whole page


def turned(image: Pixels, quarters: int) -> Pixels:
    """Return a page turned anticlockwise by ``quarters`` quarter turns."""
    return np.ascontiguousarray(np.rot90(image, quarters))


def turn_corners(boxes: Boxes, quarters: int, *, width: int, height: int) -> Boxes:
    """Return the corners, in the same order, on the page turned anticlockwise.

    Args:
        boxes: Corners ``(lines, 4, 2)`` on the page before the turn.
        quarters: Number of quarter turns.
        width: Width of the page before the turn, in pixels.
        height: Height of the page before the turn, in pixels.
    """
    x, y = boxes[..., 0], boxes[..., 1]
    match quarters % 4:
        case 1:
            corners = [y, width - x]
        case 2:
            corners = [width - x, height - y]
        case 3:
            corners = [height - y, x]
        case _:
            corners = [x, y]
    return np.stack(corners, axis=-1)


def sideways_turn(engine: Engine, image: Pixels, boxes: Boxes) -> int:
    """Return the quarter turns that make a page with vertical lines upright; 0 for other pages.

    A page whose boxes are mostly wide is not read for this.
    """
    extents = boxes.max(axis=1) - boxes.min(axis=1) if len(boxes) else np.zeros((0, 2))
    lengths = extents.max(axis=1, initial=0)
    tall = extents[:, 1] > _TALL * extents[:, 0]
    if lengths[tall].sum() <= lengths.sum() / 2:
        return 0
    probes = _longest(boxes)
    said = {turn: _said_when_turned(engine, image, probes, turn) for turn in _SIDEWAYS}
    worse, better = sorted(_SIDEWAYS, key=lambda turn: said[turn].characters)
    if not said[better].is_better_than(said[worse]):
        return 0
    # Some engines turn tall boxes themselves, so the page may read as well without a turn.
    as_it_is = _Said.of(engine.recognise(image, probes))
    return better if said[better].characters >= 0.9 * as_it_is.characters else 0


def is_upside_down(
    engine: Engine, image: Pixels, boxes: Boxes, readings: Sequence[LineReading]
) -> bool:
    """Return whether a few lines of a page read better upside down.

    A page that was read with high confidence is not read again.
    """
    if not readings or _Said.of(readings).confidence >= _DOUBTFUL:
        return False
    chosen = _longest_of(boxes)
    as_it_is = _Said.of([readings[i] for i in chosen])
    return _said_when_turned(engine, image, boxes[chosen], UPSIDE_DOWN).is_better_than(as_it_is)


@dataclass(frozen=True, slots=True)
class _Said:
    """Summary of the readings of some lines.

    Attributes:
        confidence: Mean confidence of the lines; a line without text counts as 0.
        characters: Sum over the lines of confidence times number of characters.
    """

    confidence: float
    characters: float

    @classmethod
    def of(cls, readings: Sequence[LineReading]) -> _Said:
        return cls(
            sum(reading.confidence for reading in readings) / max(1, len(readings)),
            sum(reading.confidence * len(reading.text) for reading in readings),
        )

    def is_better_than(self, other: _Said) -> bool:
        sure = self.confidence >= max(_SURE, other.confidence)
        return sure and self.characters >= _BETTER * other.characters


def _said_when_turned(engine: Engine, image: Pixels, boxes: Boxes, quarters: int) -> _Said:
    height, width = image.shape[:2]
    corners = turn_corners(boxes, quarters, width=width, height=height)
    level = np.stack([np.roll(box, -_top_left(box), axis=0) for box in corners])
    return _Said.of(engine.recognise(turned(image, quarters), level))


def _top_left(corners: Boxes) -> int:
    return int(corners.sum(axis=1).argmin())


def _longest(boxes: Boxes) -> Boxes:
    return boxes[_longest_of(boxes)]


def _longest_of(boxes: Boxes) -> list[int]:
    lengths = (boxes.max(axis=1) - boxes.min(axis=1)).max(axis=1)
    return [int(i) for i in np.argsort(-lengths, kind="stable")[:_PROBES]]
