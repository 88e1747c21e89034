"""Schema of the reader of images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from adverts.config.base import Config


class NoOcr(Config):
    """Images are not read."""

    kind: Literal["none"]


class EasyOcrConfig(Config):
    """EasyOCR with its packaged English weights."""

    kind: Literal["easyocr"]
    languages: tuple[str, ...] = Field(min_length=1, description="EasyOCR language codes")
    canvas_px: int = Field(ge=128, description="longest side that the text detector sees")
    min_confidence: float = Field(ge=0, le=1, description="lines below it keep their box, no text")
    threads: int = Field(ge=1, description="of each worker")


OcrEngine = Annotated[NoOcr | EasyOcrConfig, Field(discriminator="kind")]


class OcrConfig(Config):
    """The reader and the store of what it has read."""

    engine: OcrEngine
    cache: Path = Field(description="folder of the OCR cache, a restricted store")
    workers: int = Field(
        ge=0, description="processes that read; 0: this one, which nothing guards from a bad image"
    )
    timeout_s: float = Field(gt=0, description="seconds that one image may take to read")
    images_per_worker: int = Field(ge=1, description="after which a process gives way to a new one")
