"""The readers that the OCR benchmark compares, each built as its user would build it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
from line_sketch import LineSketch

from adverts.ocr.page.read_page import PageReader
from adverts.ocr.protocol import Engine

DATA_FOLDER = Path("/usr/share/tesseract-ocr/5/tessdata")
"""Where Debian and Ubuntu put Tesseract's language data."""
EASYOCR_CANVAS_PX = 1280
RAPIDOCR_CANVAS_PX = 960


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader makes of a page: its text, and the boxes that have text."""

    text: str
    boxes: tuple[tuple[tuple[float, float], ...], ...]


ReadPage: TypeAlias = Callable[[np.ndarray], Seen]


def _stock() -> ReadPage:
    """EasyOCR at its defaults, with the weights of its English package."""
    import easyocr
    import easyocr_en_models

    reader = easyocr.Reader(
        ["en"],
        gpu=False,
        download_enabled=False,
        verbose=False,
        model_storage_directory=easyocr_en_models.model_dir(),
        user_network_directory=tempfile.mkdtemp(),
    )

    def read(image: np.ndarray) -> Seen:
        found = reader.readtext(image)
        return _seen([(text, np.asarray(box)) for box, text, _ in found])

    return read


def _sketch() -> ReadPage:
    sketch = LineSketch(DATA_FOLDER)
    return lambda image: _seen(sketch.read(image))


def _easyocr(backend: str, precision: str) -> Engine:
    from adverts.ocr.easyocr.engine import EasyOcrEngine

    return EasyOcrEngine(
        languages=("en",),
        canvas_px=EASYOCR_CANVAS_PX,
        threads=1,
        backend=backend,
        precision=precision,
    )


def _rapidocr() -> Engine:
    from adverts.ocr.rapidocr.engine import RapidOcrEngine

    return RapidOcrEngine(canvas_px=RAPIDOCR_CANVAS_PX, threads=1)


def _tesseract() -> Engine:
    from adverts.ocr.tesseract.engine import TesseractEngine

    data = ("eng", "vie", "Arabic")
    return TesseractEngine(data=data, data_folder=DATA_FOLDER)


def _auto() -> Engine:
    from adverts.ocr.auto.engine import AutoEngine

    return AutoEngine(canvas_px=RAPIDOCR_CANVAS_PX, threads=1, data_folder=DATA_FOLDER)


ENGINES: dict[str, Callable[[], Engine]] = {
    "easyocr torch": lambda: _easyocr("torch", "int8"),
    "easyocr onnx": lambda: _easyocr("onnx", "fp32"),
    "easyocr int8": lambda: _easyocr("onnx", "int8"),
    "rapidocr": _rapidocr,
    "tesseract": _tesseract,
    "auto": _auto,
}


def open_reader(name: str) -> PageReader:
    """Build one of ``ENGINES`` as ``prepare`` does, with one thread."""
    return PageReader(ENGINES[name](), min_confidence=0.0)


def _page_reader(name: str) -> ReadPage:
    reader = open_reader(name)

    def read(image: np.ndarray) -> Seen:
        result = reader.read(image)
        return Seen(result.text, tuple(line.box for line in result.lines if line.text))

    return read


def _seen(lines: list[tuple[str, np.ndarray]]) -> Seen:
    read = [(text, box) for text, box in lines if text.strip()]
    boxes = tuple(tuple((float(x), float(y)) for x, y in box) for _, box in read)
    return Seen("\n".join(text for text, _ in read), boxes)


STOCK = "stock easyocr"
READERS: dict[str, Callable[[], ReadPage]] = {
    STOCK: _stock,
    "sketch": _sketch,
    **{name: partial(_page_reader, name) for name in ENGINES},
}
