"""How well pictures could be read, as numbers that a model takes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from adverts.advert import ReadQuality

QUALITY_FEATURES = ("told", "has_text", "confidence", "text_height", "sharpness", "unread_share")
_TALLEST_LOG2_PX = 8.0  # text of 256 px is as legible as it gets


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
