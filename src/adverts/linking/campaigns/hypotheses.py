"""Hypotheses of networks: campaigns between which there is evidence that joins nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.arrays import Ints
from adverts.linking.campaigns.connected import component_roots, sizes_of
from adverts.linking.edges import Edges


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Campaigns that may belong together: a lead for people, never a campaign.

    Attributes:
        campaigns: Smallest row of each campaign, in ascending order; at least two.
        edges: Places of the edges between them, in ascending order: the evidence.
    """

    campaigns: tuple[int, ...]
    edges: tuple[int, ...]


def hypotheses(edges: Edges, roots: Ints) -> tuple[Hypothesis, ...]:
    """Return the groups of campaigns that only edges for review or rejected edges connect.

    Campaigns of a single advert take no part. No edge counts between two campaigns of which a
    person said that an advert of the one and an advert of the other are different advertisers'.

    Args:
        edges: Edges between adverts, with their final status.
        roots: Smallest row of the campaign of each advert, ``(N,)``.

    Returns:
        Groups in the order of their smallest campaigns.
    """
    one, other = roots[edges.first], roots[edges.second]
    sizes = sizes_of(roots)
    open_ = ~edges.of_status("joins") & (one != other) & (sizes[one] > 1) & (sizes[other] > 1)
    pair = np.minimum(one, other) * len(roots) + np.maximum(one, other)
    parted = pair[open_ & edges.of_kind("judged")]
    places = np.flatnonzero(open_ & ~np.isin(pair, parted))
    groups = component_roots(one[places], other[places], len(roots))
    return _listed(places, groups, roots, one[places])


def _listed(places: Ints, groups: Ints, roots: Ints, ends: Ints) -> tuple[Hypothesis, ...]:
    campaigns: dict[int, list[int]] = {}
    told: dict[int, list[int]] = {}
    for place, group in zip(places.tolist(), groups[ends].tolist(), strict=True):
        told.setdefault(group, []).append(place)
    for campaign in np.unique(roots).tolist():
        if (group := int(groups[campaign])) in told:
            campaigns.setdefault(group, []).append(campaign)
    return tuple(Hypothesis(tuple(campaigns[group]), tuple(told[group])) for group in sorted(told))
