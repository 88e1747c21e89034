"""Components at several thresholds, and campaigns that are suspiciously large."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Ints
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.grouping.connected import component_roots

GIANT_SHARE = 0.05
"""Share of all adverts in campaigns above which one campaign is a giant."""
GIANT_LEAST = 50
"""Adverts up to which no campaign is a giant, in however small a bank."""
GIANT_TIMES = 10
"""How many times the next largest campaign a giant holds."""


@dataclass(frozen=True, slots=True)
class Giant:
    """A campaign so large that a wrong edge, rather than an advertiser, may have made it.

    Attributes:
        campaign: Smallest row of the campaign.
        adverts: Number of its adverts.
        next_adverts: Number of adverts of the next largest campaign; 0 if there is none.
        share: Share of all adverts in campaigns that it holds.
    """

    campaign: int
    adverts: int
    next_adverts: int
    share: float


@dataclass(frozen=True, slots=True)
class AtThreshold:
    """Campaigns that edges of at least some probability make.

    Attributes:
        threshold: The least probability of an edge.
        campaigns: Number of campaigns of at least two adverts.
        adverts: Number of adverts in them.
        largest: Number of adverts of the largest; 0 if there is none.
        giant: The largest, where it is suspiciously large.
    """

    threshold: float
    campaigns: int
    adverts: int
    largest: int
    giant: Giant | None


def threshold_components(
    edges: Edges, count: int, thresholds: Sequence[float], *, large: int
) -> tuple[AtThreshold, ...]:
    """Return the campaigns of ``count`` adverts at each threshold, in the order given.

    Edges that join and whose probability is at least the threshold count, and so do joining edges
    that are not weighed. To see what thresholds below the one in use would join, pass the edges as
    the evidence gave them, in which unlikely edges still join.

    Args:
        edges: Edges between adverts.
        count: Number of adverts.
        thresholds: Least probabilities of edges.
        large: Adverts above which a campaign can be a giant.
    """
    joins = edges.of_status("joins")
    first, second, probability = edges.first[joins], edges.second[joins], edges.probability[joins]
    found = []
    for threshold in thresholds:
        kept = ~(probability < threshold)
        roots = component_roots(first[kept], second[kept], count)
        sizes = np.bincount(roots, minlength=count)
        several = sizes[sizes > 1]
        found.append(
            AtThreshold(
                threshold,
                len(several),
                int(several.sum()),
                int(several.max(initial=0)),
                find_giant(roots, large=large),
            )
        )
    return tuple(found)


def find_giant(roots: Ints, *, large: int) -> Giant | None:
    """Return the largest campaign if it is suspiciously large.

    It is if it holds more than ``large`` adverts (or 50, if that is less), and more than 5 % of all
    adverts in campaigns or at least ten times as many as the next largest. Of two equally large,
    the one of the smallest row is looked at.

    Args:
        roots: Smallest row of the campaign of each advert, ``(N,)``.
        large: Adverts above which a campaign can be a giant.
    """
    sizes = np.bincount(roots, minlength=1)
    sizes[sizes < 2] = 0
    campaign = int(np.argmax(sizes))
    adverts, total = int(sizes[campaign]), int(sizes.sum())
    sizes[campaign] = 0
    following = int(sizes.max())
    if adverts <= min(large, GIANT_LEAST):
        return None
    if adverts <= GIANT_SHARE * total and adverts < GIANT_TIMES * following:
        return None
    return Giant(campaign, adverts, following, adverts / total)
