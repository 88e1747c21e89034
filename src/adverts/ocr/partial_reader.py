"""A reader that leaves lines of some scripts unread and marks them, if an OCR part is missing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adverts.inputs.letters.marks import normal
from adverts.ocr.auto.arabic_lines import NAME as ARABIC_NETWORK
from adverts.ocr.auto.engine import as_stated, is_unsure
from adverts.ocr.auto.vietnamese_lines import is_vietnamese
from adverts.ocr.page.read_page import measure_lines
from adverts.ocr.protocol import LineReading, OcrLine, OcrResult, Reader, ReaderSpec

ABSTAINED = "abstained"
"""Engine name of a line that was left unread; it has a box and no text."""
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
ARABIC = "Arab"
"""Script whose lines the engine ``auto`` reads with a separate network."""
EVERYTHING, VIETNAMESE = "*", "vi"
"""Other things to leave unread: all lines, and Latin lines of pages in Vietnamese."""


def abstained_lines(results: Iterable[OcrResult]) -> int:
    """Return the number of lines that were left unread for a person."""
    return sum(line.engine == ABSTAINED for result in results for line in result.lines)


class AbstainingReader:
    """Reader that leaves lines of some scripts to a person, and reads all others."""

    def __init__(self, reader: Reader, abstains: Iterable[str]) -> None:
        """Wrap a reader.

        Args:
            reader: Reader of the other lines. It must be ``auto`` unless all lines are left.
            abstains: ISO 15924 codes of scripts, :data:`VIETNAMESE` or :data:`EVERYTHING`.
        """
        self._reader = reader
        self._abstains = frozenset(abstains)
        told = {"abstains": "+".join(sorted(self._abstains))}
        self._spec = replace(reader.spec, parameters={**reader.spec.parameters, **told})

    @property
    def spec(self) -> ReaderSpec:
        """Spec of the wrapped reader plus what is left unread, which gives other cache keys."""
        return self._spec

    def read(self, image: NDArray[np.uint8]) -> OcrResult:
        """Read one upright RGB image ``(H, W, 3)``.

        Raises:
            InputError: The array is not an image of this form.
        """
        result = self._reader.read(image)
        vietnamese = VIETNAMESE in self._abstains and is_vietnamese(
            [replace(reading, text=_toneless(reading.text)) for reading in _readings(result.lines)]
        )
        lines = tuple(
            _unread(line) if self._must_abstain(line, vietnamese=vietnamese) else line
            for line in result.lines
        )
        return OcrResult(lines, result.width, result.height, measure_lines(image, lines))

    def _must_abstain(self, line: OcrLine, *, vietnamese: bool) -> bool:
        if EVERYTHING in self._abstains or line.script in self._abstains:
            return True
        if ARABIC in self._abstains and line.engine == ARABIC_NETWORK:
            return True  # covers lines of numbers, without script, and of mostly Latin words
        if vietnamese and line.script == "Latn":
            return True
        # A reader without letters for a script returns empty or wrong text for its lines.
        return bool(self._abstains - {VIETNAMESE}) and _may_be_of_another_script(line)


def _readings(lines: Sequence[OcrLine]) -> list[LineReading]:
    return [LineReading(line.text, line.confidence, line.engine) for line in lines]


def _may_be_of_another_script(line: OcrLine) -> bool:
    (reading,) = _readings([line])
    return is_unsure(as_stated(reading), np.array(line.box, np.float32))


def _toneless(text: str) -> str:
    """Return Vietnamese text without tone marks, as RapidOCR writes it."""
    bare = "".join(c for c in normal("NFD", text) if c not in _TONES)
    return normal("NFC", bare)


def _unread(line: OcrLine) -> OcrLine:
    return replace(line, text="", raw=None, confidence=0.0, script=None, engine=ABSTAINED)
