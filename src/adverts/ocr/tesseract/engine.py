"""OCR engine that uses only Tesseract: it finds lines by layout analysis and reads them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from adverts.errors import InputError
from adverts.files.file_hash import file_sha256
from adverts.ocr.page.line_crops import line_crop
from adverts.ocr.page.words import is_right_to_left, joined, mean_confidence
from adverts.ocr.protocol import Boxes, LineReading, Pixels, ReaderSpec
from adverts.ocr.tesseract.line_attempts import plain_picture
from adverts.ocr.tesseract.lines import TesseractLines, data_file, letters_of, tesseract_version

NAME = "tesseract"
_VERSION = 1  # version of the steps around Tesseract; raise it if results change
_HEIGHT_PX = 56  # height of a line's picture
_BESIDE, _ABOVE = 0.3, 0.25  # margins of a line, as shares of its height


class TesseractEngine:
    """Engine that reads the scripts of its language data with Tesseract."""

    def __init__(self, *, data_folder: Path, data: Sequence[str]) -> None:
        """Find and hash the language data, which the first image opens.

        Args:
            data_folder: Folder of the language data.
            data: Names of language data, the most likely first.

        Raises:
            InputError: Language data is missing.
            MissingExtraError: tesserocr is not installed.
        """
        self._lines = TesseractLines(data_folder)
        self._files = {name: data_file(data_folder, name) for name in data}
        for name, path in self._files.items():
            if not path.is_file():
                raise InputError(f"no language data {name!r} in {data_folder}; {_install(name)}")
        self._data = "+".join(data)
        self._spec = ReaderSpec(
            engine=NAME,
            engine_version=tesseract_version(),
            weights={name: file_sha256(path) for name, path in self._files.items()},
            parameters={"data": self._data, "tesseract": _VERSION},
        )

    @property
    def spec(self) -> ReaderSpec:
        """Everything that affects this engine's results."""
        return self._spec

    @property
    def alphabet(self) -> frozenset[str]:
        """All letters of the language data."""
        return frozenset().union(*(letters_of(path) for path in self._files.values()))

    def detect(self, image: Pixels) -> Boxes:
        """Return level boxes of the lines on a page, from top to bottom."""
        found = self._lines.find(self._data, plain_picture(image, border_px=0))
        corners = [[(x, y), (x + w, y), (x + w, y + h), (x, y + h)] for x, y, w, h in found]
        return np.array(corners, np.float32).reshape(-1, 4, 2)

    def recognise(self, image: Pixels, boxes: Boxes) -> list[LineReading]:
        """Return a reading of each box of a page."""
        return [
            self._read(line_crop(image, box, height_px=_HEIGHT_PX, beside=_BESIDE, above=_ABOVE))
            for box in boxes
        ]

    def _read(self, crop: Pixels) -> LineReading:
        picture = plain_picture(crop)
        words = self._lines.read(self._data, picture) or self._lines.read(
            self._data, picture, "raw line"
        )
        if any(is_right_to_left(word.text) for word in words):
            text = joined(words)
        else:
            text = " ".join(word.text for word in sorted(words, key=lambda word: word.left))
        return LineReading(text, mean_confidence(words), NAME)


def _install(name: str) -> str:
    """Return advice that names the Debian package of the language data."""
    package = f"script-{name[:4]}" if name[0].isupper() else name
    return f"install the Debian package tesseract-ocr-{package.lower()}, or name another folder"
