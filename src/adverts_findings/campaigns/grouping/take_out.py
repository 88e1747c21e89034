"""Adverts that people took out of a campaign, whose other adverts stay together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from adverts.arrays import Ints
from adverts_findings.campaigns.edges import EDGE_STATUSES, Edges, join_edges
from adverts_findings.campaigns.grouping.connected import component_roots, grouped, inside

JudgedPair = tuple[int, int, str]
"""Two rows, and the id of the judgement that speaks of them."""


def take_out(edges: Edges, alone: Sequence[JudgedPair], groups: Ints) -> Edges:
    """Return the edges after adverts were taken out of their campaigns.

    The first advert of each pair leaves those that are still connected to the second without it:
    its edges to these are rejected. What only the first advert connected stays with it.

    Edges within an identity form a chain by time, so adverts before and after the one that leaves
    would fall apart, though they share the value as before. So an edge is added between those that
    follow each other without it; it is as sure as the less sure of the two that it replaces.
    Content forms no chains, and none are closed.

    Args:
        edges: Edges between adverts.
        alone: The advert that leaves and one that stays, in the order in which people said so.
        groups: Group of each advert, ``(N,)``: adverts that people joined, which leave together.
            Both adverts of a pair are of two groups.

    Returns:
        The edges given, in their order, then those that were added.
    """
    joins = np.flatnonzero(edges.of_status("joins"))
    roots = component_roots(edges.first[joins], edges.second[joins], len(groups))
    spoken: dict[int, list[JudgedPair]] = {}
    for pair in alone:
        if roots[pair[0]] == roots[pair[1]]:
            spoken.setdefault(int(roots[pair[0]]), []).append(pair)
    if not spoken:
        return edges
    wanted = np.array(sorted(spoken), np.int64)
    members, by_edge = grouped(roots, wanted), grouped(roots[edges.first[joins]], wanted)
    status, reasons = edges.status.copy(), list(edges.reason)
    added = []
    for root in wanted.tolist():
        places = joins[by_edge[root]]
        left = edges.chosen(places)
        for pair in spoken[root]:
            left = _without(left, members[root], groups, pair)
        status[places] = left.status[: len(places)]
        for place, reason in zip(places.tolist(), left.reason, strict=False):
            reasons[place] = reason
        added.append(left.chosen(np.arange(len(places), len(left))))
    return join_edges([replace(edges, status=status, reason=tuple(reasons)), *added])


def _without(edges: Edges, rows: Ints, groups: Ints, pair: JudgedPair) -> Edges:
    leaver, stayer, name = pair
    joins = np.flatnonzero(edges.of_status("joins"))
    first, second = inside(rows, edges.first[joins], edges.second[joins])
    leaves = groups[rows] == groups[leaver]
    before, after = leaves[second] & ~leaves[first], leaves[first] & ~leaves[second]
    closed = _closed(edges, joins[before], joins[after])
    kept = ~(leaves[first] | leaves[second])
    closed_first, closed_second = inside(rows, closed.first, closed.second)
    pieces = component_roots(
        np.r_[first[kept], closed_first], np.r_[second[kept], closed_second], len(rows)
    )
    stays = pieces == pieces[np.searchsorted(rows, stayer)]
    cut = joins[(before & stays[first]) | (after & stays[second])]
    reason = f"cut, since {name} says not this advert"
    return join_edges(
        [edges.with_status(cut, "rejected", reason), closed.chosen(stays[closed_first])]
    )


def _closed(edges: Edges, before: Ints, after: Ints) -> Edges:
    """Return the edges that close the chains from which adverts leave.

    Args:
        edges: Edges of the campaign.
        before: Places of the edges from another advert to a later one that leaves.
        after: Places of the edges from one that leaves to a later one of the others.
    """
    chains: dict[tuple[int, str], list[tuple[float, int, int]]] = {}
    content = edges.of_kind("template")
    for places, rows, sign in ((before, edges.first, -1.0), (after, edges.second, 1.0)):
        for place in places[~content[places]].tolist():
            day = sign * float(np.nan_to_num(edges.silence[place]) + 1.0)
            chain = chains.setdefault((int(edges.kind[place]), edges.value[place]), [])
            chain.append((day, int(rows[place]), place))
    closing = [
        _closing(edges, one[1:], other[1:])
        for chain in chains.values()
        for one, other in pairwise(sorted(chain))
        if one[1] != other[1]
    ]
    return join_edges(closing) if closing else edges.chosen(np.zeros(0, np.int64))


def _closing(edges: Edges, one: tuple[int, int], other: tuple[int, int]) -> Edges:
    """Return the edge between two adverts, each given by its row and its edge to what leaves."""
    (first, place), (second, at) = one, other
    both = edges.chosen(np.array([place, at]))
    return replace(
        both.chosen(np.array([0])),
        first=np.array([first]),
        second=np.array([second]),
        silence=both.silence.sum(keepdims=True),
        across=np.array([both.across.any()]),
        also=np.bitwise_and.reduce(both.also, keepdims=True),
        weight=both.weight.min(keepdims=True),
        probability=both.probability.min(keepdims=True),
        status=np.array([EDGE_STATUSES.index("joins")]),
        reason=("",),
    )
