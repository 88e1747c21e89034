"""Figures of campaigns whose advertiser is known of some adverts, with intervals over advertisers.

A resample draws advertisers with replacement, each with all its adverts: adverts of one advertiser
are not independent of each other, and how many hands wrote them is not known. An advertiser that is
drawn twice counts as two who have nothing to do with each other.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NAMES = {
    "pair_precision": "pairs: precision",
    "pair_recall": "pairs: recall",
    "pair_f1": "pairs: F1",
    "b_cubed_precision": "B-cubed precision",
    "b_cubed_recall": "B-cubed recall",
    "b_cubed_f1": "B-cubed F1",
}
"""Name of each figure in a table, in the order of the columns of :meth:`Counts.figures`."""
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """How many adverts each campaign holds of each advertiser, ``E`` entries above 0.

    Attributes:
        campaign: Campaign of each entry, ``(E,)``.
        advertiser: Advertiser of each entry, ``(E,)``.
        adverts: Number of adverts, ``(E,)``.
        sizes: Number of adverts of each of ``T`` advertisers, ``(T,)``.
    """

    campaign: NDArray[np.int64]
    advertiser: NDArray[np.int64]
    adverts: Floats
    sizes: Floats

    def figures(self, weights_RT: Floats) -> Floats:
        """Return the figures of each weighting of the advertisers, ``(R, 6)``.

        A precision of pairs where no pair is joined is NaN, and its F1 is 0.

        Source: A. Bagga, B. Baldwin, "Entity-based cross-document coreferencing" (1998).

        Args:
            weights_RT: How often each advertiser was drawn.
        """
        weights_RE = weights_RT[:, self.advertiser]
        held_RC = np.zeros((len(weights_RT), int(self.campaign.max()) + 1))
        squares_RC = np.zeros_like(held_RC)
        for place, campaign in enumerate(self.campaign.tolist()):
            mine = weights_RE[:, place] * self.adverts[place]
            held_RC[:, campaign] += mine
            squares_RC[:, campaign] += mine**2
        right = weights_RE @ (self.adverts * (self.adverts - 1) / 2)
        wrong = (held_RC**2 - squares_RC).sum(axis=1) / 2
        wanted = weights_RT @ (self.sizes * (self.sizes - 1) / 2)
        around_RE = held_RC[:, self.campaign] - (weights_RE - 1) * self.adverts
        adverts = weights_RT @ self.sizes
        precise = (weights_RE * self.adverts**2 / around_RE).sum(axis=1) / adverts
        whole = weights_RE @ (self.adverts**2 / self.sizes[self.advertiser]) / adverts
        with np.errstate(invalid="ignore"):
            precision, recall = right / (right + wrong), right / wanted
        return np.column_stack(
            [precision, recall, _f1(precision, recall), precise, whole, _f1(precise, whole)]
        )


def _f1(precision: Floats, recall: Floats) -> Floats:
    known = np.nan_to_num(precision)
    both = known + recall
    return np.where(both > 0, 2 * known * recall / np.where(both > 0, both, 1), 0.0)


def count(campaigns: Sequence[Hashable], advertisers: Sequence[Hashable | None]) -> Counts:
    """Return how many adverts each campaign holds of each advertiser.

    Args:
        campaigns: Campaign of each advert; equal for adverts that are joined.
        advertisers: Who is behind each; None where nobody knows, which is left out.

    Raises:
        ValueError: They are not as many, or no advertiser is known.
    """
    known = [
        (campaign, who)
        for campaign, who in zip(campaigns, advertisers, strict=True)
        if who is not None
    ]
    if not known:
        raise ValueError("no advertiser is known")
    places = _codes([campaign for campaign, _ in known])
    owners = _codes([who for _, who in known])
    pairs = np.array([[places[campaign], owners[who]] for campaign, who in known], np.int64)
    entries, adverts = np.unique(pairs, axis=0, return_counts=True)
    sizes = np.bincount(pairs[:, 1]).astype(np.float64)
    return Counts(entries[:, 0], entries[:, 1], adverts.astype(np.float64), sizes)


def _codes(values: Sequence[Hashable]) -> dict[Hashable, int]:
    return {one: code for code, one in enumerate(dict.fromkeys(values))}


def draw(advertisers: int, *, seed: int, resamples: int = RESAMPLES) -> Floats:
    """Return how often each advertiser is drawn, ``(R, T)``."""
    rng = np.random.default_rng(seed)
    share = np.full(advertisers, 1 / advertisers)
    return rng.multinomial(advertisers, share, size=resamples).astype(np.float64)


def interval(values: Floats) -> tuple[float, float] | None:
    """Return the middle 95 % of resampled values, NaN left out; None if more than half are NaN."""
    known = values[~np.isnan(values)]
    if 2 * len(known) < len(values):
        return None
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)
