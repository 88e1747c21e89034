"""Clusters from links: connected components whose growth by chaining is capped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.links import LINK_KINDS, Links
from adverts.clusters.union_find import UnionFind

CHAIN_FLOOR = 0.2
"""How alike the centres of two clusters must be at least, for near-duplicates to join them."""

_NEAR_TEXT = LINK_KINDS.index("near_text")
_OF_TEXTS = {_NEAR_TEXT, LINK_KINDS.index("same_text")}
_LINKS_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Which rows belong together.

    Attributes:
        roots: The smallest row of each row's component, int64 ``(N,)``.
        refused: Indices of the links that would have chained unlike adverts together, and whose
            ends nothing else joined.
    """

    roots: NDArray[np.int64]
    refused: NDArray[np.int64]


def connect(links: Links, count: int, *, resemblance: Callable[[int, int], float]) -> Components:
    """Join rows by their links, in the order given, which should be the surest first.

    A link between near-duplicates is followed only if the centres of the texts that it would bring
    together resemble each other: by many small steps a chain of near-duplicates would else join
    what has nothing in common. The centre of some texts is that of the larger of the two parts
    they were joined from; what pictures and groups join plays no role in it.

    Args:
        links: Pairs of rows.
        count: Number of rows ``N``.
        resemblance: How alike the texts of two rows are, 0 to 1.
    """
    sets, texts = UnionFind(count), _Texts(count)
    refused = []
    for index, (kind, first, second) in enumerate(_each(links)):
        if kind in _OF_TEXTS:
            centres = texts.centres_if_chained(first, second)
            if kind == _NEAR_TEXT and centres and resemblance(*centres) < CHAIN_FLOOR:
                refused.append((index, first, second))
                continue
            texts.join(first, second)
        sets.union(first, second)
    roots = np.fromiter((sets.find(row) for row in range(count)), np.int64, count)
    apart = [index for index, first, second in refused if roots[first] != roots[second]]
    return Components(roots, np.array(apart, np.int64))


class _Texts:
    """Sets of alike texts, each with its size and its centre."""

    def __init__(self, count: int) -> None:
        self._sets = UnionFind(count)
        self._centres, self._sizes = list(range(count)), [1] * count

    def centres_if_chained(self, first: int, second: int) -> tuple[int, int] | None:
        """Return the centres of two sets; None if they are one, or two single texts."""
        one, other = self._sets.find(first), self._sets.find(second)
        if one == other or self._sizes[one] + self._sizes[other] == 2:
            return None
        return self._centres[one], self._centres[other]

    def join(self, first: int, second: int) -> None:
        one, other = self._sets.find(first), self._sets.find(second)
        if one == other:
            return
        larger = one if self._sizes[one] >= self._sizes[other] else other
        total, centre = self._sizes[one] + self._sizes[other], self._centres[larger]
        self._sets.union(one, other)
        root = min(one, other)
        self._centres[root], self._sizes[root] = centre, total


def _each(links: Links) -> Iterator[tuple[int, int, int]]:
    """Yield kind and both rows of each link, without holding them all as Python numbers."""
    for start in range(0, len(links), _LINKS_AT_ONCE):
        part = slice(start, start + _LINKS_AT_ONCE)
        yield from zip(
            links.kinds[part].tolist(),
            links.first[part].tolist(),
            links.second[part].tolist(),
            strict=True,
        )
