"""Reading the output of a recogniser trained with connectionist temporal classification.

The first column of what such a recogniser says is the blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def starts(best: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return at which steps another column is best than at the step before, ``(steps,)``."""
    changes = np.ones(len(best), dtype=bool)
    changes[1:] = best[1:] != best[:-1]
    return changes


def kept(best: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return the steps that stand for a character: repeats joined, blanks dropped, ``(steps,)``.

    Args:
        best: Column that is best at each step.

    Source: Graves et al. 2006, "Connectionist Temporal Classification", 3.1 and 3.2.
    """
    characters: NDArray[np.bool_] = starts(best) & (best != 0)
    return characters


def best_path(probability: NDArray[np.float32], letters: Sequence[str]) -> tuple[str, float]:
    """Return the likeliest letter of each step, repeats joined and blanks dropped.

    Args:
        probability: Of each letter at each step, ``(steps, letters)``.
        letters: What each column stands for; the first column is the blank.

    Returns:
        The text, stripped, and the mean probability of its letters, spaces among them; an empty
        text has confidence 0.0.
    """
    best = probability.argmax(axis=1)
    text = _joined(best, letters)
    if not text:
        return "", 0.0
    return text, float(probability.max(axis=1)[kept(best)].mean())


def favoured_path(
    probability: NDArray[np.float32],
    letters: Sequence[str],
    instead: Mapping[int, int],
    *,
    least: float,
) -> str:
    """Return the text of the best path, likely enough second choices put in place of some letters.

    Args:
        probability: As for :func:`best_path`.
        letters: Likewise.
        instead: Column of a letter, and of the one that is preferred to it.
        least: Probability that the preferred one must have at the first step of the letter.
    """
    best = probability.argmax(axis=1)
    favoured = best.copy()
    for plain, preferred in instead.items():
        favoured[(best == plain) & (probability[:, preferred] >= least)] = preferred
    first = starts(best)
    favoured = favoured[first][np.cumsum(first) - 1]  # all steps of a letter as its first one
    return _joined(favoured, letters)


def _joined(best: NDArray[np.int64], letters: Sequence[str]) -> str:
    return "".join(letters[i] for i in best[kept(best)]).strip()
