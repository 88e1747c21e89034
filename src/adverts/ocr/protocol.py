"""Protocols of readers and of the engines that they use, and what both return."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from adverts.advert import ReadQuality
from adverts.files.bounded_reading import parse_json

Pixels: TypeAlias = NDArray[np.uint8]
"""Pixels of an upright RGB image, ``(H, W, 3)``."""
Boxes: TypeAlias = NDArray[np.float32]
"""Corners of lines, ``(lines, 4, 2)``: x and y in pixels, clockwise from the text's top left."""
RESULT_VERSION = 3


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


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line of text on a page.

    Attributes:
        text: Repaired text in logical order; empty if no engine could read the box.
        box: Four corners ``(x, y)`` in pixels, clockwise from the top left of the text.
        confidence: Confidence in [0, 1] that the engine states.
        engine: Name of the engine that read the line.
        script: ISO 15924 code of most of its letters, or None if it has no letters.
        raw: Text before repair, or None if repair did not change it.
        row: Number of the row of the line on the page, from 0 at the top.
    """

    text: str
    box: tuple[tuple[float, float], ...]
    confidence: float
    engine: str
    script: str | None = None
    raw: str | None = None
    row: int = 0


@dataclass(frozen=True, slots=True)
class OcrResult:
    """Everything a reader found on one image, in reading order.

    Attributes:
        lines: The lines that were found; the text of one that could not be read is empty.
        width: Width of the image in pixels.
        height: Height of the image in pixels.
        quality: How well the image could be read, whatever its text.
        version: Version of this form.
    """

    lines: tuple[OcrLine, ...]
    width: int
    height: int
    quality: ReadQuality
    version: int = RESULT_VERSION

    @property
    def text(self) -> str:
        """Text with newlines between rows, spaces within them; empty if nothing was read."""
        read = [line for line in self.lines if line.text]
        rows = groupby(read, key=lambda line: line.row)
        return "\n".join(" ".join(line.text for line in row) for _, row in rows)

    def to_json(self) -> str:
        """Return the result as JSON, from which :meth:`from_json` makes an equal result."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> OcrResult:
        """Return the result that :meth:`to_json` wrote.

        Raises:
            ValueError: The text is not a result of this version.
        """
        try:
            raw: Any = parse_json(text)
            if raw["version"] != RESULT_VERSION:
                raise ValueError(f"OCR result version {raw['version']}, expected {RESULT_VERSION}")
            lines = tuple(
                OcrLine(
                    text=str(line["text"]),
                    box=tuple((float(x), float(y)) for x, y in line["box"]),
                    confidence=float(line["confidence"]),
                    engine=str(line["engine"]),
                    script=line["script"],
                    raw=line["raw"],
                    row=int(line["row"]),
                )
                for line in raw["lines"]
            )
            quality = ReadQuality(**raw["quality"])
            return cls(lines, int(raw["width"]), int(raw["height"]), quality)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an OCR result: {error!r}") from error


@dataclass(frozen=True, slots=True)
class ReaderSpec:
    """Everything that affects the results of a reader. Equal specs mean equal results.

    Attributes:
        engine: Name of the engine, e.g. ``easyocr``.
        engine_version: Version of the package that reads.
        weights: Maps the role of each weights or language-data file to its sha256.
        parameters: All settings that can change a result.
    """

    engine: str
    engine_version: str
    weights: Mapping[str, str]
    parameters: Mapping[str, str | int | float | bool]

    @property
    def key(self) -> str:
        """Hex digest that identifies this spec in cache keys and manifests."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def facts(self) -> dict[str, object]:
        """Facts for a manifest, which are enough to build the reader again."""
        return {
            "engine": self.engine,
            "version": self.engine_version,
            "key": self.key,
            "weights": dict(self.weights),
            "parameters": dict(self.parameters),
        }


class Reader(Protocol):
    """Reader of the text of an image."""

    @property
    def spec(self) -> ReaderSpec:
        """Everything that affects this reader's results."""

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read one upright RGB image of shape ``(H, W, 3)``.

        A page without text gives a result without lines.

        Raises:
            InputError: The array is not an image of this form.
        """


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
