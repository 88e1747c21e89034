"""What a reader of images is: the protocol every engine fulfils, and the result it returns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from adverts.advert import ReadQuality

RESULT_VERSION = 2


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line of text on a page.

    Attributes:
        text: The line in logical order, repaired; empty where no engine could read the box.
        box: Four corners ``(x, y)`` in pixels, clockwise from the top left of the text.
        confidence: In [0, 1], as the engine states it.
        engine: Name of the engine that read the line.
        script: ISO 15924 code of most of its letters, or None where it has none.
        raw: What the engine said, where repair changed it; None where it did not.
        row: Lines of equal number stand side by side on the page; counted from 0, top down.
    """

    text: str
    box: tuple[tuple[float, float], ...]
    confidence: float
    engine: str
    script: str | None = None
    raw: str | None = None
    row: int = 0


_MEASURED = ("confidence", "smallest_text_px", "sharpness")


@dataclass(frozen=True, slots=True)
class OcrResult:
    """Everything a reader found on one image, in reading order.

    Attributes:
        lines: The lines that were found; the text of one that could not be read is empty.
        width: Width of the image in pixels.
        height: Height of the image in pixels.
        confidence: Mean over the lines with text, in [0, 1]; 0.0 where nothing was read.
        smallest_text_px: Height of the lowest box with text, in pixels; 0.0 where there is none.
        sharpness: In [0, 1]: how steep the edges of the text are; 0.0 where there is no text.
        version: Version of this form.
    """

    lines: tuple[OcrLine, ...]
    width: int
    height: int
    confidence: float = 0.0
    smallest_text_px: float = 0.0
    sharpness: float = 0.0
    version: int = RESULT_VERSION

    @property
    def quality(self) -> ReadQuality:
        """How well the image could be read, whatever it says."""
        unread = sum(not line.text for line in self.lines)
        measured = (self.confidence, self.smallest_text_px, self.sharpness)
        return ReadQuality(*measured, lines=len(self.lines), unread_lines=unread)

    @property
    def text(self) -> str:
        """Rows joined by newlines, lines of one row by spaces; empty where nothing was read."""
        read = [line for line in self.lines if line.text]
        rows = groupby(read, key=lambda line: line.row)
        return "\n".join(" ".join(line.text for line in row) for _, row in rows)

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal result."""
        raw = asdict(self)
        raw["quality"] = {name: raw.pop(name) for name in _MEASURED}
        return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> OcrResult:
        """Read what :meth:`to_json` wrote.

        Raises:
            ValueError: The text is not a result of this version.
        """
        try:
            raw = json.loads(text)
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
            confidence, smallest_text_px, sharpness = (
                float(raw["quality"][name]) for name in _MEASURED
            )
            size = int(raw["width"]), int(raw["height"])
            return cls(lines, *size, confidence, smallest_text_px, sharpness)
        except (KeyError, TypeError) as error:
            raise ValueError(f"not an OCR result: {error!r}") from error


@dataclass(frozen=True, slots=True)
class ReaderSpec:
    """All that decides what a reader answers: two readers of equal specs give equal results.

    Attributes:
        engine: Name, e.g. ``easyocr``.
        engine_version: Version of the package that does the reading.
        weights: sha256 of each weights or language-data file, by its role.
        parameters: Every setting that can change a result.
    """

    engine: str
    engine_version: str
    weights: Mapping[str, str]
    parameters: Mapping[str, str | int | float | bool]

    @property
    def key(self) -> str:
        """Hex digest that names this spec in cache keys and manifests."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def facts(self) -> dict[str, object]:
        """What a manifest keeps of this spec: all that is needed to build the reader again."""
        return {
            "engine": self.engine,
            "version": self.engine_version,
            "key": self.key,
            "weights": dict(self.weights),
            "parameters": dict(self.parameters),
        }


class Reader(Protocol):
    """Reads the text of an image."""

    @property
    def spec(self) -> ReaderSpec:
        """What decides this reader's answers."""

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read one upright RGB image of shape ``(H, W, 3)``.

        A page without text gives a result without lines.

        Raises:
            InputError: The array is not such an image.
        """
