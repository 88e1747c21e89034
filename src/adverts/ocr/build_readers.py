"""Build readers from plain arguments. Packages are needed at once, weights are opened later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from adverts.ocr.page.read_page import PageReader


def easyocr_reader(
    *,
    languages: Sequence[str],
    canvas_px: int,
    min_confidence: float,
    threads: int,
    backend: Literal["torch", "onnx"],
    precision: Literal["fp32", "int8"],
    folder: Path | None,
    weights: Mapping[str, str],
) -> PageReader:
    """Return an EasyOCR reader, see :class:`adverts.ocr.easyocr.engine.EasyOcrEngine`.

    Raises:
        InputError: EasyOCR cannot read these languages with these settings.
        MissingExtraError: A package is not installed.
    """
    from adverts.ocr.easyocr.engine import EasyOcrEngine

    engine = EasyOcrEngine(
        languages,
        canvas_px,
        threads,
        backend=backend,
        precision=precision,
        folder=folder,
        weights=weights,
    )
    return PageReader(engine, min_confidence=min_confidence)


def rapidocr_reader(*, canvas_px: int, min_confidence: float, threads: int) -> PageReader:
    """Return a RapidOCR reader, see :class:`adverts.ocr.rapidocr.engine.RapidOcrEngine`.

    Raises:
        MissingExtraError: A package is not installed.
    """
    from adverts.ocr.rapidocr.engine import RapidOcrEngine

    engine = RapidOcrEngine(canvas_px=canvas_px, threads=threads)
    return PageReader(engine, min_confidence=min_confidence)


def tesseract_reader(
    *, data: Sequence[str], data_folder: Path, min_confidence: float
) -> PageReader:
    """Return a Tesseract reader, see :class:`adverts.ocr.tesseract.engine.TesseractEngine`.

    Raises:
        InputError: Language data is missing.
        MissingExtraError: A package is not installed.
    """
    from adverts.ocr.tesseract.engine import TesseractEngine

    engine = TesseractEngine(data=data, data_folder=data_folder)
    return PageReader(engine, min_confidence=min_confidence)


def auto_reader(
    *, canvas_px: int, min_confidence: float, threads: int, data_folder: Path
) -> PageReader:
    """Return a reader that combines engines, see :class:`adverts.ocr.auto.engine.AutoEngine`.

    Raises:
        MissingExtraError: A package is not installed.
    """
    from adverts.ocr.auto.engine import AutoEngine

    engine = AutoEngine(canvas_px=canvas_px, threads=threads, data_folder=data_folder)
    return PageReader(engine, min_confidence=min_confidence)
