"""What comes of reading one image of many: a result, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from adverts.ocr.protocol import OcrResult


@dataclass(frozen=True, slots=True)
class ReadFailure:
    """An image that could not be read; nothing of it is kept, so another run tries again.

    Attributes:
        reason: What went wrong, without a word of the image.
    """

    reason: str


Outcome: TypeAlias = OcrResult | ReadFailure
