"""Draws the pairs that people judge next: a quarter at random, the rest where doubt is largest.

Shape suffixes: ``E`` edges, ``U`` pairs of adverts.
"""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.edges import EDGE_STATUSES, Edges
from adverts_findings.campaigns.judgements.exact_draws import even_chances, systematic

Drawn = Literal["random", "informative"]
RANDOM_SHARE = 0.25
"""Share of a sheet that is drawn at random."""
_MOST_OF_CAMPAIGN = 2.0
_BRIDGE = 0.25  # as much as a doubtful pair with a probability of about 0.15
_LEAST = 1e-6
_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class PairDrawn:
    """A pair of adverts to be judged.

    Attributes:
        edge: Place of its edge; of several edges between the two adverts, the likeliest.
        drawn: Which of the two draws asks for it; ``random`` if both do.
        chance: Probability that either draw asks for it.
    """

    edge: int
    drawn: Drawn
    chance: float


@dataclass(frozen=True, slots=True, eq=False)
class _Frame:
    """Pairs that may be drawn: places of their edges, and what chances depend on, ``(U,)``."""

    edges: Ints
    probability: Floats
    stratum: Ints
    campaign: Ints
    is_bridge: Bools


def which_to_judge(
    edges: Edges,
    *,
    roots: Ints,
    bridges: Collection[int],
    judged: Collection[tuple[int, int]],
    budget: int,
    seed: int,
) -> tuple[PairDrawn, ...]:
    """Return at most ``budget`` pairs to judge, the same for the same seed, by their edges.

    Two draws are made that know nothing of each other. A quarter of the budget is drawn at random
    from all pairs; of each kind and status, as many as the square root of their number asks for, so
    that rare ones are there (power allocation). The rest are drawn by how informative they are:
    pairs whose probability is near 0.5, then bridges; on average at most two of a campaign, and of
    each kind and status. A few pairs are drawn twice, so that the sheet is a little shorter.

    That the informative ones are drawn too, and not simply taken from the top, gives every pair of
    the sheet a chance above 0 that is known exactly, so that probabilities can be fitted on all of
    them without bias.

    Args:
        edges: Edges of every status, weighed.
        roots: Campaign of each advert, by its row.
        bridges: Places of edges without which a campaign falls apart.
        judged: Rows of pairs that are not asked about again.
        budget: Number of pairs to judge.
        seed: Seed of both draws.

    Source: M. D. Bankier, "Power allocations: determining sample sizes for subnational areas"
    (1988).
    """
    frame = _frame(edges, roots=roots, bridges=bridges, judged=judged)
    if budget < 1 or not len(frame.edges):
        return ()
    rng = np.random.default_rng(seed)
    number = math.ceil(RANDOM_SHARE * budget)
    at_random_U = _random_chances(frame, number)
    informative_U = _informative_chances(frame, at_random_U, budget - number)
    shuffled = rng.random(len(frame.edges))
    order = np.lexsort((shuffled, frame.probability, frame.stratum))
    random_ones = set(order[systematic(at_random_U[order], rng)].tolist())
    order = np.lexsort((shuffled, frame.campaign))
    drawn = random_ones.union(order[systematic(informative_U[order], rng)].tolist())
    chances_U = at_random_U + informative_U - at_random_U * informative_U
    return tuple(
        PairDrawn(
            edge=int(frame.edges[unit]),
            drawn="random" if unit in random_ones else "informative",
            chance=float(chances_U[unit]),
        )
        for unit in sorted(drawn, key=lambda unit: int(frame.edges[unit]))
    )


def pairs_left(edges: Edges, judged: Collection[tuple[int, int]]) -> int:
    """Return how many pairs of adverts share an edge and are not judged yet."""
    return len(_one_of_each_pair(edges, judged))


def _frame(
    edges: Edges, *, roots: Ints, bridges: Collection[int], judged: Collection[tuple[int, int]]
) -> _Frame:
    chosen = _one_of_each_pair(edges, judged)
    return _Frame(
        edges=chosen,
        probability=np.nan_to_num(edges.probability[chosen], nan=0.5),
        stratum=edges.kind[chosen] * len(EDGE_STATUSES) + edges.status[chosen],
        campaign=np.minimum(roots[edges.first[chosen]], roots[edges.second[chosen]]),
        is_bridge=np.isin(chosen, np.array(sorted(bridges), dtype=np.int64)),
    )


def _one_of_each_pair(edges: Edges, judged: Collection[tuple[int, int]]) -> Ints:
    """Return the place of one edge of each pair that is not judged, the likeliest, ``(U,)``."""
    low, high = np.minimum(edges.first, edges.second), np.maximum(edges.first, edges.second)
    width = 1 + max(int(high.max(initial=0)), *(max(pair) for pair in judged), 0)
    pair_E = low * width + high
    left_out = [min(pair) * width + max(pair) for pair in judged]
    asked = ~edges.of_kind("judged") & ~np.isin(pair_E, np.array(left_out, dtype=np.int64))
    places = np.flatnonzero(asked)
    known_E = np.nan_to_num(edges.probability, nan=-1.0)
    order = places[np.lexsort((places, -known_E[places], pair_E[places]))]
    is_first = np.diff(pair_E[order], prepend=-1) != 0
    chosen: Ints = order[is_first]
    return chosen


def _random_chances(frame: _Frame, count: int) -> Floats:
    _, stratum_U, sizes = np.unique(frame.stratum, return_inverse=True, return_counts=True)
    return even_chances(1 / np.sqrt(sizes[stratum_U]), count)


def _informative_chances(frame: _Frame, at_random_U: Floats, count: int) -> Floats:
    doubt_U = (4 * frame.probability * (1 - frame.probability)) ** 2
    size_U = (doubt_U + _BRIDGE * frame.is_bridge + _LEAST) * (1 - at_random_U)
    _, stratum_U = np.unique(frame.stratum, return_inverse=True)
    total = np.bincount(stratum_U, size_U)
    size_U /= np.sqrt(np.maximum(total, _LEAST))[stratum_U]
    _, campaign_U, pairs = np.unique(frame.campaign, return_inverse=True, return_counts=True)
    most = _MOST_OF_CAMPAIGN
    while np.minimum(pairs, most).sum() < min(count, len(size_U)):
        most *= 2
    for _ in range(_ROUNDS):
        chances_U = even_chances(size_U, count)
        too_many = np.maximum(np.bincount(campaign_U, chances_U) / most, 1.0)
        if np.all(too_many < 1 + 1e-9):
            return chances_U
        size_U = size_U / too_many[campaign_U]
    return np.asarray(chances_U / too_many[campaign_U])
