"""Find pairs of 256-bit rows that differ in few bits, by sorting them in random bit orders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BITS = 256
"""Number of bits in a row."""

_BANDS = 128
_KEY_BITS = 28
_NEIGHBOURS = 8
_PARTNERS = 16  # least number kept per owner, if very many are alike
_SLACK = 12  # bits by which half of a row may differ beyond half the radius
_ROWS_AT_ONCE = 1 << 15  # fits into a core's cache
_PAIRS_AT_ONCE = 1 << 23
_SEED = 20_260_102


@dataclass(frozen=True, slots=True, eq=False)
class BitRows:
    """Things as rows of bits, with one or more views of each thing.

    Attributes:
        words: Four arrays that hold 64 bits of each row, each uint64 ``(M,)``.
        owners: Number of the thing that each row belongs to, int64 ``(M,)``.
        views: 0 for the thing itself, another number for each other view, uint8 ``(M,)``. Two
            rows of the same other view, such as two crops, are not compared.
    """

    words: tuple[NDArray[np.uint64], ...]
    owners: NDArray[np.int64]
    views: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ClosePairs:
    """Pairs of things whose rows differ in few bits.

    Attributes:
        first: Number of one thing, int64 ``(P,)``; smaller than ``second``.
        second: Number of the other thing, int64 ``(P,)``.
        distance: Number of differing bits of the closest rows compared, int64 ``(P,)``.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    distance: NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)


def bit_rows(views: Iterable[tuple[NDArray[np.uint8], NDArray[np.int64]]]) -> BitRows:
    """Return rows from views, each with bits, uint8 ``(N, 32)``, and owners ``(N,)``."""
    bits, owners, numbers = [], [], []
    for number, (packed, of_view) in enumerate(views):
        bits.append(np.ascontiguousarray(packed).view(np.uint64))
        owners.append(of_view)
        numbers.append(np.full(len(of_view), number, np.uint8))
    table = np.ascontiguousarray(np.concatenate(bits).T)
    return BitRows(tuple(table), np.concatenate(owners), np.concatenate(numbers))


def close_pairs(rows: BitRows, count: int, *, radius: int, threads: int = 1) -> ClosePairs:
    """Return pairs of things that differ in ``radius`` bits or fewer, enough to connect them.

    Rows are sorted by bits drawn at random, and neighbours in that order are compared in full. This
    is repeated for many draws. All returned pairs are right, but some of the most distant pairs may
    be missed. If very many things are alike, each is paired with only some of them.

    Args:
        rows: Rows to compare.
        count: Number of things; all owners are smaller.
        radius: Largest number of differing bits.
        threads: Number of threads to use.

    Source: M. S. Charikar, "Similarity estimation techniques from rounding algorithms" (2002),
    section 3: near neighbours by sorting bits in random orders.
    """
    draws = np.random.default_rng(_SEED).permuted(np.tile(np.arange(BITS), (_BANDS, 1)), axis=1)
    with ThreadPoolExecutor(threads) as pool:
        bands = pool.map(
            lambda band: _band_codes(rows, count, radius, draws[band, :_KEY_BITS]), range(_BANDS)
        )
        codes = gather_closest(bands, count)
    pairs, distance = np.divmod(codes, BITS)
    first, second = np.divmod(pairs, max(1, count))
    return ClosePairs(first, second, distance)


def _band_codes(
    rows: BitRows, count: int, radius: int, draw: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the pairs of one order of rows as ``(first * count + second) * BITS + distance``."""
    begun, *others = np.roll(np.arange(4), -int(draw[0]))
    key = _key(rows, draw, rows.words[begun])
    # A stable sort keeps the order of equal rows the same on every processor.
    order = np.argsort(key, kind="stable")
    halves = rows.words[begun], rows.words[others[0]]
    rest = rows.words[others[1]], rows.words[others[2]]
    found = [np.zeros(0, np.int64)]
    for one, other, distance in _near(order, halves, radius // 2 + _SLACK):
        allowed = _may_pair(rows, one, other)
        low, high = one[allowed], other[allowed]
        total = distance[allowed] + _distances(rest, low, high)
        close = total <= radius
        a, b = rows.owners[low[close]], rows.owners[high[close]]
        found.append((np.minimum(a, b) * count + np.maximum(a, b)) * BITS + total[close])
    return _closest(np.concatenate(found), count)


def _key(rows: BitRows, draw: NDArray[np.int64], tie: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return sort keys with the drawn bits first, and other bits of the row after them."""
    key = tie >> np.uint64(_KEY_BITS)
    for rank, place in enumerate(draw.tolist()):
        bit = (rows.words[place // 64] >> np.uint64(place % 64)) & np.uint64(1)
        key |= bit << np.uint64(63 - rank)
    return key


def _near(
    order: NDArray[np.int64], halves: tuple[NDArray[np.uint64], ...], bound: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]]:
    """Yield neighbours whose half rows differ in at most ``bound`` bits, and how many differ."""
    for start in range(0, len(order), _ROWS_AT_ONCE):
        part = order[start : start + _ROWS_AT_ONCE + _NEIGHBOURS]
        one, other = (half[part] for half in halves)
        for step in range(1, min(_NEIGHBOURS + 1, len(part))):
            differ = np.bitwise_count(one[step:] ^ one[:-step])
            differ += np.bitwise_count(other[step:] ^ other[:-step])
            places = np.flatnonzero(differ <= bound)
            yield part[places], part[places + step], differ[places].astype(np.int64)


def _may_pair(rows: BitRows, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    view = rows.views[one]
    allowed: NDArray[np.bool_] = (view == 0) | (view != rows.views[other])
    allowed &= rows.owners[one] != rows.owners[other]
    return allowed


def _distances(
    words: Iterable[NDArray[np.uint64]], one: NDArray[np.int64], other: NDArray[np.int64]
) -> NDArray[np.int64]:
    total = np.zeros(len(one), np.int64)
    for word in words:
        total += np.bitwise_count(word[one] ^ word[other])
    return total


def gather_closest(bands: Iterable[NDArray[np.int64]], count: int) -> NDArray[np.int64]:
    """Return the pairs of all bands, without holding many more than are kept.

    Each pair is returned once, with its smallest distance. If there are too many, only the closest
    pairs of each thing are kept.

    Args:
        bands: Pairs of each band as ``(first * count + second) * BITS + distance``.
        count: Number of things.
    """
    kept, waiting, held = np.zeros(0, np.int64), [], 0
    for codes in bands:
        waiting.append(codes)
        held += len(codes)
        if held > _PAIRS_AT_ONCE:
            kept, waiting, held = _closest(np.concatenate([kept, *waiting]), count), [], 0
    return _closest(np.concatenate([kept, *waiting]), count)


def _closest(codes: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return each pair once with its smallest distance; if there are too many, only the closest."""
    codes.sort()
    pairs = codes // BITS
    codes = codes[np.append(True, pairs[1:] != pairs[:-1])] if len(codes) else codes
    if len(codes) <= 2 * _PARTNERS * count:
        return codes
    pairs, distance = np.divmod(codes, BITS)
    first, second = np.divmod(pairs, count)
    return codes[_among_closest(first, distance) | _among_closest(second, distance)]


def _among_closest(owners: NDArray[np.int64], distance: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which pairs are among the closest of their owner."""
    order = np.argsort(owners * BITS + distance, kind="stable")
    ranked = owners[order]
    begins = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    sizes = np.diff(np.append(begins, len(ranked)))
    rank = np.arange(len(ranked)) - np.repeat(begins, sizes)
    among = np.empty(len(owners), np.bool_)
    among[order] = rank < _PARTNERS
    return among
