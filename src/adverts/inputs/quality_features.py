"""Turn the OCR quality of pictures into numeric model inputs, and check it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adverts.advert import ReadQuality
from adverts.errors import InputError

QUALITY_FEATURES = ("told", "has_text", "confidence", "text_height", "sharpness", "unread_share")
_TALLEST_LOG2_PX = 8.0  # text taller than 256 px is no more legible
_NUMBERS = (int, float, np.integer, np.floating)
_MOST = {
    "confidence": 1.0,
    "smallest_text_px": 1e6,
    "sharpness": 1.0,
    "lines": 1e6,
    "unread_lines": 1e6,
}


def quality_features(quality: ReadQuality | None) -> NDArray[np.float32]:
    """Return one number in [0, 1] per name in :data:`QUALITY_FEATURES`; all 0 if not given.

    ``text_height`` is logarithmic: 0 up to 1 px, 1 from 256 px. It is measured in pixels, not as a
    share of the picture, since the pixels decide whether a line can be read.
    """
    if quality is None:
        return np.zeros(len(QUALITY_FEATURES), np.float32)
    height = math.log2(max(quality.smallest_text_px, 1.0)) / _TALLEST_LOG2_PX
    values = (
        1.0,
        float(quality.lines > quality.unread_lines),
        quality.confidence,
        min(height, 1.0),
        quality.sharpness,
        quality.unread_lines / quality.lines if quality.lines else 0.0,
    )
    return np.array(values, np.float32)


def check_quality(quality: ReadQuality) -> None:
    """Refuse values that no reader reports, such as percentages instead of shares.

    Raises:
        InputError: A field is not a number or out of range, a line count is not whole, or there
            are more unread lines than lines.
    """
    if not isinstance(quality, ReadQuality):
        raise InputError(f"OCR quality is of type {type(quality).__name__}, wanted ReadQuality")
    for name, most in _MOST.items():
        value = getattr(quality, name)
        is_number = isinstance(value, _NUMBERS) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= most:
            raise InputError(f"{name} of OCR quality must be a number from 0 to {most:,g}")
    if quality.lines % 1 or quality.unread_lines % 1 or quality.unread_lines > quality.lines:
        raise InputError(
            "OCR quality must have whole numbers of lines, and no more unread than found"
        )
