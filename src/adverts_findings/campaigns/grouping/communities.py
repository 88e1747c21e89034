"""Communities within large campaigns."""

from __future__ import annotations

import graspologic_native
import numpy as np
from scipy.sparse import coo_array, csr_array

from adverts.arrays import Floats, Ints
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.grouping.connected import (
    bits,
    component_roots,
    grouped,
    inside,
    sizes_of,
)
from adverts_findings.campaigns.rules import LinkingRules

_TRIALS = 3
_DAYS_A_WEEK = 7


def find_parts(edges: Edges, roots: Ints, rules: LinkingRules) -> Ints:
    """Return the number of the community of each advert within its campaign, ``(N,)``.

    Communities are looked for in campaigns above ``rules.large`` adverts; elsewhere the number is
    0. They are numbered from 0 in the order of their smallest rows.

    Edges within an identity form a chain by time, though all its adverts share the value alike.
    So each such chain is replaced by a node for the identity, to which its adverts lead. An edge
    weighs as many bits as it is sure (:func:`~adverts_findings.campaigns.grouping.connected.bits`),
    and one to such a node the mean of those that it replaces. Each community is connected by
    joining edges and these nodes.

    Args:
        edges: Edges between adverts, with their final status.
        roots: Smallest row of the campaign of each advert, ``(N,)``.
        rules: Which campaigns are large, which silences end an identity, and the seed.

    Source: V. A. Traag, L. Waltman and N. J. van Eck, "From Louvain to Leiden: guaranteeing
        well-connected communities" (2019), with modularity.
    """
    parts = np.zeros(len(roots), np.int64)
    large = np.unique(roots[sizes_of(roots) > rules.large])
    if len(large) == 0:
        return parts
    joins = np.flatnonzero(edges.of_status("joins"))
    of_campaign = grouped(roots[edges.first[joins]], large)
    for root, rows in grouped(roots, large).items():
        campaign = edges.chosen(joins[of_campaign[root]])
        first, second, cost, nodes = _with_identities(campaign, rows, rules.silent_weeks)
        parts[rows] = _communities(first, second, cost, nodes, rules.seed)[: len(rows)]
        parts[rows] = _in_order(parts[rows])
    return parts


def _with_identities(
    edges: Edges, rows: Ints, silent_weeks: float
) -> tuple[Ints, Ints, Floats, int]:
    first, second = inside(rows, edges.first, edges.second)
    cost = bits(edges.probability)
    steady = edges.silence <= silent_weeks * _DAYS_A_WEEK
    chained = ~edges.across & steady & ~edges.of_kind("template") & ~edges.of_kind("judged")
    node, nodes = _identities(edges.chosen(chained), first[chained], second[chained], len(rows))
    shown = np.concatenate([first[chained], second[chained]]) * nodes + np.tile(node, 2)
    shows, places, often = np.unique(shown, return_inverse=True, return_counts=True)
    mean = np.bincount(places, weights=np.tile(cost[chained], 2), minlength=len(shows)) / often
    ends = np.concatenate([shows // nodes, first[~chained]])
    others = np.concatenate([shows % nodes, second[~chained]])
    return ends, others, np.concatenate([mean, cost[~chained]]), nodes


def _identities(edges: Edges, first: Ints, second: Ints, count: int) -> tuple[Ints, int]:
    """Return the node of the identity of each edge, ``(E,)``, and the number of all nodes."""
    values: dict[tuple[int, str], int] = {}
    names = zip(edges.kind.tolist(), edges.value, strict=True)
    value = np.array([values.setdefault(name, len(values)) for name in names], np.int64)
    ends = np.concatenate([value * count + first, value * count + second])
    shown, places = np.unique(ends, return_inverse=True)
    linked = component_roots(places[: len(value)], places[len(value) :], len(shown))
    _, node = np.unique(linked[places[: len(value)]], return_inverse=True)
    return count + node.astype(np.int64), count + (int(node.max()) + 1 if len(node) else 0)


def _communities(first: Ints, second: Ints, cost: Floats, nodes: int, seed: int) -> Ints:
    apart = first != second
    one, other = first[apart], second[apart]
    rows, columns = np.concatenate([one, other]), np.concatenate([other, one])
    both = coo_array((np.tile(cost[apart], 2), (rows, columns)), shape=(nodes, nodes))
    graph = csr_array(both.tocsr())
    graph.sort_indices()
    _, community = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        nodes,
        seed=seed,
        trials=_TRIALS,
    )
    of_node = np.fromiter((community[node] for node in range(nodes)), np.int64, nodes)
    within = of_node[first] == of_node[second]
    return component_roots(first[within], second[within], nodes)


def _in_order(names: Ints) -> Ints:
    _, places, numbers = np.unique(names, return_index=True, return_inverse=True)
    return np.asarray(np.argsort(np.argsort(places))[numbers], dtype=np.int64)
