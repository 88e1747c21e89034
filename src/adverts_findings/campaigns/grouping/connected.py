"""Which adverts hang together by edges, and what it costs to part them."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from adverts.arrays import Bools, Floats, Ints

_LEAST_BITS, _MOST_BITS = 2.0**-10, 20.0


def component_roots(first: Ints, second: Ints, count: int) -> Ints:
    """Return the smallest row of the connected component of each of ``count`` rows, ``(N,)``.

    Args:
        first: One row of each edge, ``(E,)``.
        second: The other row of each edge, ``(E,)``.
        count: Number of rows ``N``; a row without an edge is its own component.

    Raises:
        ValueError: An edge names a row outside ``0 … N - 1``.
    """
    if len(first) == 0:
        return np.arange(count, dtype=np.int64)
    lowest, highest = min(first.min(), second.min()), max(first.max(), second.max())
    if lowest < 0 or highest >= count:
        raise ValueError(f"edges name rows {lowest} to {highest}, wanted 0 to {count - 1}")
    graph = csr_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    smallest = np.empty(count, np.int64)
    smallest[labels[::-1]] = np.arange(count - 1, -1, -1)  # the last value of a label remains
    return np.asarray(smallest[labels])


class Subgraphs:
    """A graph of ``N`` rows, of which components are found again and again without some edges.

    Attributes:
        order: The order of the edges in which :meth:`components` is told which are kept, ``(E,)``.
    """

    def __init__(self, first: Ints, second: Ints, count: int) -> None:
        self.order: Ints = np.argsort(first, kind="stable")
        self._starts = np.searchsorted(first[self.order], np.arange(count + 1))
        self._second = second[self.order].astype(np.int32)
        self._ones = np.ones(len(first))

    def components(self, kept: Bools) -> Ints:
        """Return the number of the component of each row, from 0, by the kept edges, ``(N,)``."""
        count = len(self._starts) - 1
        before = np.zeros(len(kept) + 1, np.int32)
        np.cumsum(kept, out=before[1:])
        second = self._second[kept]
        rows = (self._ones[: len(second)], second, before[self._starts])
        graph = csr_array(rows, shape=(count, count))
        return np.asarray(connected_components(graph, directed=False)[1])


def bits(probability: Floats) -> Floats:
    """Return how surely each edge joins, in bits: the base-2 logarithm of ``1 / (1 - p)``.

    It is what parting both ends costs: the sum over several edges is the surprise of all of them
    being wrong at once. It lies within (0, 20]. An edge that is not weighed (NaN) counts as one of
    probability 0.5, that is one bit.
    """
    known = np.where(np.isnan(probability), 0.5, probability)
    wrong = np.clip(1.0 - known, 2.0**-_MOST_BITS, 1.0)
    return np.asarray(np.maximum(-np.log2(wrong), _LEAST_BITS))


def inside(members: Ints, first: Ints, second: Ints) -> tuple[Ints, Ints]:
    """Return both rows of each edge as places among sorted members that hold all of them."""
    return np.searchsorted(members, first), np.searchsorted(members, second)


def grouped(labels: Ints, wanted: Ints) -> dict[int, Ints]:
    """Return the places that carry each of the wanted labels, in ascending order.

    A label that no place carries has an empty array.
    """
    places = np.flatnonzero(np.isin(labels, wanted))
    places = places[np.argsort(labels[places], kind="stable")]
    keys = np.unique(wanted)
    starts = np.searchsorted(labels[places], keys, side="left")
    ends = np.searchsorted(labels[places], keys, side="right")
    spans = zip(keys.tolist(), starts.tolist(), ends.tolist(), strict=True)
    return {key: places[start:end] for key, start, end in spans}


def sizes_of(roots: Ints) -> Ints:
    """Return the number of rows of the component of each row, ``(N,)``."""
    return np.asarray(np.bincount(roots, minlength=len(roots))[roots], dtype=np.int64)


def whether_between(sides: Bools, first: Ints, second: Ints) -> Bools:
    """Return which edges lead from one side to the other, ``(E,)``."""
    return np.asarray(sides[first] != sides[second])
