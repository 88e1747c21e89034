"""Clusters that hold whole campaigns: what intervals resample, and what counts as one piece."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence

from adverts.clusters.components import UnionFind


def by_campaign(
    clusters: Sequence[str],
    campaigns: Sequence[str | None],
    positive: Sequence[Collection[str]] | None = None,
) -> list[str]:
    """Return the cluster of each advert, with all adverts of a campaign in one.

    A copy that is in no campaign is of the campaign whose cluster it is in. Where adverts of
    several campaigns are in one cluster, such as copies of a text that was stolen, each is of its
    own campaign, and what is in none stays a cluster. A campaign that shows nothing of its own,
    since each of its clusters holds adverts of others too, is no independent piece: copies become
    no evidence by other names. All its clusters are one then, and it is in that one. What it shows
    of its own must be of every label that it is counted for: a copy beside an ordinary post of its
    own is a copy.

    Args:
        clusters: Cluster of each advert, as found from copies, contacts and groups.
        campaigns: Campaign of each advert; None if it is in none.
        positive: Tasks of which each advert has the positive label; None: labels are not looked at.
    """
    if not any(campaigns):
        return list(clusters)
    inside: dict[str, set[str]] = defaultdict(set)
    for cluster, campaign in zip(clusters, campaigns, strict=True):
        if campaign is not None:
            inside[cluster].add(campaign)
    of_cluster = {cluster: min(found) for cluster, found in inside.items() if len(found) == 1}
    shown, own = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for row, (cluster, campaign) in enumerate(zip(clusters, campaigns, strict=True)):
        if campaign is not None:
            of = {"", *(positive[row] if positive is not None else ())}
            shown[campaign] |= of
            own[campaign] |= of if cluster in of_cluster else set()
    names = {one: _name(one) for one, of in shown.items() if own[one] == of}
    order = sorted(set(clusters))
    places = {cluster: place for place, cluster in enumerate(order)}
    joined, first = UnionFind(len(order)), dict[str, str]()
    for cluster, campaign in zip(clusters, campaigns, strict=True):
        if campaign is not None and campaign not in names:
            joined.union(places[first.setdefault(campaign, cluster)], places[cluster])
    return [
        names.get(of_cluster.get(cluster, "") if campaign is None else campaign)
        or order[joined.find(places[cluster])]
        for cluster, campaign in zip(clusters, campaigns, strict=True)
    ]


def joined_by(*partitions: Sequence[str | None]) -> list[str]:
    """Return the name of what is connected by any of several divisions of the same adverts.

    Args:
        partitions: Name of the part that each advert is in, or None; equal names in two divisions
            have nothing to do with each other.
    """
    numbers: dict[tuple[int, str], int] = {}
    parts = [
        [
            numbers.setdefault((place, name), len(numbers))
            for place, name in enumerate(row)
            if name is not None
        ]
        for row in zip(*partitions, strict=True)
    ]
    sets = UnionFind(len(numbers))
    for first, *others in filter(None, parts):
        for other in others:
            sets.union(first, other)
    return [
        f"joined {sets.find(part[0])}" if part else f"alone {row}" for row, part in enumerate(parts)
    ]


def _name(campaign: str) -> str:
    """Return the name of the cluster of a campaign; it is no name of another cluster."""
    text = f"campaign {campaign}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:16]
