"""From what EasyOCR's recogniser answers to texts: the best character of each step."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.ocr.ctc import kept

BLANK = 0


def decode(
    probabilities: NDArray[np.float32], characters: str, forbidden: Sequence[int] = ()
) -> list[tuple[str, float]]:
    """Return text and confidence of each line.

    The confidence is the product of the probabilities of all steps that are not blank, to the power
    of two over the root of their number; 0.0 where every step is blank.

    Args:
        probabilities: ``(lines, steps, 1 + characters)``; the first is the blank.
        characters: What the recogniser can write, in its order.
        forbidden: Indices of classes that count for nothing.
    """
    probabilities = probabilities.copy()
    probabilities[..., list(forbidden)] = 0
    probabilities /= probabilities.sum(axis=2, keepdims=True)
    best, sure = probabilities.argmax(axis=2), probabilities.max(axis=2)
    return [
        (_text(line, characters), _confidence(values[line != BLANK]))
        for line, values in zip(best, sure, strict=True)
    ]


def _text(steps: NDArray[np.intp], characters: str) -> str:
    return "".join(characters[step - 1] for step in steps[kept(steps)])


def _confidence(values: NDArray[np.float32]) -> float:
    if not len(values):
        return 0.0
    product = float(values.prod())
    return math.pow(product, 2 / math.sqrt(len(values)))
