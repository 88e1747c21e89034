"""The reader of images that a config names."""

from __future__ import annotations

from adverts.config.ocr import EasyOcrConfig, OcrConfig
from adverts.ocr.protocol import Reader


def build_reader(config: OcrConfig) -> Reader | None:
    """Return the reader, or None where images are not read.

    Raises:
        MissingExtraError: Its engine is not installed.
        IntegrityError: Its weights are not those that we know.
    """
    if not isinstance(config.engine, EasyOcrConfig):
        return None
    from adverts.ocr.easyocr_engine import EasyOcrEngine
    from adverts.ocr.page import PageReader

    engine = EasyOcrEngine(
        config.engine.languages,
        config.engine.canvas_px,
        config.engine.threads,
        backend="torch",
        precision="int8",
    )
    return PageReader(engine, min_confidence=config.engine.min_confidence)
