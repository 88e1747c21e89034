"""Decode the output of a recogniser trained with connectionist temporal classification.

The first column of such an output is the blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def starts(best: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return the steps whose best column differs from the step before, bool ``(steps,)``."""
    changes = np.ones(len(best), dtype=bool)
    changes[1:] = best[1:] != best[:-1]
    return changes


def kept(best: NDArray[np.integer]) -> NDArray[np.bool_]:
    """Return the steps that give a character, without repeats and blanks, bool ``(steps,)``.

    Args:
        best: Best column of each step.

    Source: Graves et al. 2006, "Connectionist Temporal Classification", 3.1 and 3.2.
    """
    characters: NDArray[np.bool_] = starts(best) & (best != 0)
    return characters


def best_path(probability: NDArray[np.float32], letters: Sequence[str]) -> tuple[str, float]:
    """Return the text of the most likely letters, without repeats and blanks, and its confidence.

    Args:
        probability: Probability of each letter at each step, ``(steps, letters)``.
        letters: Letter of each column; the first column is the blank.

    Returns:
        The stripped text, and the mean probability of its letters and spaces. An empty text has
        confidence 0.0.
    """
    best = probability.argmax(axis=1)
    text = _joined(best, letters)
    if not text:
        return "", 0.0
    return text, float(probability.max(axis=1)[kept(best)].mean())


def path_places(
    probability: NDArray[np.float32], letters: Sequence[str], *, width: float
) -> tuple[float, ...]:
    """Return where each character of :func:`best_path` stands, as a share of the line's width.

    Args:
        probability: Probability of each letter at each step, ``(steps, letters)``.
        letters: Letter of each column; the first column is the blank.
        width: Width of the line as a share of all steps, of which the last may be padding.
    """
    best = probability.argmax(axis=1)
    at = np.flatnonzero(kept(best))
    seen = [(letter, step) for step in at for letter in letters[best[step]]]
    text = "".join(letter for letter, _ in seen)
    start = len(text) - len(text.lstrip())
    steps = [step for _, step in seen[start : start + len(text.strip())]]
    return tuple(float((step + 0.5) / (len(best) * width)) for step in steps)


def favoured_path(
    probability: NDArray[np.float32],
    letters: Sequence[str],
    instead: Mapping[int, int],
    *,
    least: float,
) -> str:
    """Return the text of the best path, with some letters replaced by preferred alternatives.

    Args:
        probability: Probability of each letter at each step, ``(steps, letters)``.
        letters: Letter of each column; the first column is the blank.
        instead: Maps the column of a letter to the column of its preferred alternative.
        least: Least probability of the alternative at the first step of the letter.
    """
    best = probability.argmax(axis=1)
    favoured = best.copy()
    for plain, preferred in instead.items():
        favoured[(best == plain) & (probability[:, preferred] >= least)] = preferred
    first = starts(best)
    favoured = favoured[first][np.cumsum(first) - 1]  # each step gets its letter's first step
    return _joined(favoured, letters)


def _joined(best: NDArray[np.int64], letters: Sequence[str]) -> str:
    return "".join(letters[i] for i in best[kept(best)]).strip()
