"""Find near-duplicate pictures: saved again, scaled, cropped, mirrored, turned, with text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.near_bits import BITS, ClosePairs, bit_rows, close_pairs
from adverts.clusters.picture_hash import CELLS, HASH_BYTES, STORED_BYTES, PictureHash

PDQ_RADIUS = 31
"""Most bits of 256 in which PDQ hashes of near-duplicates differ, as PDQ's authors advise."""

LOCAL_RADIUS = 56
"""Most differing bits of the local hashes of near-duplicates that are full of detail.

Of 17 million pairs of unrelated planted photos, none differs in fewer than 80 bits.
"""

MIN_QUALITY = 50
"""Least quality of PDQ hashes; those of lower quality are not compared."""

FULL_DETAIL = 0.85
"""Share of cells with detail below which local hashes must be closer; see
:func:`local_radius`."""

MIN_DETAIL = 0.25
"""Least share of cells with detail for local hashes to be compared."""


@dataclass(frozen=True, slots=True, eq=False)
class ImagePairs:
    """Pairs of pictures that look alike.

    Attributes:
        first: Index of one picture, int64 ``(P,)``; smaller than ``second``.
        second: Index of the other picture, int64 ``(P,)``.
        similarity: Share of equal bits of the closer hash, float32 ``(P,)`` in 0-1; about 0.5 for
            unrelated pictures.
        needs_text: Whether either is a text tile, so that their texts may differ, bool ``(P,)``.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    similarity: NDArray[np.float32]
    needs_text: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.first)


def local_radius(detail: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return in how many bits local hashes may differ, given the smaller share of detail.

    All cells of a plain background agree, so two things on white are close by their outline alone.
    The limit is 56 bits for a detail of 0.85 or more, 28 for 0.68, and 11 for 0.5.
    """
    return (LOCAL_RADIUS * np.minimum(1, detail / FULL_DETAIL) ** 3).astype(np.int64)


def near_images(hashes: Sequence[PictureHash], *, threads: int = 1) -> ImagePairs:
    """Return pairs of pictures that are nearly the same, enough to connect them.

    Both hashes compare pictures as they are. The local hash also compares a picture with a crop of
    3 to 8 % of each side, and one that is mirrored or turned by quarters with one as it is or
    cropped. If very many copies resemble each other, each is paired with only some. A picture with
    too little detail, such as one of one colour, is in no pair.

    Args:
        hashes: Hashes of distinct pictures.
        threads: Number of threads to use.
    """
    table = np.frombuffer(b"".join(h.to_bytes() for h in hashes), np.uint8)
    stored = _stored(table.reshape(len(hashes), STORED_BYTES))
    tile = stored.tile
    found = [
        _by_pdq(stored.pdq, stored.quality, threads),
        *_by_local(stored.local, stored.of_centre, stored.detail, threads),
    ]
    first = np.concatenate([pairs.first for pairs in found])
    second = np.concatenate([pairs.second for pairs in found])
    distance = np.concatenate([pairs.distance for pairs in found])
    order = np.lexsort((distance, second, first))
    first, second, distance = first[order], second[order], distance[order]
    once = np.ones(len(first), np.bool_)
    once[1:] = (first[1:] != first[:-1]) | (second[1:] != second[:-1])
    first, second = first[once], second[once]
    similarity = (1 - distance[once] / BITS).astype(np.float32)
    return ImagePairs(first, second, similarity, tile[first] | tile[second])


def near_one(one: PictureHash, others: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return how similar each of many pictures is to one, 0 where it does not look alike, ``(N,)``.

    The rules are those of :func:`near_images`, but no pair is missed. A text tile, which looks like
    others whatever its text, is like none.

    Args:
        one: Hashes of the one picture.
        others: Stored hashes of the others, uint8 ``(N, STORED_BYTES)``.
    """
    asked = _stored(np.frombuffer(one.to_bytes(), np.uint8)[None])
    stored = _stored(others)
    by_pdq = _differing(asked.pdq, stored.pdq)
    by_pdq[(stored.quality < MIN_QUALITY) | (asked.quality < MIN_QUALITY)] = BITS
    by_pdq[by_pdq > PDQ_RADIUS] = BITS
    by_local = np.full(len(others), BITS, np.int64)
    for view, looks in _views_compared(asked, stored):
        by_local = np.minimum(by_local, _differing(view, looks))
    detail = np.minimum(asked.detail, stored.detail)
    by_local[(detail < MIN_DETAIL) | (by_local > local_radius(detail))] = BITS
    similarity = (1 - np.minimum(by_pdq, by_local) / BITS).astype(np.float32)
    similarity[asked.tile | stored.tile] = 0
    return similarity


def _differing(one: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return in how many bits each row differs from one row, or from its own, ``(N,)``."""
    differing: NDArray[np.int64] = np.bitwise_count(one ^ others).sum(axis=1, dtype=np.int64)
    return differing


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    quality: NDArray[np.uint8]
    detail: NDArray[np.float64]
    tile: NDArray[np.bool_]
    pdq: NDArray[np.uint8]
    local: NDArray[np.uint8]
    of_centre: NDArray[np.uint8]


def _stored(table: NDArray[np.uint8]) -> _Stored:
    """Return the parts of stored hashes, uint8 ``(N, STORED_BYTES)``."""
    head = table[:, : STORED_BYTES - 3 * HASH_BYTES]
    pdq, local, of_centre = np.split(table[:, head.shape[1] :], 3, axis=1)
    quality, detail, tile = head[:, 1], head[:, 2] / 255, head[:, 3].astype(np.bool_)
    return _Stored(quality, detail, tile, pdq, local, of_centre)


def resemblance(one: PictureHash, other: PictureHash) -> float:
    """Return the share of equal bits of the closest hashes of two pictures, about 0.5 to 1.

    They are compared as in :func:`near_images`, but for any quality and detail.
    """
    both = np.frombuffer(one.to_bytes() + other.to_bytes(), np.uint8).reshape(2, STORED_BYTES)
    asked, stored = _stored(both[:1]), _stored(both[1:])
    compared = [(asked.pdq[0], stored.pdq), *_views_compared(asked, stored)]
    views, looks = zip(*compared, strict=True)
    return 1 - int(_differing(np.stack(views), np.concatenate(looks)).min()) / BITS


def _views_compared(
    asked: _Stored, others: _Stored
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """Yield each local hash ``(32,)`` of one picture with the hashes ``(N, 32)`` to compare."""
    for whole, centre in _views(np.concatenate([asked.local, asked.of_centre])):
        yield whole, others.local
        yield whole, others.of_centre
        yield centre, others.local


def _by_pdq(pdq: NDArray[np.uint8], quality: NDArray[np.uint8], threads: int) -> ClosePairs:
    rows = np.flatnonzero(quality >= MIN_QUALITY)
    return close_pairs(bit_rows([(pdq[rows], rows)]), len(pdq), radius=PDQ_RADIUS, threads=threads)


def _by_local(
    local: NDArray[np.uint8],
    of_centre: NDArray[np.uint8],
    detail: NDArray[np.float64],
    threads: int,
) -> Iterator[ClosePairs]:
    rows = np.flatnonzero(detail >= MIN_DETAIL)
    whole, mirrored, *turned = _views(local[rows])
    # One search for all would lose some distant copies among so many rows.
    for other in ([mirrored], turned):
        # Two pictures that are both turned differ as much as they did before.
        others = np.concatenate(other), np.tile(rows, len(other))
        views = bit_rows([(whole, rows), (of_centre[rows], rows), others])
        found = close_pairs(views, len(local), radius=LOCAL_RADIUS, threads=threads)
        wanted = local_radius(np.minimum(detail[found.first], detail[found.second]))
        close = found.distance <= wanted
        yield ClosePairs(found.first[close], found.second[close], found.distance[close])


def _views(local: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return local hashes ``(8, N, 32)`` as they are, mirrored, and both turned by quarters."""
    cells = np.unpackbits(local, axis=1).reshape(len(local), CELLS, CELLS)
    sides = cells, cells[:, :, ::-1]
    views = [np.rot90(side, turns, axes=(1, 2)) for turns in range(4) for side in sides]
    return np.packbits(np.stack(views), axis=3).reshape(len(views), len(local), HASH_BYTES)
