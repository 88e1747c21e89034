"""How surely campaigns hold together: their edges drawn anew, again and again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.grouping.connected import Subgraphs, component_roots


@dataclass(frozen=True, slots=True)
class Holding:
    """How surely campaigns hold together, by the smallest row of each campaign.

    Attributes:
        probability: Probability that two adverts of the campaign, drawn at random, are of one
            advertiser; NaN where an edge that is needed is not weighed.
        largest_piece: Share of its adverts that stay in the largest piece, on average; NaN
            likewise.
    """

    probability: dict[int, float]
    largest_piece: dict[int, float]


def hold_together(edges: Edges, roots: Ints, *, resamples: int, seed: int) -> Holding:
    """Return how surely campaigns of at least two adverts hold together.

    Each joining edge is kept with its probability, independently of the others, ``resamples``
    times. The probability of a campaign is the share of its pairs of adverts that are still
    connected, and so has a standard error of at most ``0.5 / sqrt(resamples)``. It is 1 where
    certain edges connect the campaign. The draws for a campaign depend on its own edges alone.

    Args:
        edges: Edges between adverts, with their final status.
        roots: Smallest row of the campaign of each advert, ``(N,)``.
        resamples: How often edges are drawn, at least 1.
        seed: Seed of the draws.
    """
    joins = edges.of_status("joins")
    first, second, chance = edges.first[joins], edges.second[joins], edges.probability[joins]
    sure = chance >= 1.0
    pieces = component_roots(first[sure], second[sure], len(roots))
    open_ = pieces[first] != pieces[second]
    campaigns = np.flatnonzero(np.bincount(roots, minlength=len(roots)) > 1)
    inside = np.flatnonzero(np.isin(roots, campaigns))  # most adverts of a bank may be alone
    drawn = _Drawn(
        pieces[inside],
        np.searchsorted(campaigns, roots[inside]),
        np.searchsorted(inside, first[open_]),
        np.searchsorted(inside, second[open_]),
        chance[open_],
    )
    connected, largest = drawn.mean(resamples, seed)
    names = campaigns.tolist()
    return Holding(
        dict(zip(names, connected.tolist(), strict=True)),
        dict(zip(names, largest.tolist(), strict=True)),
    )


class _Drawn:
    """Campaigns, numbered from 0 to ``K - 1``, whose pieces are joined by uncertain edges."""

    def __init__(
        self, pieces: Ints, campaign: Ints, first: Ints, second: Ints, chance: Floats
    ) -> None:
        _, at, piece = np.unique(pieces, return_index=True, return_inverse=True)
        self._weight = np.bincount(piece, minlength=len(at))
        self._campaign = campaign[at]
        self._size = np.bincount(campaign)
        of_edge = campaign[first]
        self._graph = Subgraphs(piece[first], piece[second], len(at))
        self._number = _number_within(of_edge)[self._graph.order]
        self._chance = chance[self._graph.order]
        self._unknown = np.zeros(len(self._size), np.bool_)
        self._unknown[of_edge[np.isnan(chance)]] = True

    def mean(self, resamples: int, seed: int) -> tuple[Floats, Floats]:
        """Return the share of pairs connected and that of the largest piece, ``(K,)`` each."""
        connected, largest = np.zeros(len(self._size)), np.zeros(len(self._size))
        most = int(self._number.max()) + 1 if len(self._number) else 0
        for resample in range(resamples):
            uniform = np.random.default_rng([seed, resample]).random(most)
            pairs, biggest = self._once(uniform[self._number] < self._chance)
            connected += pairs
            largest += biggest
        pairs_of_all = np.maximum(self._size * (self._size - 1.0), 1.0)
        unknown = np.where(self._unknown, np.nan, 1.0)
        share = largest / (resamples * np.maximum(self._size, 1))
        return unknown * connected / (resamples * pairs_of_all), unknown * share

    def _once(self, kept: Bools) -> tuple[Floats, Floats]:
        labels = self._graph.components(kept)
        sizes = np.bincount(labels, weights=self._weight)
        campaign = np.empty(len(sizes), np.int64)
        campaign[labels] = self._campaign
        joined = sizes * (sizes - 1.0)
        pairs = np.bincount(campaign, weights=joined, minlength=len(self._size))
        biggest = np.zeros(len(self._size))
        np.maximum.at(biggest, campaign, sizes)
        return pairs.astype(np.float64), biggest


def _number_within(groups: Ints) -> Ints:
    """Return how many earlier entries of its group each entry has, ``(E,)``."""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(groups) else order
    lengths = np.diff(np.r_[starts, len(groups)])
    number = np.empty(len(groups), np.int64)
    number[order] = np.arange(len(groups)) - np.repeat(starts, lengths)
    return number
