"""From what an engine says of its own certainty to how often it is right then.

Made by ``python tests/benchmarks/fit_ocr_confidence.py``, which fits the share of lines that are
read without a mistake, on rendered pages to develop on, in all styles.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from adverts.ocr.engine import Reading

_FITS: Mapping[str, tuple[float, float]] = {
    "rapidocr": (0.88, -1.18),  # 182 lines, 0.95 right
    "tesseract": (2.29, -6.05),  # 23 lines, 0.87 right
    "arabic network": (0.82, -2.28),  # 153 lines, 0.71 right
}
"""Slope and intercept, between the logits of what an engine says and of how often it is right."""
_LEAST, _MOST = 0.01, 0.999  # beyond, a logit says more than the fit knows


def calibrated(reading: Reading) -> Reading:
    """Return a reading whose confidence is the chance that its line is right to the letter.

    An empty line keeps 0.0.
    """
    if not reading.text:
        return reading
    slope, intercept = _FITS[reading.engine]
    chance = 1 / (1 + math.exp(-slope * logit(reading.confidence) - intercept))
    return replace(reading, confidence=chance)


def logit(confidence: float) -> float:
    """Return the log odds, with confidences near 0 and 1 bounded."""
    bounded = min(max(confidence, _LEAST), _MOST)
    return math.log(bounded / (1 - bounded))
