"""The reader of images that a config names."""

from __future__ import annotations

from adverts.config.ocr import EasyOcrConfig, OcrConfig
from adverts.ocr.pool import Workers
from adverts.ocr.protocol import Reader


def build_reader(config: OcrConfig) -> Reader | None:
    """Return the reader, or None where images are not read.

    Raises:
        MissingExtraError: Its engine is not installed.
        IntegrityError: Its weights are not those that we know.
    """
    if not isinstance(config.engine, EasyOcrConfig):
        return None
    from adverts.ocr.easyocr_engine import EasyOcrReader

    return EasyOcrReader(
        languages=config.engine.languages,
        canvas_px=config.engine.canvas_px,
        min_confidence=config.engine.min_confidence,
        threads=config.engine.threads,
    )


def build_workers(config: OcrConfig) -> Workers:
    """Return how many processes read, and for how long."""
    return Workers(config.workers, config.timeout_s, config.images_per_worker)
