"""What an engine is: it finds lines of text on a page, and reads lines that were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import ReaderSpec

Pixels: TypeAlias = NDArray[np.uint8]
"""An upright RGB image, ``(H, W, 3)``."""
Boxes: TypeAlias = NDArray[np.float32]
"""Corners of lines, ``(lines, 4, 2)``: x and y in pixels, clockwise from the text's top left."""


@dataclass(frozen=True, slots=True)
class Reading:
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

    def recognise(self, image: Pixels, boxes: Boxes) -> Sequence[Reading]:
        """Read each box of a page; as many readings as boxes, in their order."""
