"""What an engine is, and how often it is right when it says how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import ReaderSpec

Pixels: TypeAlias = NDArray[np.uint8]
"""An upright RGB image, ``(H, W, 3)``."""
Boxes: TypeAlias = NDArray[np.float32]
"""Corners of lines, ``(lines, 4, 2)``: x and y in pixels, clockwise from the text's top left."""
_FITS: Mapping[str, tuple[float, float]] = {
    "rapidocr": (0.65, -0.37),  # 679 lines, 0.94 right
    "tesseract": (0.89, -1.36),  # 111 lines, 0.88 right
    "arabic network": (0.84, -1.91),  # 584 lines, 0.78 right
}
"""Slope and intercept, between the logits of what an engine says and of how often it is right."""
_LEAST, _MOST = 0.01, 0.999  # beyond, a logit says more than the fit knows


@dataclass(frozen=True, slots=True)
class LineReading:
    """What an engine says of one line.

    Attributes:
        text: In logical order, stripped; empty where it cannot read the line.
        confidence: In [0, 1]; 0.0 where ``text`` is empty.
        engine: Name of the engine that read it.
    """

    text: str
    confidence: float
    engine: str


class Engine(Protocol):
    """Finds lines of text, and reads them: two steps, so that engines can be combined.

    Opening an engine is cheap; its weights are opened by the first image. A copy made by pickle
    leaves the opened weights behind and opens its own. Where these cannot be opened it raises an
    error that is no ``InputError``, which would blame the image and let the next one come.
    """

    @property
    def spec(self) -> ReaderSpec:
        """What decides this engine's answers; the number of threads does not."""

    @property
    def alphabet(self) -> frozenset[str] | None:
        """Every character that it can write, or None where that is not known."""

    def detect(self, image: Pixels) -> Boxes:
        """Find the lines of text on a page, in any order; ``(0, 4, 2)`` where there are none."""

    def recognise(self, image: Pixels, boxes: Boxes) -> Sequence[LineReading]:
        """Read each box of a page; as many readings as boxes, in their order."""


def calibrated(reading: LineReading) -> LineReading:
    """Return a reading whose confidence is the chance that its line is right to the letter.

    An empty line keeps 0.0.
    """
    if not reading.text:
        return reading
    slope, intercept = _FITS[reading.engine]
    chance = 1 / (1 + math.exp(-slope * logit(reading.confidence) - intercept))
    return replace(reading, confidence=chance)


def as_stated(reading: LineReading) -> LineReading:
    """Return a calibrated reading with the confidence that its engine stated; an empty one as is.

    It undoes :func:`calibrated`, but for confidences that lay beyond the bounds of :func:`logit`.
    """
    if not reading.text:
        return reading
    slope, intercept = _FITS[reading.engine]
    stated = 1 / (1 + math.exp((intercept - logit(reading.confidence)) / slope))
    return replace(reading, confidence=stated)


def logit(confidence: float) -> float:
    """Return the log odds, with confidences near 0 and 1 bounded."""
    bounded = min(max(confidence, _LEAST), _MOST)
    return math.log(bounded / (1 - bounded))
