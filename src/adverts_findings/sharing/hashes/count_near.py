"""Count how many hashes of a list differ in few bits from each of others. No pair is missed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints

Hashes = NDArray[np.uint8]
"""Hashes as bytes, ``(N, B)``; B is a multiple of 8."""
_ROWS, _COLUMNS = 64, 2048  # so that a block stays in the cache of one core


def hashes_of(values: list[str], num_bytes: int) -> Hashes:
    """Return hashes given in hex as bytes, ``(N, num_bytes)``.

    Raises:
        ValueError: One has another length, or is not hex.
    """
    table = np.frombuffer(bytes.fromhex("".join(values)), np.uint8)
    if any(len(one) != 2 * num_bytes for one in values):
        raise ValueError(f"wanted hashes of {2 * num_bytes} hex digits")
    return table.reshape(len(values), num_bytes)


def count_near(asked: Hashes, others: Hashes, radius: int) -> Ints:
    """Return how many of the others differ from each hash in at most ``radius`` bits, ``(N,)``."""
    one, other = _words(asked), _words(others)
    counts = np.zeros(len(asked), np.int64)
    for top in range(0, len(asked), _ROWS):
        for left in range(0, len(others), _COLUMNS):
            distances = _distances(one[:, top : top + _ROWS], other[:, left : left + _COLUMNS])
            counts[top : top + _ROWS] += (distances <= radius).sum(axis=1)
    return counts


def _words(hashes: Hashes) -> NDArray[np.uint64]:
    """Return hashes as words of 64 bits, word by word, ``(B / 8, N)``."""
    return np.ascontiguousarray(np.ascontiguousarray(hashes).view(np.uint64).T)


def _distances(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> NDArray[np.uint16]:
    total = np.zeros((one.shape[1], other.shape[1]), np.uint16)  # uint8 cannot hold 256 bits
    for mine, theirs in zip(one, other, strict=True):
        total += np.bitwise_count(mine[:, None] ^ theirs)
    return total
