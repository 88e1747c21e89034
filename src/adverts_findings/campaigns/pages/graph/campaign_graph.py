"""The graph of a campaign: its adverts in few groups, the weakest places between groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Ints
from adverts_findings.campaigns.grouping.connected import component_roots
from adverts_findings.campaigns.networks.network import NetworkLink
from adverts_findings.campaigns.pages.campaign_rows import (
    AdvertRow,
    CampaignRows,
    EdgeRow,
    IdentityRow,
)
from adverts_findings.campaigns.pages.graph.graph import Graph, GraphLine, GraphNode, LineKind
from adverts_findings.campaigns.pages.shown_values import known, moment, most_first

MOST_GROUPS = 20
"""Most groups that the adverts of a campaign are drawn in."""
_MOST_NEIGHBOURS, _MOST_IDS = 5, 20


@dataclass(frozen=True, slots=True)
class AdvertGroup:
    """Adverts that are drawn as one point.

    Attributes:
        name: Its name on this page: the id of the advert where it is one, otherwise a number.
        adverts: Number of its adverts.
        platforms: Number of adverts by platform, the most first.
        first_seen: Time of its first posting; None if no time is known.
        last_seen: Time of its last posting; None if no time is known.
        identities: Names of the identities that most of its adverts show, at most three.
        ids: Ids of its adverts, in order: at most 20.
    """

    name: str
    adverts: int
    platforms: Mapping[str, int]
    first_seen: str | None
    last_seen: str | None
    identities: tuple[str, ...]
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CampaignGraph:
    """How the parts of a campaign hang together.

    Attributes:
        graph: Its groups, and campaigns to which it may belong, with the lines between them.
        groups: The groups, in the order of the nodes.
    """

    graph: Graph
    groups: tuple[AdvertGroup, ...]


def campaign_graph(
    rows: CampaignRows, links: Sequence[NetworkLink], sizes: Mapping[str, int]
) -> CampaignGraph:
    """Return what is drawn of a campaign: at most 20 groups, however many adverts it has.

    The smallest group is put to the one that its most probable edge leads to until few enough are
    left. A weakest place of the campaign is never within a group, unless it lies in a circle.

    Args:
        rows: Rows of the campaign.
        links: Hypotheses that it is part of; the most probable few are drawn.
        sizes: Number of adverts of other campaigns.
    """
    adverts = sorted(rows.adverts, key=lambda one: one["id"])
    place = {one["id"]: i for i, one in enumerate(adverts)}
    inside = (one for one in rows.inside if one["first"] in place and one["second"] in place)
    edges = sorted(inside, key=lambda one: one["edge"])
    first = np.array([place[one["first"]] for one in edges], np.int64)
    second = np.array([place[one["second"]] for one in edges], np.int64)
    joins = np.array([one["status"] == "joins" for one in edges], np.bool_)
    weak = {one["edge"] for one in rows.bridges}
    weak.update(name for one in rows.bridges for name in one["others"])
    bridges = np.array([one["edge"] in weak for one in edges], np.bool_)
    strong = [known(one["probability"]) or 0.0 for one in edges]
    ranked = np.lexsort((np.arange(len(edges)), -np.array(strong)))
    roots = np.arange(len(place), dtype=np.int64)
    for usable in (joins & ~bridges, joins):  # the weakest places only if too many are left
        order = ranked[usable[ranked]]
        if len(np.unique(roots)) > MOST_GROUPS:
            roots = _grouped(roots, first[order], second[order])
    roots = _capped(roots)
    names, group = np.unique(roots, return_inverse=True)
    lines = _lines(edges, group[first], group[second], bridges.tolist())
    groups = _groups(adverts, rows.identities, group, len(names))
    nodes = [GraphNode(one.name, one.adverts) for one in groups]
    shown = sorted(links, key=lambda one: (-(one.shared[0].probability or 0.0), one.second))
    for link in shown[:_MOST_NEIGHBOURS]:
        best = link.shared[0]
        at = place.get(best.first if link.first == rows.campaign else best.second)
        if at is None:
            continue
        lines.append(GraphLine(int(group[at]), len(nodes), "weak", link.edges, best.probability))
        name = link.other(rows.campaign)
        nodes.append(GraphNode(name, sizes.get(name, 0), outside=True))
    return CampaignGraph(Graph(tuple(nodes), tuple(lines)), groups)


def _capped(roots: Ints) -> Ints:
    """Return groups of which those beyond the largest are one, where nothing joins them."""
    names, sizes = np.unique(roots, return_counts=True)
    rest = names[np.lexsort((names, -sizes))][MOST_GROUPS - 1 :]
    return np.where(np.isin(roots, rest), rest.min(), roots) if len(rest) > 1 else roots


def _grouped(roots: Ints, first: Ints, second: Ints) -> Ints:
    """Return the group of each advert, the smallest groups joined along their strongest edges.

    Args:
        roots: Groups so far, each named by a row of an advert.
        first: One end of each edge, the strongest edge first.
        second: The other end.
    """
    count = len(roots)
    while True:
        names, sizes = np.unique(roots, return_counts=True)
        one, other = roots[first], roots[second]
        leads = one != other
        if len(names) <= MOST_GROUPS or not leads.any():
            return roots
        best = np.full(count, len(first), np.int64)
        ranks = np.flatnonzero(leads)
        np.minimum.at(best, one[ranks], ranks)
        np.minimum.at(best, other[ranks], ranks)
        able = best[names] < len(first)
        smallest = names[able][np.lexsort((names[able], sizes[able]))]
        most = len(names) - MOST_GROUPS
        chosen = best[smallest[: max(1, min(len(smallest) // 4, most))]]
        ends = component_roots(one[chosen], other[chosen], count)
        roots = ends[roots]


def _lines(
    edges: Sequence[EdgeRow], first: Ints, second: Ints, bridges: Sequence[bool]
) -> list[GraphLine]:
    found: dict[tuple[int, int, LineKind], list[float]] = defaultdict(list)
    ends = zip(edges, first.tolist(), second.tolist(), bridges, strict=True)
    for edge, one, other, is_bridge in ends:
        if one == other:
            continue
        joining: LineKind = "bridge" if is_bridge else "joins"
        kind: LineKind = joining if edge["status"] == "joins" else "weak"
        found[min(one, other), max(one, other), kind].append(known(edge["probability"]) or 0.0)
    order: dict[LineKind, int] = {"weak": 0, "joins": 1, "bridge": 2}
    return [
        GraphLine(one, other, kind, len(chances), max(chances) or None)
        for (one, other, kind), chances in sorted(
            found.items(), key=lambda item: (order[item[0][2]], item[0])
        )
    ]


def _groups(
    adverts: Sequence[AdvertRow], identities: Sequence[IdentityRow], group: Ints, count: int
) -> tuple[AdvertGroup, ...]:
    numbers: list[int] = group.tolist()
    of_advert = {one["id"]: number for one, number in zip(adverts, numbers, strict=True)}
    members: list[list[AdvertRow]] = [[] for _ in range(count)]
    for advert, number in zip(adverts, numbers, strict=True):
        members[number].append(advert)
    shown: list[Counter[str]] = [Counter() for _ in range(count)]
    for identity in identities:
        for name in identity["shown_in"]:
            if name in of_advert:
                shown[of_advert[name]][identity["identity"]] += 1
    return tuple(
        _group(number, own, most_first(counts.elements()))
        for number, (own, counts) in enumerate(zip(members, shown, strict=True), start=1)
    )


def _group(number: int, adverts: Sequence[AdvertRow], identities: Mapping[str, int]) -> AdvertGroup:
    times = [one["posted_at"] for one in adverts if one["posted_at"] is not None]
    return AdvertGroup(
        name=adverts[0]["id"] if len(adverts) == 1 else f"group {number}",
        adverts=len(adverts),
        platforms=most_first(one["platform"] or "" for one in adverts),
        first_seen=moment(min(times, default=None)),
        last_seen=moment(max(times, default=None)),
        identities=tuple(identities)[:3],
        ids=tuple(one["id"] for one in adverts[:_MOST_IDS]),
    )
