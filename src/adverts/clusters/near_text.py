"""Find pairs of near-duplicate texts: one template with another price, date or word order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.near_bits import BITS, gather_closest
from adverts.clusters.shingles import PLACES, Shingles

MIN_SHINGLES = 12
"""Least letter groups of a text. Shorter texts, such as greetings, match only equal texts."""

_BAND_PLACES = 4
_BANDS = PLACES // _BAND_PLACES
_NEIGHBOURS = 8
_SLACK = 0.12  # how far an estimate may be below the required similarity; 2.7 deviations
_PAIRS_AT_ONCE = 1 << 18
_HASHES_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Pairs of texts that are alike.

    Attributes:
        first: Index of one text, int64 ``(P,)``; smaller than ``second``.
        second: Index of the other text, int64 ``(P,)``.
        similarity: Jaccard similarity of the letter groups, float32 ``(P,)`` in 0–1.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    similarity: NDArray[np.float32]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)


def required_similarity(sizes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return how similar two texts must be, given the smaller one's number of letter groups.

    Short texts share much by chance. 12 groups require 1.0, 40 require 0.65, 100 require 0.56.
    """
    return (0.5 + 6 / np.maximum(sizes, MIN_SHINGLES)).astype(np.float32)


def near_duplicates(shingles: Shingles, signed: NDArray[np.uint16], *, threads: int = 1) -> Pairs:
    """Return pairs of texts that are nearly the same, enough to connect them.

    If many copies resemble each other, each is paired with only some of them. Candidates come from
    locality-sensitive hashing. Only neighbours in the order of a band are candidates, so that large
    buckets cost no more than small ones. Every candidate is then compared exactly. If thousands of
    texts share much boilerplate, pairs just above the required similarity may be missed. The empty
    text and texts below :data:`MIN_SHINGLES` are in no pair.

    Args:
        shingles: Letter groups of ``N`` distinct texts.
        signed: Signatures of the texts, uint16 ``(N, PLACES)``.
        threads: Number of threads to use.

    Source: J. Leskovec, A. Rajaraman, J. Ullman, "Mining of Massive Datasets", 3.4; the order
    within a bucket follows M. Bawa et al., "LSH Forest" (2005).
    """
    rows = np.flatnonzero(shingles.sizes >= MIN_SHINGLES)
    if len(rows) < 2:
        return _no_pairs()
    sizes = shingles.sizes

    def codes_of(band: int) -> NDArray[np.int64]:
        one, other, _ = _band_pairs(signed, rows, sizes, band, slack=_SLACK)
        return one * len(sizes) + other

    with ThreadPoolExecutor(threads) as pool:
        bands = pool.map(codes_of, range(_BANDS))
        codes = np.sort(np.concatenate(list(bands)))  # np.unique takes ten times as long
    codes = codes[np.append(True, codes[1:] != codes[:-1])] if len(codes) else codes
    first, second = np.divmod(codes, len(shingles))
    similarity = _similarity(shingles, first, second)
    kept = similarity >= required_similarity(np.minimum(sizes[first], sizes[second]))
    return Pairs(first[kept], second[kept], similarity[kept])


def near_signatures(signed: NDArray[np.uint16], sizes: NDArray[np.int64]) -> Pairs:
    """Return pairs as :func:`near_duplicates` does, where only the signatures of texts are known.

    The share of equal places stands for the similarity. Its standard deviation is 0.044 at most, so
    of pairs that are just as similar as required, half are missed; of those that are 0.09 more
    or less similar than required, one in 40 is judged otherwise than by the texts. If very many
    are alike, each is paired with only its closest ones, so that memory is bounded.

    Args:
        signed: Signatures of ``N`` distinct texts, uint16 ``(N, PLACES)``.
        sizes: Number of distinct letter groups of each text, int64 ``(N,)``.
    """
    rows = np.flatnonzero(sizes >= MIN_SHINGLES)
    if len(rows) < 2:
        return _no_pairs()
    count = len(sizes)

    def codes_of(band: int) -> NDArray[np.int64]:
        one, other, agree = _band_pairs(signed, rows, sizes, band, slack=0)
        differing = np.rint((1 - agree) * PLACES).astype(np.int64)
        return (one * count + other) * BITS + differing

    codes = gather_closest(map(codes_of, range(_BANDS)), count)
    pairs, differing = np.divmod(codes, BITS)
    first, second = np.divmod(pairs, count)
    return Pairs(first, second, (1 - differing / PLACES).astype(np.float32))


def near_one(
    one: NDArray[np.uint16], size: int, signed: NDArray[np.uint16], sizes: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return how similar each text is to one text, 0 where it is not nearly the same, ``(N,)``.

    Args:
        one: Signature of the one text, uint16 ``(PLACES,)``.
        size: Its number of distinct letter groups.
        signed: Signatures of the others, uint16 ``(N, PLACES)``.
        sizes: Their numbers of distinct letter groups, int64 ``(N,)``.
    """
    agree = np.empty(len(signed), np.float32)
    for part in _parts(np.arange(len(signed))):
        agree[part] = (signed[part] == one).mean(axis=1, dtype=np.float32)
    smaller = np.minimum(sizes, size)
    agree[(smaller < MIN_SHINGLES) | (agree < required_similarity(smaller))] = 0
    return agree


def _no_pairs() -> Pairs:
    return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32))


def _band_pairs(
    signed: NDArray[np.uint16],
    rows: NDArray[np.int64],
    sizes: NDArray[np.int64],
    band: int,
    *,
    slack: float,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float32]]:
    """Return the pairs that one band finds: both texts, and the share of equal places.

    Args:
        signed: Signatures of all texts.
        rows: Texts to pair.
        sizes: Number of letter groups of all texts.
        band: Number of the band.
        slack: How far the share may be below the required similarity.
    """
    key, tie = _band_key(signed, rows, band), _band_key(signed, rows, (band + 1) % _BANDS)
    order = np.lexsort((tie, key))
    key, rows = key[order], rows[order]
    lower, higher = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    shares = [np.zeros(0, np.float32)]
    for step in range(1, min(_NEIGHBOURS + 1, len(rows))):
        places = np.flatnonzero(key[step:] == key[:-step])
        for part in _parts(places):
            one, other = rows[part], rows[part + step]
            agree = (signed[one] == signed[other]).mean(axis=1, dtype=np.float32)
            wanted = required_similarity(np.minimum(sizes[one], sizes[other])) - slack
            kept = agree >= wanted
            lower.append(np.minimum(one, other)[kept])
            higher.append(np.maximum(one, other)[kept])
            shares.append(agree[kept])
    return np.concatenate(lower), np.concatenate(higher), np.concatenate(shares)


def _band_key(signed: NDArray[np.uint16], rows: NDArray[np.int64], band: int) -> NDArray[np.uint64]:
    places = slice(band * _BAND_PLACES, (band + 1) * _BAND_PLACES)
    return np.ascontiguousarray(signed[rows, places]).view(np.uint64)[:, 0]


def _parts(places: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    for start in range(0, len(places), _PAIRS_AT_ONCE):
        yield places[start : start + _PAIRS_AT_ONCE]


def _parts_of_sets(sizes: NDArray[np.int64]) -> Iterator[slice]:
    """Yield parts of the pairs whose sets hold about ``_HASHES_AT_ONCE`` hashes."""
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = ends[start - 1] if start else 0
        end = int(np.searchsorted(ends, before + _HASHES_AT_ONCE, side="right"))
        end = max(end, start + 1)
        yield slice(start, end)
        start = end


def _similarity(
    shingles: Shingles, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the exact Jaccard similarity of each pair."""
    from scipy import sparse

    held = sparse.csr_array(
        (
            np.ones(len(shingles.hashes), np.bool_),
            shingles.hashes.astype(np.int64),
            shingles.starts,
        ),
        shape=(len(shingles), 1 << 32),
    )
    held.has_sorted_indices = held.has_canonical_format = True
    similarity = np.empty(len(first), np.float32)
    sizes = shingles.sizes[first] + shingles.sizes[second]
    for part in _parts_of_sets(sizes):
        one, other = first[part], second[part]
        shared = np.diff((held[one].multiply(held[other])).tocsr().indptr)
        total = sizes[part] - shared
        similarity[part] = shared / np.maximum(total, 1)
    return similarity
