"""Reading the output of a recogniser trained with connectionist temporal classification."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def best_path(probability: NDArray[np.float32], letters: Sequence[str]) -> tuple[str, float]:
    """Return the likeliest letter of each step, repeats joined and blanks dropped.

    Args:
        probability: Of each letter at each step, ``(steps, letters)``.
        letters: What each column stands for; the first column is the blank.

    Returns:
        The text, stripped, and the mean probability of its letters, spaces among them; an empty
        text has confidence 0.0.

    Source: Graves et al. 2006, "Connectionist Temporal Classification", 3.1 and 3.2.
    """
    best = probability.argmax(axis=1)
    kept = best != 0
    kept[1:] &= best[1:] != best[:-1]
    text = "".join(letters[i] for i in best[kept]).strip()
    if not text:
        return "", 0.0
    return text, float(probability.max(axis=1)[kept].mean())
