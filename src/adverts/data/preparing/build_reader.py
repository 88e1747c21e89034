"""Builds the reader of pictures that a config names, and the settings of its processes."""

from __future__ import annotations

from adverts.config.ocr import (
    AutoConfig,
    EasyOcrConfig,
    NoOcr,
    OcrConfig,
    RapidOcrConfig,
    TesseractConfig,
)
from adverts.ocr import build_readers
from adverts.ocr.processes.pool import Workers
from adverts.ocr.protocol import Reader
from adverts.ocr.tesseract.lines import has_tesseract

_AUTO_PACKAGES = {"Arabic": "tesseract-ocr-script-arab", "vie": "tesseract-ocr-vie"}
_WORSE = "Arabic script or Vietnamese in pictures is read less well"


def build_reader(config: OcrConfig) -> Reader | None:
    """Return the reader, or None if pictures are not read.

    Raises:
        InputError: The engine does not support the settings, or its data or weights are missing.
        MissingExtraError: A package of the engine is not installed.
    """
    engine = config.engine
    match engine:
        case NoOcr():
            return None
        case EasyOcrConfig():
            return build_readers.easyocr_reader(
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
            return build_readers.rapidocr_reader(
                canvas_px=engine.canvas_px,
                min_confidence=engine.min_confidence,
                threads=engine.threads,
            )
        case TesseractConfig():
            return build_readers.tesseract_reader(
                data=engine.data,
                data_folder=engine.data_folder,
                min_confidence=engine.min_confidence,
            )
        case AutoConfig():
            return build_readers.auto_reader(
                canvas_px=engine.canvas_px,
                min_confidence=engine.min_confidence,
                threads=engine.threads,
                data_folder=engine.data_folder,
            )


def missing_data(config: OcrConfig, reader: Reader) -> str | None:
    """Return one line on the language data that ``auto`` lacks; None if it has all.

    Args:
        config: Names the folder of the data.
        reader: Reader built from ``config``.
    """
    engine, weights = config.engine, reader.spec.weights
    if not isinstance(engine, AutoConfig):
        return None
    missing = [name for name in _AUTO_PACKAGES if f"tesseract {name}" not in weights]
    if not missing:
        return None
    if not has_tesseract():
        return f'{_WORSE}: tesserocr is not installed; run: pip install "adverts[ocr]"'
    files = " and ".join(f"{name}.traineddata" for name in missing)
    packages = " ".join(_AUTO_PACKAGES[name] for name in missing)
    return (
        f"{_WORSE}: ocr.engine.data_folder={engine.data_folder} lacks {files}; run: "
        f"apt install {packages}"
    )


def build_workers(config: OcrConfig, count: int | None = None) -> Workers:
    """Return how many processes read, and for how long.

    Args:
        config: Configuration of the reader.
        count: Number of processes; None: as the configuration says.
    """
    processes = config.workers if count is None else count
    return Workers(processes, config.timeout_s, config.images_per_worker)
