"""What the page of all hypotheses of networks states, as values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts_findings.campaigns.networks.network import NetworkHypothesis
from adverts_findings.campaigns.pages.campaign_record import SCHEMA_VERSION
from adverts_findings.campaigns.pages.graph.graph import Graph, GraphLine, GraphNode
from adverts_findings.campaigns.pages.hypotheses.shown_links import ShownLink, shown_link

MOST_NETWORKS, MOST_LINKS, MOST_DRAWN = 200, 40, 25
"""Most networks in the record, and most links and drawn campaigns of each."""


@dataclass(frozen=True, slots=True)
class ShownNetwork:
    """A hypothesis of a network.

    Attributes:
        campaigns: Names of its campaigns that are drawn and linked here: those of the most
            probable links.
        campaign_count: Number of its campaigns.
        edges: Number of edges between them.
        links: Its links, the most probable first: at most 40.
        link_count: Number of its links.
        graph: Its campaigns and links as a graph.
    """

    campaigns: tuple[str, ...]
    campaign_count: int
    edges: int
    links: tuple[ShownLink, ...]
    link_count: int
    graph: Graph


@dataclass(frozen=True, slots=True)
class NetworksRecord:
    """All that the page of hypotheses states.

    Attributes:
        build: Number of the build.
        built_at: When it was built.
        networks: Number of hypotheses.
        campaigns: Number of campaigns in them.
        shown: Some of them, those of most campaigns first.
        as_of: Day that the page looks back at, ISO 8601; None for one of now.
        schema_version: Version of the JSON file.
    """

    build: int
    built_at: str | None
    networks: int
    campaigns: int
    shown: tuple[ShownNetwork, ...]
    as_of: str | None = None
    schema_version: int = SCHEMA_VERSION


def networks_record(
    found: Sequence[NetworkHypothesis],
    adverts: Mapping[str, int],
    *,
    calibrated: bool,
    build: int,
    built_at: str | None,
    as_of: str | None = None,
) -> NetworksRecord:
    """Return what the page of hypotheses states.

    Args:
        found: The hypotheses, those of most campaigns first.
        adverts: Number of adverts of each campaign.
        calibrated: Whether probabilities are calibrated.
        build: Number of the build.
        built_at: When it was built.
        as_of: Day that the page looks back at, ISO 8601; None for one of now.
    """
    return NetworksRecord(
        build=build,
        built_at=built_at,
        as_of=as_of,
        networks=len(found),
        campaigns=sum(len(one.campaigns) for one in found),
        shown=tuple(_shown(one, adverts, calibrated=calibrated) for one in found[:MOST_NETWORKS]),
    )


def _shown(
    network: NetworkHypothesis, adverts: Mapping[str, int], *, calibrated: bool
) -> ShownNetwork:
    order = sorted(
        network.links,
        key=lambda one: (-(one.shared[0].probability or 0.0), one.first, one.second),
    )
    place: dict[str, int] = {}
    lines: list[GraphLine] = []
    for link in order:
        new = {link.first, link.second} - set(place)
        if len(place) + len(new) > MOST_DRAWN:
            continue
        for name in sorted(new):
            place[name] = len(place)
        ends = place[link.first], place[link.second]
        lines.append(GraphLine(*ends, "weak", link.edges, link.shared[0].probability))
    nodes = tuple(GraphNode(name, adverts.get(name, 0)) for name in place)
    return ShownNetwork(
        campaigns=tuple(sorted(place)),
        campaign_count=len(network.campaigns),
        edges=network.edges,
        links=tuple(shown_link(one, calibrated=calibrated) for one in order[:MOST_LINKS]),
        link_count=len(order),
        graph=Graph(nodes, tuple(lines)),
    )
