"""What a reader of images is: the protocol every engine fulfils, and the result it returns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

RESULT_VERSION = 1


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line of text on a page.

    Attributes:
        text: The line in logical order; empty where a box was found that no engine could read.
        box: Four corners ``(x, y)`` in pixels, clockwise from the top left of the text.
        confidence: In [0, 1], as the engine states it.
        engine: Name of the engine that read the line.
        script: ISO 15924 code, or None where it is not known.
    """

    text: str
    box: tuple[tuple[float, float], ...]
    confidence: float
    engine: str
    script: str | None = None


@dataclass(frozen=True, slots=True)
class OcrResult:
    """Everything a reader found on one image, in reading order."""

    lines: tuple[OcrLine, ...]
    width: int
    height: int
    version: int = RESULT_VERSION

    @property
    def text(self) -> str:
        """The non-empty lines, joined by newlines; empty where nothing was read."""
        return "\n".join(line.text for line in self.lines if line.text)

    @property
    def confidence(self) -> float:
        """Mean confidence over the non-empty lines; 0.0 where nothing was read."""
        values = [line.confidence for line in self.lines if line.text]
        return sum(values) / len(values) if values else 0.0

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal result."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

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
                )
                for line in raw["lines"]
            )
            return cls(lines=lines, width=int(raw["width"]), height=int(raw["height"]))
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
