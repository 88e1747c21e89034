"""Lines found once, each read by the engine that is best for its script."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.files.file_hash import file_sha256
from adverts.ocr.auto.arabic_lines import ArabicLines
from adverts.ocr.auto.arabic_network import LETTERS, ArabicNetwork
from adverts.ocr.auto.vietnamese_lines import VietnameseLines
from adverts.ocr.engine import Boxes, LineReading, Pixels, calibrated
from adverts.ocr.page.line_crops import aspect
from adverts.ocr.protocol import ReaderSpec
from adverts.ocr.rapidocr.engine import RapidOcrEngine
from adverts.ocr.tesseract.lines import (
    TesseractLines,
    data_file,
    has_tesseract,
    letters_of,
    tesseract_version,
)

_SURE = 0.8
_TURKISH, _FEWEST_TURKISH = frozenset("ışğİŞĞ"), 2
_LETTERS_PER_HEIGHT = 0.6  # a line has so many characters at least for each height of its box
NAME = "auto"
_ARABIC, _VIETNAMESE = "Arabic", "vie"
_VERSION = 1  # of what is done here; another one: other answers


def is_unsure(reading: LineReading, box: NDArray[np.float32]) -> bool:
    """Return whether a line may be of a script that RapidOCR has no letters for.

    It is unsure of such a line, says little for the length of its box, or takes it for Chinese.
    """
    few = len(reading.text) < _LETTERS_PER_HEIGHT * aspect(box)
    return reading.confidence < _SURE or few or any(map(_is_chinese, reading.text))


def is_turkish(readings: Sequence[LineReading]) -> bool:
    """Return whether the lines of a page show letters that of the languages read Turkish has."""
    letters = [character for reading in readings for character in reading.text]
    return sum(letter in _TURKISH for letter in letters) >= _FEWEST_TURKISH


def _is_chinese(character: str) -> bool:
    return unicodedata.name(character, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


class AutoEngine:
    """Reads each script with what reads it best.

    Latin script by RapidOCR, Arabic script by Tesseract and a network of ours, Vietnamese by
    RapidOCR with the tone marks of Tesseract.
    """

    def __init__(self, *, canvas_px: int, threads: int, data_folder: Path) -> None:
        """Open nothing yet; the weights are opened by the first image.

        Args:
            canvas_px: Longest side that the detector sees, in pixels.
            threads: Threads that one image is read with.
            data_folder: Where Tesseract's data ``Arabic`` and ``vie`` lie. Without the first one,
                Arabic script is read by our network alone; without the second, Vietnamese keeps
                what marks RapidOCR can write.

        Raises:
            MissingExtraError: RapidOCR or ONNX Runtime is not installed.
        """
        self._latin = RapidOcrEngine(canvas_px=canvas_px, threads=threads)
        network = ArabicNetwork(threads=threads)
        self._data = _data_there(data_folder)
        lines = TesseractLines(data_folder) if self._data else None
        self._arabic = ArabicLines(
            lines if _ARABIC in self._data else None, network=network, latin=self._latin
        )
        self._vietnamese = VietnameseLines(lines) if lines and _VIETNAMESE in self._data else None
        latin = self._latin.spec
        self._spec = replace(
            latin,
            engine=NAME,
            engine_version=_versions(latin.engine_version, with_tesseract=bool(self._data)),
            weights={
                **latin.weights,
                "arabic": network.weights_sha256,
                **{f"tesseract {name}": file_sha256(path) for name, path in self._data.items()},
            },
            parameters={**latin.parameters, "auto": _VERSION},
        )

    @property
    def spec(self) -> ReaderSpec:
        """What decides this engine's answers; the number of threads does not."""
        return self._spec

    @property
    def alphabet(self) -> frozenset[str]:
        """The letters of RapidOCR and of the language data that is there."""
        data = (letters_of(path) for path in self._data.values())
        return self._latin.alphabet.union(frozenset(LETTERS[1:]), *data)

    def detect(self, image: Pixels) -> Boxes:
        """Find the lines of text on a page, top down."""
        return self._latin.detect(image)

    def recognise(self, image: Pixels, boxes: Boxes) -> list[LineReading]:
        """Read each box of a page with what suits its script.

        Confidences are chances that a line is right to the letter.
        """
        found = self._latin.see(image, boxes)
        readings = [line.reading for line in found]
        turkish = is_turkish(readings)
        if turkish:
            readings = [replace(line.reading, text=line.turkish) for line in found]
        unsure = [i for i, read in enumerate(readings) if is_unsure(read, boxes[i])]
        if unsure:
            features = [line.features for line in found]
            self._arabic.reread(image, boxes, readings, features=features, unsure=unsure)
        vietnamese = None if turkish else self._vietnamese
        if vietnamese and vietnamese.is_language_of(image, boxes, readings):
            vietnamese.reread(image, boxes, readings)
        return [calibrated(reading) for reading in readings]


def _data_there(folder: Path) -> dict[str, Path]:
    """Return the language data that can be read with, by its name."""
    if not has_tesseract():
        return {}
    files = {name: data_file(folder, name) for name in (_ARABIC, _VIETNAMESE)}
    return {name: path for name, path in files.items() if path.is_file()}


def _versions(rapidocr: str, *, with_tesseract: bool) -> str:
    tesseract = f", tesserocr {tesseract_version()}" if with_tesseract else ""
    return f"rapidocr {rapidocr}{tesseract}"
