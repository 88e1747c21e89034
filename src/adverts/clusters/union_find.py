"""Disjoint sets."""

from __future__ import annotations


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
