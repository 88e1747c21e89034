"""The weakest places of each campaign: what would split it."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Ints
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.found import Bridge
from adverts_findings.campaigns.grouping.cheapest_cut import cheapest_cut
from adverts_findings.campaigns.grouping.connected import bits, component_roots, grouped, inside
from adverts_findings.campaigns.grouping.find_bridges import find_bridges

MOST_OF_A_CAMPAIGN = 3


def weakest_bridges(edges: Edges, roots: Ints, parts: Ints) -> tuple[Bridge, ...]:
    """Return the weakest bridges of each campaign, at most three, the weakest first.

    A bridge is a joining edge without which a campaign falls into two parts. It is named where
    both parts have at least two adverts, or where near-duplicate content alone makes it, since
    texts and pictures are stolen. The weakest is the one of the lowest probability (0.5 where it
    is not weighed); of equal ones the one that splits most evenly; and of these the one with the
    longest silence.

    A campaign with several communities and no bridge to name has the cheapest cut between its two
    largest communities in its place, named by the weakest edge that is cut.

    Args:
        edges: Edges between adverts, with their final status.
        roots: Smallest row of the campaign of each advert, ``(N,)``.
        parts: Number of the community of each advert within its campaign, ``(N,)``.

    Returns:
        Bridges in the order of the campaigns' smallest rows.
    """
    joins = np.flatnonzero(edges.of_status("joins"))
    found = find_bridges(edges.first[joins], edges.second[joins], len(roots))
    places = joins[found.edges]
    smaller = np.minimum(found.first_side, found.second_side)
    larger = np.maximum(found.first_side, found.second_side)
    named = (smaller >= 2) | edges.of_kind("template")[places]
    places, smaller, larger = places[named], smaller[named], larger[named]
    campaign = roots[edges.first[places]]
    strength = bits(edges.probability[places])
    silence = np.nan_to_num(edges.silence[places], nan=np.inf)
    order = np.lexsort((places, -silence, -smaller, strength, campaign))
    chosen = order[_among_first(campaign[order], MOST_OF_A_CAMPAIGN)]
    bridges = [
        Bridge(edge, root, small, large, float(edges.probability[edge]))
        for edge, root, small, large in zip(
            *(column[chosen].tolist() for column in (places, campaign, smaller, larger)),
            strict=True,
        )
    ]
    cuts = _cuts(edges, roots, parts, joins, bridged=np.unique(campaign))
    return tuple(sorted([*bridges, *cuts], key=lambda bridge: bridge.campaign))


def _among_first(groups: Ints, most: int) -> Ints:
    """Return the places of the first few entries of each run of equal groups."""
    if len(groups) == 0:
        return np.zeros(0, np.int64)
    starts = np.flatnonzero(np.r_[True, groups[1:] != groups[:-1]])
    number = np.arange(len(groups)) - np.repeat(starts, np.diff(np.r_[starts, len(groups)]))
    return np.flatnonzero(number < most)


def _cuts(edges: Edges, roots: Ints, parts: Ints, joins: Ints, *, bridged: Ints) -> list[Bridge]:
    several = np.setdiff1d(np.unique(roots[parts > 0]), bridged)
    if len(several) == 0:
        return []
    of_campaign = grouped(roots[edges.first[joins]], several)
    return [
        _cut(edges, joins[of_campaign[root]], rows, parts[rows])
        for root, rows in grouped(roots, several).items()
    ]


def _cut(edges: Edges, places: Ints, rows: Ints, parts: Ints) -> Bridge:
    first, second = inside(rows, edges.first[places], edges.second[places])
    largest = np.argsort(-np.bincount(parts), kind="stable")[:2]
    nodes, ends = _merged(edges, places, first, second, parts=parts, largest=largest)
    side = cheapest_cut(
        nodes[first],
        nodes[second],
        bits(edges.probability[places]),
        sizes=np.bincount(nodes),
        ends=ends,
    )[nodes]
    cut = places[side[first] != side[second]]
    weakest = int(cut[np.argmin(bits(edges.probability[cut]))])
    sizes = sorted([int(side.sum()), int((~side).sum())])
    others = tuple(place for place in cut.tolist() if place != weakest)
    root, probability = int(rows[0]), float(edges.probability[weakest])
    return Bridge(weakest, root, sizes[0], sizes[1], probability, others)


def _merged(
    edges: Edges, places: Ints, first: Ints, second: Ints, *, parts: Ints, largest: Ints
) -> tuple[Ints, tuple[int, int]]:
    """Return the node of each advert, where each of the two communities is one node."""
    one, other = (np.flatnonzero(parts == part) for part in largest)
    tied_first = np.r_[np.full(len(one), one[0]), np.full(len(other), other[0])]
    tied_second = np.r_[one, other]
    groups = component_roots(tied_first, tied_second, len(parts))
    names, nodes = np.unique(groups, return_inverse=True)
    ends = np.searchsorted(names, groups[[one[0], other[0]]]).tolist()
    return nodes, (ends[0], ends[1])
