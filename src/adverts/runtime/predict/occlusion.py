"""Leave parts of a text out in turn, to see which an answer hangs on.

Source: Zeiler, Fergus, "Visualizing and understanding convolutional networks", 2014, section 4.2
(occlusion); Li, Monroe, Jurafsky, "Understanding neural networks through representation erasure",
2016, equation 1 (change of the log-odds).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_WORD = re.compile(r"\s*\S{1,20}\s*")  # scripts without spaces are cut, so that parts stay small
_EPSILON = 1e-12


def parts_of(text: str, most: int) -> list[str]:
    """Divide a text into words, or runs of words of like number where they are more than ``most``.

    Joined they are the text again; a text without a word gives none.

    Raises:
        ValueError: ``most`` is below 1.
    """
    if most < 1:
        raise ValueError(f"most is {most}, wanted at least 1")
    words = [] if text.isspace() else _WORD.findall(text)
    size = -(-len(words) // most) or 1
    return ["".join(words[start : start + size]) for start in range(0, len(words), size)]


def without_each(parts: Sequence[str]) -> list[str]:
    """Return the text with each of its parts left out in turn."""
    return ["".join((*parts[:i], *parts[i + 1 :])).strip() for i in range(len(parts))]


def log_odds(probability: Floats) -> Floats:
    """Return the log-odds, nats; probabilities of 0 and 1 are taken for nearly so."""
    safe = np.clip(probability, _EPSILON, 1 - _EPSILON)
    return np.asarray(np.log(safe) - np.log1p(-safe))
