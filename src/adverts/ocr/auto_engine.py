"""Lines found once, each read by the engine that is best for its script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.file_hash import file_sha256
from adverts.ocr.arabic_lines import ArabicLines
from adverts.ocr.arabic_network import ArabicNetwork
from adverts.ocr.engine import Boxes, Pixels, Reading
from adverts.ocr.protocol import ReaderSpec
from adverts.ocr.rapidocr_engine import RapidOcrEngine
from adverts.ocr.routing import is_unsure
from adverts.ocr.tesseract_data import data_file, letters_of
from adverts.ocr.tesseract_lines import TesseractLines
from adverts.ocr.vietnamese_lines import VietnameseLines, is_vietnamese

NAME = "auto"
_ARABIC, _VIETNAMESE = "Arabic", "vie"
_VERSION = 1  # of what is done here; another one: other answers


class AutoEngine:
    """RapidOCR for Latin script, Tesseract for Arabic script and Vietnamese, ours for numbers."""

    def __init__(self, *, canvas_px: int, threads: int, data_folder: Path) -> None:
        """Open nothing yet; the weights are opened by the first image.

        Args:
            canvas_px: Longest side that the detector sees, in pixels.
            threads: Threads that one image is read with.
            data_folder: Where Tesseract's data ``Arabic`` and ``vie`` lie. Where one is missing,
                lines of that script stay boxes without text.

        Raises:
            MissingExtraError: A package of the extra is not installed.
        """
        self._latin = RapidOcrEngine(canvas_px=canvas_px, threads=threads)
        network = ArabicNetwork(threads=threads)
        lines = TesseractLines(data_folder)
        self._data = {
            name: path
            for name in (_ARABIC, _VIETNAMESE)
            if (path := data_file(data_folder, name)).is_file()
        }
        self._arabic = ArabicLines(lines, network, self._latin)
        self._vietnamese = VietnameseLines(lines)
        latin = self._latin.spec
        self._spec = replace(
            latin,
            engine=NAME,
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
        return self._latin.alphabet.union(*(letters_of(path) for path in self._data.values()))

    def detect(self, image: Pixels) -> Boxes:
        """Find the lines of text on a page, top down."""
        return self._latin.detect(image)

    def recognise(self, image: Pixels, boxes: Boxes) -> list[Reading]:
        """Read each box of a page with what suits its script."""
        found = self._latin.recognise_and_see(image, boxes)
        readings = [reading for reading, _ in found]
        unsure = [i for i, read in enumerate(readings) if is_unsure(read, boxes[i])]
        if _ARABIC in self._data and unsure:
            features = [seen for _, seen in found]
            self._arabic.reread(image, boxes, readings, features=features, unsure=unsure)
        if _VIETNAMESE in self._data and is_vietnamese(readings):
            self._vietnamese.reread(image, boxes, readings)
        return readings
