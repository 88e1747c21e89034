"""Rows of 256 bits, and copies of them that differ in a known number of bits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def drawn(count: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Return unrelated rows ``(count, 32)``."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32), np.uint8)


def flipped(packed: NDArray[np.uint8], number: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Return the rows with ``number`` of their bits turned over."""
    random = np.random.default_rng(seed)
    bits = np.unpackbits(packed, axis=1)
    places = random.permuted(np.tile(np.arange(256), (len(bits), 1)), axis=1)[:, :number]
    np.put_along_axis(bits, places, 1 - np.take_along_axis(bits, places, 1), axis=1)
    return np.packbits(bits, axis=1)
