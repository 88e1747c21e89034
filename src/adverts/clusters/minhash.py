"""Short signatures of sets: equal places are as frequent as the sets are alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.shingles import Shingles

PLACES = 128
"""Length of a signature: an estimate of similarity has a deviation of 0.044 at most."""

_SEED = 20_260_101
_BLOCK_HASHES = 1 << 17  # stays in a core's cache
_LARGEST = np.uint32(0xFFFFFFFF)


def signatures(shingles: Shingles, *, threads: int = 1) -> NDArray[np.uint16]:
    """Return the MinHash signature of each set, uint16 ``(N, PLACES)``.

    The share of places at which two signatures agree estimates the Jaccard similarity of their
    sets (too high by 2**-16 at most). The empty set has a signature of its own like any other.

    Source: A. Broder, "On the resemblance and containment of documents" (1997); sixteen bits of
    each minimum as in P. Li and A. C. König, "b-bit minwise hashing" (2010).
    """
    found = np.empty((len(shingles), PLACES), np.uint16)
    blocks = _blocks(shingles.starts)
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda rows: _sign(shingles, rows, found), blocks):
            pass
    return found


def agreement(one: NDArray[np.uint16], other: NDArray[np.uint16]) -> float:
    """Return the share of places at which two signatures ``(PLACES,)`` are equal."""
    return float((one == other).mean())


def _blocks(starts: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Cut the rows so that each block has about ``_BLOCK_HASHES`` hashes."""
    count = len(starts) - 1
    wanted = np.arange(0, starts[-1] + 1, _BLOCK_HASHES)
    cuts = np.unique(np.concatenate([np.searchsorted(starts[:-1], wanted), [0, count]]))
    return [(int(a), int(b)) for a, b in zip(cuts, cuts[1:], strict=False)]


def _sign(shingles: Shingles, rows: tuple[int, int], found: NDArray[np.uint16]) -> None:
    first, last = rows
    starts = shingles.starts[first : last + 1]
    hashes = shingles.hashes[starts[0] : starts[-1]]
    filled = np.flatnonzero(np.diff(starts))
    begins = (starts[:-1] - starts[0])[filled]
    found[first:last] = 0xFFFF
    if not len(filled):
        return
    for place, (factor, addend) in enumerate(_FUNCTIONS):
        mixed = hashes * factor
        mixed += addend
        mixed ^= mixed >> np.uint32(15)
        mixed *= np.uint32(0x2C1B3C6D)
        smallest = np.minimum.reduceat(mixed, begins)
        found[first + filled, place] = smallest & np.uint32(0xFFFF)


def _functions() -> list[tuple[np.uint32, np.uint32]]:
    random = np.random.default_rng(_SEED)
    drawn = random.integers(0, int(_LARGEST), (PLACES, 2), np.uint32)
    return [(np.uint32(factor | 1), np.uint32(addend)) for factor, addend in drawn]


_FUNCTIONS = _functions()
