"""How well pictures could be read, as numbers that a model takes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adverts.advert import ReadQuality
from adverts.errors import InputError

QUALITY_FEATURES = ("told", "has_text", "confidence", "text_height", "sharpness", "unread_share")
_TALLEST_LOG2_PX = 8.0  # text of 256 px is as legible as it gets
_NUMBERS = (int, float, np.integer, np.floating)
_MOST = {
    "confidence": 1.0,
    "smallest_text_px": 1e6,
    "sharpness": 1.0,
    "lines": 1e6,
    "unread_lines": 1e6,
}


def quality_features(quality: ReadQuality | None) -> NDArray[np.float32]:
    """Return ``(Q,)`` numbers in [0, 1] by :data:`QUALITY_FEATURES`; all 0 where nobody told.

    ``text_height`` is logarithmic: 0 from 1 px down, 1 from 256 px on. It counts pixels, not shares
    of the picture, since pixels are what decides whether a line can be read.
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
    """Refuse what no reader tells, such as per cent: a model would take it for a number.

    Raises:
        InputError: A field is no number, out of its range, or more lines are unread than found.
    """
    if not isinstance(quality, ReadQuality):
        raise InputError(f"OCR quality is of type {type(quality).__name__}, wanted ReadQuality")
    for name, most in _MOST.items():
        value = getattr(quality, name)
        is_number = isinstance(value, _NUMBERS) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= most:
            raise InputError(f"{name} of OCR quality wants a number from 0 to {most:,g}")
    if quality.lines % 1 or quality.unread_lines % 1 or quality.unread_lines > quality.lines:
        raise InputError("OCR quality wants whole lines, and not more that are unread than found")
