"""Clusters from links: connected components whose growth by chaining is capped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.links import LINK_KINDS, LinkKind, Links

_LINKS_AT_ONCE = 1 << 18


class UnionFind:
    """Partition of ``0 … size - 1`` that grows coarser with every union.

    Source: R. E. Tarjan, "Efficiency of a good but not linear set union algorithm" (1975); here
    with path halving, and the smallest member as the root of its set.
    """

    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def find(self, item: int) -> int:
        """Return the smallest member of the set that holds ``item``."""
        parents = self._parents
        while parents[item] != item:
            parents[item] = parents[parents[item]]
            item = parents[item]
        return item

    def union(self, a: int, b: int) -> None:
        """Make one set of the sets that hold ``a`` and ``b``."""
        low, high = sorted((self.find(a), self.find(b)))
        self._parents[high] = low


@dataclass(frozen=True, slots=True)
class ChainRule:
    """When alike things may hang together by others that resemble both.

    Attributes:
        equal: Kinds of link between equal things; these are always followed.
        alike: Kinds of link between alike things.
        floor: How alike the centres of two sets must be, for an alike link to join them.
        resemblance: How alike two rows are in what the rule is about, 0 to 1.
    """

    equal: tuple[LinkKind, ...]
    alike: tuple[LinkKind, ...]
    floor: float
    resemblance: Callable[[int, int], float]


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


def connect(links: Links, count: int, *, rules: Sequence[ChainRule]) -> Components:
    """Join rows by their links, in the order given, which should be the surest first.

    An alike link is followed only if the centres of what it would bring together resemble each
    other: by many small steps a chain of near-duplicates would else join what has nothing in
    common. The centre of some alike things is that of the larger of the two parts they were
    joined from; links that no rule is about play no role in it and are always followed.

    Args:
        links: Pairs of rows.
        count: Number of rows ``N``.
        rules: Each about its own kinds.
    """
    sets = UnionFind(count)
    ruled: dict[int, tuple[_Alike, float]] = {}
    for rule in rules:
        alike = _Alike(count, rule.resemblance)
        ruled |= {LINK_KINDS.index(kind): (alike, 0.0) for kind in rule.equal}
        ruled |= {LINK_KINDS.index(kind): (alike, rule.floor) for kind in rule.alike}
    refused = []
    for index, (kind, first, second) in enumerate(_each(links)):
        if kind in ruled:
            alike, wanted = ruled[kind]
            if not alike.join(first, second, wanted):
                refused.append((index, first, second))
                continue
        sets.union(first, second)
    roots = np.fromiter((sets.find(row) for row in range(count)), np.int64, count)
    apart = [index for index, first, second in refused if roots[first] != roots[second]]
    return Components(roots, np.array(apart, np.int64))


class _Alike:
    """Sets of alike things, each with its size and its centre."""

    def __init__(self, count: int, resemblance: Callable[[int, int], float]) -> None:
        self._sets, self._resemblance = UnionFind(count), resemblance
        self._centres, self._sizes = list(range(count)), [1] * count

    def join(self, first: int, second: int, wanted: float) -> bool:
        """Make one set of two, unless they hold several things and their centres are less alike.

        Returns:
            Whether they are one set now.
        """
        one, other = self._sets.find(first), self._sets.find(second)
        if one == other:
            return True
        total = self._sizes[one] + self._sizes[other]
        chains = wanted > 0 and total > 2
        if chains and self._resemblance(self._centres[one], self._centres[other]) < wanted:
            return False
        larger = one if self._sizes[one] >= self._sizes[other] else other
        centre, root = self._centres[larger], min(one, other)
        self._sets.union(one, other)
        self._centres[root], self._sizes[root] = centre, total
        return True


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
