"""Join linked rows into connected components, with a limit on chains of near-duplicates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.clusters.links import LINK_KINDS, LinkKind, Links

_LINKS_AT_ONCE = 1 << 18


class UnionFind:
    """Partition of ``0 … size - 1`` whose sets can be joined.

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
        """Join the sets that hold ``a`` and ``b``."""
        low, high = sorted((self.find(a), self.find(b)))
        self._parents[high] = low


@dataclass(frozen=True, slots=True)
class ChainRule:
    """Rule that decides when links between similar things may join two sets.

    Attributes:
        equal: Kinds of link between equal things, which are always followed.
        alike: Kinds of link between similar things.
        floor: Least resemblance of the centres of two sets for an ``alike`` link to join them.
        resemblance: Function that returns the similarity of two rows for this rule, 0 to 1.
    """

    equal: tuple[LinkKind, ...]
    alike: tuple[LinkKind, ...]
    floor: float
    resemblance: Callable[[int, int], float]


@dataclass(frozen=True, slots=True, eq=False)
class Components:
    """Connected components of rows.

    Attributes:
        roots: The smallest row of each row's component, int64 ``(N,)``.
        refused: Indices of the links that were not followed, since they would have chained unlike
            adverts, and whose rows ended in different components.
    """

    roots: NDArray[np.int64]
    refused: NDArray[np.int64]


def connect(links: Links, count: int, *, rules: Sequence[ChainRule]) -> Components:
    """Join rows by their links, in the given order, which should be the surest first.

    A link between similar things is followed only if the centres of the two sets resemble each
    other. Otherwise a chain of near-duplicates could join things that have nothing in common. The
    centre of a joined set is the centre of the larger of its two parts. Links of kinds without a
    rule do not change the centres and are always followed.

    Args:
        links: Links between pairs of rows.
        count: Number of rows ``N``.
        rules: Rules, each for its own kinds of link.
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
    """Sets of similar things, each with its size and its centre."""

    def __init__(self, count: int, resemblance: Callable[[int, int], float]) -> None:
        self._sets, self._resemblance = UnionFind(count), resemblance
        self._centres, self._sizes = list(range(count)), [1] * count

    def join(self, first: int, second: int, wanted: float) -> bool:
        """Join two sets, unless they hold more than two things and their centres differ too much.

        Returns:
            Whether the two are in one set now.
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
    """Yield kind and both rows of each link, without converting all links at once."""
    for start in range(0, len(links), _LINKS_AT_ONCE):
        part = slice(start, start + _LINKS_AT_ONCE)
        yield from zip(
            links.kinds[part].tolist(),
            links.first[part].tolist(),
            links.second[part].tolist(),
            strict=True,
        )
