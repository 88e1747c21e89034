"""The reader of images that a config names, and the processes that it reads in."""

from __future__ import annotations

from adverts.config.ocr import (
    AutoConfig,
    EasyOcrConfig,
    NoOcr,
    OcrConfig,
    RapidOcrConfig,
    TesseractConfig,
)
from adverts.ocr import build
from adverts.ocr.pool import Workers
from adverts.ocr.protocol import Reader


def build_reader(config: OcrConfig) -> Reader | None:
    """Return the reader, or None where images are not read.

    Raises:
        InputError: The engine cannot read so, or language data or weights are missing.
        MissingExtraError: A package of the engine is not installed.
    """
    engine = config.engine
    match engine:
        case NoOcr():
            return None
        case EasyOcrConfig():
            return build.easyocr_reader(
                languages=engine.languages,
                canvas_px=engine.canvas_px,
                min_confidence=engine.min_confidence,
                threads=engine.threads,
                backend=engine.backend,
                precision=engine.precision,
                folder=engine.folder,
                weights=engine.weights,
            )
        case RapidOcrConfig():
            return build.rapidocr_reader(
                canvas_px=engine.canvas_px,
                min_confidence=engine.min_confidence,
                threads=engine.threads,
            )
        case TesseractConfig():
            return build.tesseract_reader(
                data=engine.data,
                data_folder=engine.data_folder,
                min_confidence=engine.min_confidence,
            )
        case AutoConfig():
            return build.auto_reader(
                canvas_px=engine.canvas_px,
                min_confidence=engine.min_confidence,
                threads=engine.threads,
                data_folder=engine.data_folder,
            )


def build_workers(config: OcrConfig) -> Workers:
    """Return how many processes read, and for how long."""
    return Workers(config.workers, config.timeout_s, config.images_per_worker)
