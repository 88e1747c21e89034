"""Pages that stand on their side or upside down: noticed cheaply, and read the right way up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.ocr.engine import Boxes, Engine, LineReading, Pixels

UPSIDE_DOWN = 2  # quarter turns
_SIDEWAYS = (1, 3)
_TALL = 1.5  # a box so many times as high as wide may hold a line that runs down the page
_DOUBTFUL = 0.85  # a page of less mean confidence may stand upside down
_SURE = 0.75  # nothing less speaks for turning a page
_BETTER = 1.5  # times as many sure characters as another way up
_PROBES = 4  # lines that are read another way up before the whole page is


def turned(image: Pixels, quarters: int) -> Pixels:
    """Return a page turned anticlockwise by so many quarters."""
    return np.ascontiguousarray(np.rot90(image, quarters))


def turn_corners(boxes: Boxes, quarters: int, *, width: int, height: int) -> Boxes:
    """Return where the corners lie once a page is turned anticlockwise; their order stays.

    Args:
        boxes: Corners ``(lines, 4, 2)`` on the page before.
        quarters: Of a turn.
        width: Of the page before, in pixels.
        height: Likewise.
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
    """Return the quarter turns that set a page upright whose lines run down it; 0 for others.

    A page most of whose boxes are wide is not read at all.
    """
    extents = boxes.max(axis=1) - boxes.min(axis=1) if len(boxes) else np.zeros((0, 2))
    lengths = extents.max(axis=1, initial=0)
    tall = extents[:, 1] > _TALL * extents[:, 0]
    if lengths[tall].sum() <= lengths.sum() / 2:
        return 0
    probes = _longest(boxes)
    as_it_is = _Said.of(engine.recognise(image, probes))
    said = {turn: _said_when_turned(engine, image, probes, turn) for turn in _SIDEWAYS}
    worse, better = sorted(_SIDEWAYS, key=lambda turn: said[turn].characters)
    if not said[better].is_better_than(said[worse]):
        return 0
    # some engines turn tall boxes by themselves, so that the page as it is may read as well
    return better if said[better].characters >= 0.9 * as_it_is.characters else 0


def is_upside_down(
    engine: Engine, image: Pixels, boxes: Boxes, readings: Sequence[LineReading]
) -> bool:
    """Tell whether a page reads better upside down, from a few of its lines.

    A page that was read with confidence is not read again.
    """
    if not readings or _Said.of(readings).confidence >= _DOUBTFUL:
        return False
    chosen = _longest_of(boxes)
    as_it_is = _Said.of([readings[i] for i in chosen])
    return _said_when_turned(engine, image, boxes[chosen], UPSIDE_DOWN).is_better_than(as_it_is)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an engine says of some lines.

    Attributes:
        confidence: Mean over the lines; one without text counts with 0.
        characters: Confidence times characters, summed.
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
