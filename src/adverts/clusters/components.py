"""Clusters from links: connected components whose growth by chaining is capped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.links import LINK_KINDS, Links
from adverts.clusters.union_find import UnionFind

CHAIN_FLOOR = 0.2
"""How alike the centres of two clusters must be at least, for near-duplicates to join them."""

_NEAR_TEXT = LINK_KINDS.index("near_text")


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Which rows belong together.

    Attributes:
        roots: The smallest row of each row's component, int64 ``(N,)``.
        refused: Indices of the links that would have chained unlike adverts together.
    """

    roots: NDArray[np.int64]
    refused: NDArray[np.int64]


def connect(links: Links, count: int, *, resemblance: Callable[[int, int], float]) -> Components:
    """Join rows by their links, in the order given, which should be the surest first.

    A link between near-duplicates joins two clusters only if their centres resemble each other:
    by many small steps a chain of near-duplicates would else join what has nothing in common. The
    centre of a cluster is that of the larger of the two it was joined from.

    Args:
        links: Pairs of rows.
        count: Number of rows ``N``.
        resemblance: How alike the texts of two rows are, 0 to 1.
    """
    sets = UnionFind(count)
    centres, sizes, refused = list(range(count)), [1] * count, []
    pairs = zip(links.kinds.tolist(), links.first.tolist(), links.second.tolist(), strict=True)
    for index, (kind, first, second) in enumerate(pairs):
        one, other = sets.find(first), sets.find(second)
        if one == other:
            continue
        chains = kind == _NEAR_TEXT and sizes[one] + sizes[other] > 2
        if chains and resemblance(centres[one], centres[other]) < CHAIN_FLOOR:
            refused.append(index)
            continue
        larger = one if sizes[one] >= sizes[other] else other
        total, centre = sizes[one] + sizes[other], centres[larger]
        sets.union(one, other)
        root = min(one, other)
        centres[root], sizes[root] = centre, total
    roots = np.fromiter((sets.find(row) for row in range(count)), np.int64, count)
    return Components(roots, np.array(refused, np.int64))
