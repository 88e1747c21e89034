"""Find pairs of near-duplicate pictures: saved again, scaled, cropped, mirrored, with text."""

from __future__ import annotations

from collections.abc import Sequence
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
    3 to 8 % of each side, and a mirrored one with one as it is or cropped. If very many copies
    resemble each other, each is paired with only some. A picture with too little detail, such as
    one of one colour, is in no pair.

    Args:
        hashes: Hashes of distinct pictures.
        threads: Number of threads to use.
    """
    table = np.frombuffer(b"".join(h.to_bytes() for h in hashes), np.uint8)
    stored = _stored(table.reshape(len(hashes), STORED_BYTES))
    tile = stored.tile
    by_pdq = _by_pdq(stored.pdq, stored.quality, threads)
    by_local = _by_local(stored.local, stored.of_centre, stored.detail, threads)
    first = np.concatenate([by_pdq.first, by_local.first])
    second = np.concatenate([by_pdq.second, by_local.second])
    distance = np.concatenate([by_pdq.distance, by_local.distance])
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
    views = [(asked.local, asked.of_centre, _mirrored(asked.local))]
    views += [(stored.local, stored.of_centre, _mirrored(stored.local))]
    by_local = np.full(len(others), BITS, np.int64)
    for mine, view in enumerate(views[0]):
        for other, looks in enumerate(views[1]):
            if mine != other or mine == 0:
                by_local = np.minimum(by_local, _differing(view, looks))
    detail = np.minimum(asked.detail, stored.detail)
    by_local[(detail < MIN_DETAIL) | (by_local > local_radius(detail))] = BITS
    similarity = (1 - np.minimum(by_pdq, by_local) / BITS).astype(np.float32)
    similarity[asked.tile | stored.tile] = 0
    return similarity


def _differing(one: NDArray[np.uint8], others: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return in how many bits each row differs from one row, ``(N,)``."""
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
    mirrored = _mirrored_bytes(other.local)
    compared = [
        (one.pdq, other.pdq),
        (one.local, other.local),
        (one.local, other.local_of_centre),
        (one.local_of_centre, other.local),
        (one.local, mirrored),
        (one.local_of_centre, mirrored),
        (_mirrored_bytes(one.local), other.local_of_centre),
    ]
    differing = [(int.from_bytes(a) ^ int.from_bytes(b)).bit_count() for a, b in compared]
    return 1 - min(differing) / BITS


def _by_pdq(pdq: NDArray[np.uint8], quality: NDArray[np.uint8], threads: int) -> ClosePairs:
    rows = np.flatnonzero(quality >= MIN_QUALITY)
    return close_pairs(bit_rows([(pdq[rows], rows)]), len(pdq), radius=PDQ_RADIUS, threads=threads)


def _by_local(
    local: NDArray[np.uint8],
    of_centre: NDArray[np.uint8],
    detail: NDArray[np.float64],
    threads: int,
) -> ClosePairs:
    rows = np.flatnonzero(detail >= MIN_DETAIL)
    whole = local[rows]
    views = bit_rows([(whole, rows), (of_centre[rows], rows), (_mirrored(whole), rows)])
    found = close_pairs(views, len(local), radius=LOCAL_RADIUS, threads=threads)
    wanted = local_radius(np.minimum(detail[found.first], detail[found.second]))
    close = found.distance <= wanted
    return ClosePairs(found.first[close], found.second[close], found.distance[close])


def _mirrored_bytes(local: bytes) -> bytes:
    return bytes(_mirrored(np.frombuffer(local, np.uint8)[None])[0])


def _mirrored(local: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return local hashes ``(N, 32)`` with the cells of each line from right to left."""
    lines = local.reshape(len(local), CELLS, CELLS // 8)
    return _REVERSED[lines[:, :, ::-1]].reshape(len(local), HASH_BYTES)


_REVERSED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)[:, ::-1])
"""Maps each byte to the byte with its bits in the opposite order."""
