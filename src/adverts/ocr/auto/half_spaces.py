"""Find half-spaces (U+200C) of Persian between two letters that the network for Arabic script read.

The network has no class for them. A logistic regression sees what it holds of both letters and of
what lies between, which shows whether the first has its last form and the second its first form.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from adverts.errors import IntegrityError
from adverts.files.file_hash import file_sha256

HALF_SPACE = "\u200c"
APART = frozenset("اآأإٱدذرزژوؤةىءډړڕږۆۇە")
"""Letters that never join the next one, after which a half-space cannot be seen."""
_WEIGHTS = Path(__file__).with_name("half_spaces.npz")
_FARTHEST = 24.0  # steps between two letters of a word, by which their distance is divided
_LEAST_CHANCE = 1e-6  # smaller probabilities of a space count as this


def weights_sha256() -> str:
    """Return the sha256 of the file of weights."""
    return file_sha256(_WEIGHTS)


def between(
    probability: NDArray[np.float32], hidden: NDArray[np.float32], left: int, right: int
) -> NDArray[np.float32]:
    """Return what the regression sees of two neighbouring letters.

    Args:
        probability: Probability of each letter at each step, ``(steps, letters)``.
        hidden: Last values inside the network, ``(width, steps)``.
        left: Step of the letter at the left, which is the later one.
        right: Step of the letter at the right.

    Returns:
        Both letters' values, the mean and the greatest of those between, the distance, and the
        logarithm of the greatest probability of a space, ``(4 * width + 2,)``.
    """
    inner = hidden[:, left + 1 : right] if right - left > 1 else hidden[:, left : right + 1]
    space = max(_LEAST_CHANCE, float(probability[left : right + 1, _SPACE].max()))
    return np.concatenate(
        [
            hidden[:, left],
            hidden[:, right],
            inner.mean(axis=1),
            inner.max(axis=1),
            np.array([(right - left) / _FARTHEST, np.log10(space)], np.float32),
        ],
        dtype=np.float32,
    )


_SPACE = 1  # column of the space among the network's letters


def chance(seen: NDArray[np.float32]) -> float:
    """Return the probability that what :func:`between` returned is a half-space.

    Raises:
        IntegrityError: The file of weights is damaged.
    """
    weight, bias = _opened()
    if weight.shape != seen.shape:
        raise IntegrityError(f"{_WEIGHTS.name} has other weights; reinstall adverts")
    return float(1 / (1 + np.exp(-np.clip(weight @ seen + bias, -50, 50))))


@lru_cache(maxsize=1)
def _opened() -> tuple[NDArray[np.float32], float]:
    try:
        with np.load(_WEIGHTS, allow_pickle=False) as file:
            return file["weight"], float(file["bias"][0])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise IntegrityError(f"{_WEIGHTS} cannot be opened ({error}); reinstall adverts") from None
