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
    "rapidocr": (0.65, -0.37),  # 679 lines, 0.94 right
    "tesseract": (0.89, -1.36),  # 111 lines, 0.88 right
    "arabic network": (0.84, -1.91),  # 584 lines, 0.78 right
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


def as_stated(reading: Reading) -> Reading:
    """Return a calibrated reading with the confidence that its engine stated; an empty one as is.

    It undoes :func:`calibrated`, but for confidences that lay beyond the bounds of :func:`logit`.
    """
    if not reading.text:
        return reading
    slope, intercept = _FITS[reading.engine]
    stated = 1 / (1 + math.exp((intercept - logit(reading.confidence)) / slope))
    return replace(reading, confidence=stated)


def logit(confidence: float) -> float:
    """Return the log odds, with confidences near 0 and 1 bounded."""
    bounded = min(max(confidence, _LEAST), _MOST)
    return math.log(bounded / (1 - bounded))
