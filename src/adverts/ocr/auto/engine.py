"""OCR engine that finds lines once and reads each with the best engine for its script."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.files.file_hash import file_sha256
from adverts.ocr.auto import half_spaces
from adverts.ocr.auto.arabic_lines import ArabicLines
from adverts.ocr.auto.arabic_network import LETTERS, ArabicNetwork
from adverts.ocr.auto.vietnamese_lines import VietnameseLines
from adverts.ocr.page.line_crops import aspect
from adverts.ocr.protocol import Boxes, LineReading, Pixels, ReaderSpec
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
_LETTERS_PER_HEIGHT = 0.6  # least characters of a line per height of its box
NAME = "auto"
_ARABIC, _VIETNAMESE = "Arabic", "vie"
_VERSION = 2  # version of the steps of this engine; raise it if results change
_FITS: Mapping[str, tuple[float, float]] = {
    "rapidocr": (0.65, -0.37),  # 679 lines, 0.94 right
    "tesseract": (0.89, -1.36),  # 111 lines, 0.88 right
    "arabic network": (0.84, -1.91),  # 584 lines, 0.78 right
}
"""Slope and intercept per engine, from the logit of its confidence to that of being right."""
_LEAST, _MOST = 0.01, 0.999  # the fit does not hold for logits outside this range


def is_unsure(reading: LineReading, box: NDArray[np.float32]) -> bool:
    """Return whether a line may be of a script that RapidOCR has no letters for.

    For such a line, RapidOCR is unsure, returns little text for the length of the box, or reads
    Chinese.
    """
    few = len(reading.text) < _LETTERS_PER_HEIGHT * aspect(box)
    return reading.confidence < _SURE or few or any(map(_is_chinese, reading.text))


def is_turkish(readings: Sequence[LineReading]) -> bool:
    """Return whether a page has letters that only Turkish has among the languages read."""
    letters = [character for reading in readings for character in reading.text]
    return sum(letter in _TURKISH for letter in letters) >= _FEWEST_TURKISH


def _is_chinese(character: str) -> bool:
    return unicodedata.name(character, "").startswith(("CJK", "HIRAGANA", "KATAKANA", "HANGUL"))


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


class AutoEngine:
    """Engine that reads each script with the engine that reads it best.

    RapidOCR reads Latin script. Tesseract and a small separate network read Arabic script.
    RapidOCR with Tesseract's tone marks reads Vietnamese.
    """

    def __init__(self, *, canvas_px: int, threads: int, data_folder: Path) -> None:
        """Create an engine whose weights are opened by the first image.

        Args:
            canvas_px: Longest side of the detector's input, in pixels.
            threads: Number of threads for one image.
            data_folder: Folder of Tesseract's data ``Arabic`` and ``vie``. Without ``Arabic``,
                only the separate network reads Arabic script. Without ``vie``, Vietnamese has only
                the marks that RapidOCR can write.

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
            parameters={
                **latin.parameters,
                "auto": _VERSION,
                "half_spaces": half_spaces.weights_sha256(),
            },
        )

    @property
    def spec(self) -> ReaderSpec:
        """Everything that affects this engine's results; the number of threads does not."""
        return self._spec

    @property
    def alphabet(self) -> frozenset[str]:
        """Letters of RapidOCR, of the network for Arabic, and of the language data found."""
        data = (letters_of(path) for path in self._data.values())
        return self._latin.alphabet.union(frozenset(LETTERS[1:]), *data)

    def detect(self, image: Pixels) -> Boxes:
        """Return the boxes of the lines on a page, from top to bottom."""
        return self._latin.detect(image)

    def recognise(self, image: Pixels, boxes: Boxes) -> list[LineReading]:
        """Return a reading of each box of a page by the best engine for its script.

        The confidence is the probability that every letter of the line is right.
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
    """Return the paths of the available language data by name."""
    if not has_tesseract():
        return {}
    files = {name: data_file(folder, name) for name in (_ARABIC, _VIETNAMESE)}
    return {name: path for name, path in files.items() if path.is_file()}


def _versions(rapidocr: str, *, with_tesseract: bool) -> str:
    tesseract = f", tesserocr {tesseract_version()}" if with_tesseract else ""
    return f"rapidocr {rapidocr}{tesseract}"
