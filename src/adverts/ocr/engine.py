"""Protocol of OCR engines, their line readings, and calibration of their confidences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import ReaderSpec

Pixels: TypeAlias = NDArray[np.uint8]
"""Pixels of an upright RGB image, ``(H, W, 3)``."""
Boxes: TypeAlias = NDArray[np.float32]
"""Corners of lines, ``(lines, 4, 2)``: x and y in pixels, clockwise from the text's top left."""
_FITS: Mapping[str, tuple[float, float]] = {
    "rapidocr": (0.65, -0.37),  # 679 lines, 0.94 right
    "tesseract": (0.89, -1.36),  # 111 lines, 0.88 right
    "arabic network": (0.84, -1.91),  # 584 lines, 0.78 right
}
"""Slope and intercept per engine, from the logit of its confidence to that of being right."""
_LEAST, _MOST = 0.01, 0.999  # the fit does not hold for logits outside this range


@dataclass(frozen=True, slots=True)
class LineReading:
    """Reading of one line by an engine.

    Attributes:
        text: Stripped text in logical order; empty if the engine cannot read the line.
        confidence: Confidence in [0, 1]; 0.0 if ``text`` is empty.
        engine: Name of the engine that read the line.
    """

    text: str
    confidence: float
    engine: str


class Engine(Protocol):
    """Engine that finds lines of text and reads them, in two steps so that engines can be combined.

    Creating an engine is cheap, since the first image opens its weights. A pickled copy does not
    contain opened weights and opens its own. If they cannot be opened, the error is not an
    ``InputError``, which would mean that only the image failed and reading can go on.
    """

    @property
    def spec(self) -> ReaderSpec:
        """Everything that affects this engine's results; the number of threads does not."""

    @property
    def alphabet(self) -> frozenset[str] | None:
        """All characters that the engine can write, or None if unknown."""

    def detect(self, image: Pixels) -> Boxes:
        """Return the boxes of the lines on a page, in any order; ``(0, 4, 2)`` if there is none."""

    def recognise(self, image: Pixels, boxes: Boxes) -> Sequence[LineReading]:
        """Return one reading for each box of a page, in the order of the boxes."""


def calibrated(reading: LineReading) -> LineReading:
    """Return the reading with the probability that every letter is right as its confidence.

    An empty reading keeps 0.0.
    """
    if not reading.text:
        return reading
    slope, intercept = _FITS[reading.engine]
    chance = 1 / (1 + math.exp(-slope * logit(reading.confidence) - intercept))
    return replace(reading, confidence=chance)


def as_stated(reading: LineReading) -> LineReading:
    """Return a calibrated reading with its engine's own confidence; an empty reading unchanged.

    It reverses :func:`calibrated`, except for confidences outside the bounds of :func:`logit`.
    """
    if not reading.text:
        return reading
    slope, intercept = _FITS[reading.engine]
    stated = 1 / (1 + math.exp((intercept - logit(reading.confidence)) / slope))
    return replace(reading, confidence=stated)


def logit(confidence: float) -> float:
    """Return the log odds of a confidence, which is first limited to 0.01 to 0.999."""
    bounded = min(max(confidence, _LEAST), _MOST)
    return math.log(bounded / (1 - bounded))
