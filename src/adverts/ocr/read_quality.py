"""How well a page can be read, whatever it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.protocol import OcrLine, PageQuality


def page_quality(image: NDArray[np.uint8], lines: Sequence[OcrLine]) -> PageQuality:
    """Judge the page by those of its lines that have text."""
    read = [line for line in lines if line.text]
    if not read:
        return PageQuality()
    return PageQuality(
        confidence=sum(line.confidence for line in read) / len(read),
        smallest_text_px=min(_height(line) for line in read),
        sharpness=float(np.median([_sharpness(image, line) for line in read])),
    )


def _height(line: OcrLine) -> float:
    """Length of the shorter pair of sides of the box, in pixels."""
    corners = np.asarray(line.box, dtype=np.float32)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(min(sides[0] + sides[2], sides[1] + sides[3]) / 2)


def _sharpness(image: NDArray[np.uint8], line: OcrLine) -> float:
    """Steepest step between neighbours, as a share of the range of grey inside the box.

    The 99th percentile of steps over the range from the 2nd to the 98th percentile of grey: an
    ideal edge gives 1, one that is blurred over k pixels about 1/k, whatever the contrast.
    """
    corners = np.asarray(line.box)
    left, top = np.maximum(corners.min(axis=0).astype(int), 0)
    right, bottom = np.maximum(np.ceil(corners.max(axis=0)).astype(int) + 1, 0)
    grey = image[top:bottom, left:right].astype(np.float32) @ _LUMA
    if min(grey.shape, default=0) < 2:
        return 0.0
    low, high = np.percentile(grey, (2, 98))
    if high - low < 1:
        return 0.0
    steps = np.concatenate(
        [np.abs(np.diff(grey, axis=0)).ravel(), np.abs(np.diff(grey, axis=1)).ravel()]
    )
    return float(min(1.0, np.percentile(steps, 99) / (high - low)))


_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
