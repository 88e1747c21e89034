"""The cheapest way to part two adverts that edges connect."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from adverts.arrays import Bools, Floats, Ints

_MOST_IN_ALL = 1 << 29
_FINEST = 1 << 16


def cheapest_cut(
    first: Ints, second: Ints, cost: Floats, *, sizes: Ints, ends: tuple[int, int]
) -> Bools:
    """Return which nodes of a connected graph go with the first end when both ends are parted.

    The edges between both sides cost least of all ways to part the two (a minimum cut). Of equal
    costs, the cut nearest to one end, namely the one that leaves the smaller side smallest; of
    equal sizes, the cut nearest to the end with the lower number. Which end is named first makes
    no difference. Both sides are connected.

    Costs are compared as whole numbers, 65,536 to the unit, or coarser where all costs together
    are above 8,192.

    Args:
        first: One node of each edge, ``(E,)``.
        second: The other node of each edge, ``(E,)``; an edge from a node to itself is ignored.
        cost: Cost of each edge, above 0, ``(E,)``.
        sizes: Number of adverts that each node stands for, ``(N,)``.
        ends: The two nodes to part.

    Returns:
        ``(N,)``; True at the first end, False at the second.

    Raises:
        ValueError: Both ends are one node.

    Source: L. R. Ford and D. R. Fulkerson, "Maximal flow through a network" (1956), by SciPy's
        version of Dinic's algorithm.
    """
    low, high = sorted(ends)
    if low == high:
        raise ValueError(f"both ends are node {low}, wanted two nodes")
    capacity = _capacity(first, second, cost, len(sizes))
    flow = maximum_flow(capacity, low, high).flow
    residual = csr_array(capacity - flow)
    residual.data[residual.data < 0] = 0
    residual.eliminate_zeros()
    with_low = _reached(residual, low)
    with_high = _reached(csr_array(residual.T), high)
    moved_low, moved_high = (_smaller(sizes, side) for side in (with_low, with_high))
    low_side = with_low if moved_low <= moved_high else ~with_high
    return low_side if ends[0] == low else ~low_side


def _capacity(first: Ints, second: Ints, cost: Floats, count: int) -> csr_array:
    apart = first != second
    one, other, paid = first[apart], second[apart], cost[apart]
    scale = min(_FINEST, _MOST_IN_ALL / max(float(paid.sum()), 1.0))
    whole = np.maximum(np.floor(paid * scale), 1).astype(np.int32)
    rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    both = coo_array((np.concatenate([whole, whole]), (rows, columns)), shape=(count, count))
    capacity = csr_array(both.tocsr())
    capacity.indices = capacity.indices.astype(np.int32)
    capacity.indptr = capacity.indptr.astype(np.int32)
    return capacity


def _reached(graph: csr_array, start: int) -> Bools:
    reached = np.zeros(graph.shape[0], np.bool_)
    reached[breadth_first_order(graph, start, return_predecessors=False)] = True
    return reached


def _smaller(sizes: Ints, side: Bools) -> int:
    inner = int(sizes[side].sum())
    return min(inner, int(sizes.sum()) - inner)
