"""Schema of the OCR readers of pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from adverts.config.base import Config

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class NoOcr(Config):
    """No OCR: pictures are not read."""

    kind: Literal["none"]


Confidence = Annotated[
    float, Field(ge=0, le=1, description="lines below it keep their box but not their text")
]
CanvasPx = Annotated[int, Field(ge=128, description="longest side that the text detector sees")]
Threads = Annotated[int, Field(ge=1, description="of each worker")]


class EasyOcrConfig(Config):
    """EasyOCR: English with its packaged weights, other languages with the user's own files."""

    kind: Literal["easyocr"]
    languages: tuple[str, ...] = Field(min_length=1, description="EasyOCR language codes")
    canvas_px: CanvasPx
    min_confidence: Confidence
    threads: Threads
    backend: Literal["torch", "onnx"] = Field(description="onnx reads English, without torch")
    precision: Literal["fp32", "int8"] = Field(description="of the networks that onnx runs")
    folder: Path | None = Field(
        description="folder of the weights for torch, of our exports for onnx"
    )
    weights: Mapping[str, Sha256] = Field(description="by name, the sha256 of each of your files")


class RapidOcrConfig(Config):
    """RapidOCR: Latin script, with the weights from its package."""

    kind: Literal["rapidocr"]
    canvas_px: CanvasPx
    min_confidence: Confidence
    threads: Threads


class TesseractConfig(Config):
    """Tesseract, with language data from the system; it uses one thread."""

    kind: Literal["tesseract"]
    data: tuple[str, ...] = Field(min_length=1, description="names of language data")
    data_folder: Path = Field(description="holds NAME.traineddata")
    min_confidence: Confidence


class AutoConfig(Config):
    """RapidOCR finds lines, and the best engine for the script of each line reads it."""

    kind: Literal["auto"]
    canvas_px: CanvasPx
    min_confidence: Confidence
    threads: Threads
    data_folder: Path = Field(
        description="holds Tesseract's Arabic.traineddata and vie.traineddata"
    )


OcrEngine = Annotated[
    NoOcr | EasyOcrConfig | RapidOcrConfig | TesseractConfig | AutoConfig,
    Field(discriminator="kind"),
]


class OcrConfig(Config):
    """The reader and the store of what it has read."""

    engine: OcrEngine
    cache: Path = Field(description="folder of the OCR cache, a restricted store")
    workers: int = Field(
        ge=0, description="processes that read; 0: this one, with no protection from a bad image"
    )
    timeout_s: float = Field(gt=0, description="seconds that one image may take to read")
    images_per_worker: int = Field(
        ge=1, description="images after which a new process replaces the old one"
    )
