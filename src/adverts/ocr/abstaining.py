"""Reading with a part missing: lines that it would have to read stay boxes, and are marked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adverts.inputs.letters.marks import normal
from adverts.ocr.auto.arabic_lines import NAME as ARABIC_NETWORK
from adverts.ocr.auto.engine import is_unsure
from adverts.ocr.auto.vietnamese_lines import is_vietnamese
from adverts.ocr.engine import LineReading, as_stated
from adverts.ocr.protocol import OcrLine, OcrResult, Reader, ReaderSpec
from adverts.ocr.read_quality import measure_lines

ABSTAINED = "abstained"
"""Stands as the engine of such a line, which has a box and no text."""
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
ARABIC = "Arab"
"""The script whose lines ``auto`` reads with a network of its own."""
EVERYTHING, VIETNAMESE = "*", "vi"
"""What is left unread beside scripts: all lines, and Latin lines of pages in Vietnamese."""


def abstained_lines(results: Iterable[OcrResult]) -> int:
    """Count the lines that were left to a person."""
    return sum(line.engine == ABSTAINED for result in results for line in result.lines)


class AbstainingReader:
    """A reader that leaves lines of some scripts to a person, and reads the others."""

    def __init__(self, reader: Reader, abstains: Iterable[str]) -> None:
        """Keep a reader.

        Args:
            reader: Reads what can be read; it is ``auto``, where some scripts alone are left.
            abstains: ISO 15924 codes of scripts, :data:`VIETNAMESE` or :data:`EVERYTHING`.
        """
        self._reader = reader
        self._abstains = frozenset(abstains)
        told = {"abstains": "+".join(sorted(self._abstains))}
        self._spec = replace(reader.spec, parameters={**reader.spec.parameters, **told})

    @property
    def spec(self) -> ReaderSpec:
        """That of the reader, and what is left unread: another key in every cache."""
        return self._spec

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read one upright RGB image ``(H, W, 3)``.

        Raises:
            InputError: The array is not such an image.
        """
        result = self._reader.read(image)
        vietnamese = VIETNAMESE in self._abstains and is_vietnamese(
            [replace(reading, text=_toneless(reading.text)) for reading in _readings(result.lines)]
        )
        lines = tuple(
            _unread(line) if self._must_abstain(line, vietnamese=vietnamese) else line
            for line in result.lines
        )
        return OcrResult(lines, result.width, result.height, *measure_lines(image, lines))

    def _must_abstain(self, line: OcrLine, *, vietnamese: bool) -> bool:
        if EVERYTHING in self._abstains or line.script in self._abstains:
            return True
        if ARABIC in self._abstains and line.engine == ARABIC_NETWORK:
            return True  # numbers alone have no script, and some lines are more of Latin words
        if vietnamese and line.script == "Latn":
            return True
        # a reader without letters for a script leaves its lines empty, or takes them for others
        return bool(self._abstains - {VIETNAMESE}) and _may_be_of_another_script(line)


def _readings(lines: Sequence[OcrLine]) -> list[LineReading]:
    return [LineReading(line.text, line.confidence, line.engine) for line in lines]


def _may_be_of_another_script(line: OcrLine) -> bool:
    (reading,) = _readings([line])
    return is_unsure(as_stated(reading), np.array(line.box, np.float32))


def _toneless(text: str) -> str:
    """Take tone marks off Vietnamese vowels, as RapidOCR writes them."""
    bare = "".join(c for c in normal("NFD", text) if c not in _TONES)
    return normal("NFC", bare)


def _unread(line: OcrLine) -> OcrLine:
    return replace(line, text="", raw=None, confidence=0.0, script=None, engine=ABSTAINED)
