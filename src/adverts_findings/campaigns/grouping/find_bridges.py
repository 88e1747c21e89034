"""Bridges: edges without which what they connect falls into two parts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import depth_first_order

from adverts.arrays import Ints
from adverts_findings.campaigns.grouping.connected import component_roots


@dataclass(frozen=True, slots=True, eq=False)
class FoundBridges:
    """Bridges of a graph, ``B`` of them, in the order of their edges.

    Attributes:
        edges: Places of the edges, ``(B,)``.
        first_side: Number of nodes that stay with the one end of each, ``(B,)``.
        second_side: Number of nodes that stay with the other end, ``(B,)``.
    """

    edges: Ints
    first_side: Ints
    second_side: Ints


def find_bridges(first: Ints, second: Ints, count: int) -> FoundBridges:
    """Return all bridges, in time linear in nodes and edges.

    Two edges between the same nodes are no bridges, since one is left without the other. An edge
    from a node to itself is none either.

    A depth-first search leaves only edges that lead from a node to one above it. So an edge of its
    tree is a bridge exactly if no other edge leads from below it to above it; these are counted by
    sums along the order of the search.

    Args:
        first: One node of each edge, ``(E,)``.
        second: The other node of each edge, ``(E,)``.
        count: Number of nodes.

    Source: R. E. Tarjan, "A note on finding the bridges of a graph" (1974), with counts in place
        of lowest numbers.
    """
    apart = np.flatnonzero(first != second)
    if len(apart) == 0:
        nothing = np.zeros(0, np.int64)
        return FoundBridges(nothing, nothing, nothing)
    names, nodes = np.unique(np.r_[first[apart], second[apart]], return_inverse=True)
    one, other = nodes[: len(apart)], nodes[len(apart) :]
    search = _search(one, other, len(names))
    upper = np.where(search.place[one] < search.place[other], one, other)
    lower = one + other - upper
    _assert_depth_first(search, upper, lower)
    back = np.zeros(len(names) + 1, np.int64)
    np.add.at(back, search.place[lower], 1)
    np.subtract.at(back, search.place[upper], 1)
    below = np.r_[0, np.cumsum(back)]
    start = search.place[lower]
    leaving = below[start + search.size[lower]] - below[start]
    bridge = (search.above[lower] == upper) & (leaving == 1)
    lower, upper, places = lower[bridge], upper[bridge], apart[bridge]
    size = np.bincount(search.root, minlength=len(names))[search.root[lower]]
    inner = search.size[lower]
    first_is_lower = one[bridge] == lower
    return FoundBridges(
        places,
        np.where(first_is_lower, inner, size - inner),
        np.where(first_is_lower, size - inner, inner),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    place: Ints
    above: Ints
    size: Ints
    root: Ints


def _search(one: Ints, other: Ints, count: int) -> _Search:
    """Search all components at once, from a further node that leads to a node of each."""
    root = component_roots(one, other, count)
    tops = np.unique(root)
    start = np.full(len(tops), count)
    rows, columns = np.r_[one, other, start, tops], np.r_[other, one, tops, start]
    graph = csr_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(count + 1, count + 1))
    order, above = depth_first_order(graph, count)
    place = np.empty(count + 1, np.int64)
    place[order] = np.arange(count + 1)
    size = _sizes(order, above)
    return _Search(place, above.astype(np.int64), size, root)


def _sizes(order: Ints, above: Ints) -> Ints:
    """Return the number of nodes below each node, itself among them."""
    sizes, parents = [1] * len(order), above.tolist()
    for node in order[:0:-1].tolist():
        sizes[parents[node]] += sizes[node]
    return np.array(sizes, np.int64)


def _assert_depth_first(search: _Search, upper: Ints, lower: Ints) -> None:
    assert np.all(search.place[lower] < search.place[upper] + search.size[upper]), (
        "an edge leads from one branch of the search to another"
    )
