"""Draw adverts of a stratum by chance: on a line of clusters, or one as likely as another.

On a line, the adverts of a stratum lie side by side, cluster by cluster, each as long as its size.
The line is cut into as many pieces of equal length as there are draws, and one point is drawn in
each piece. So a cluster is drawn in proportion to its size and an advert within it by chance, no
cluster is drawn much more often than its size asks, and draws are independent of each other. The
number of positives is a sum of independent draws with unequal chances, which varies less than a
binomial with the same mean: binomial bounds hold for any mix of adverts within clusters.

Source: Cochran, *Sampling Techniques*, 1977, chapter 8 (one unit for each piece of a line);
Hoeffding, "On the distribution of the number of successes in independent trials", 1956: both tails
of a sum of independent draws are lighter than those of the binomial with the same mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from adverts.arrays import Floats, Ints


def line_order(clusters: ArrayLike, rng: np.random.Generator) -> Ints:
    """Return the adverts in the order of the line, ``(N,)``.

    Clusters come in random order, and adverts in random order within their cluster.

    Args:
        clusters: Cluster of each advert, as numbers from 0 on, ``(N,)``.
        rng: Source of the two orders.
    """
    of = np.asarray(clusters, dtype=np.int64)
    if not len(of):
        return np.zeros(0, dtype=np.int64)
    shuffled: Ints = rng.permutation(len(of))
    rank: Ints = rng.permutation(int(of.max()) + 1)
    order: Ints = np.argsort(rank[of[shuffled]], kind="stable")
    return shuffled[order]


def draw_on_line(sizes: ArrayLike, draws: int, rng: np.random.Generator) -> Ints:
    """Return the places on the line of the adverts drawn, ``(draws,)``, in order.

    An advert that is longer than a piece, or lies across the border of two, may be drawn more than
    once: it is labelled once and counts as often as it was drawn.

    Args:
        sizes: Length of each advert in the order of the line, at least 0, ``(N,)``.
        draws: Number of draws.
        rng: Source of the points.

    Raises:
        ValueError: A length is negative, or none is above 0.
    """
    ends = np.cumsum(np.asarray(sizes, dtype=np.float64))
    if not len(ends) or ends[-1] <= 0 or (np.diff(ends, prepend=0.0) < 0).any():
        raise ValueError("lengths on a line must be at least 0, and one of them above 0")
    points = (np.arange(draws) + rng.random(draws)) * (ends[-1] / draws)
    found = np.searchsorted(ends, points, side="right")
    last = int(np.searchsorted(ends, ends[-1], side="left"))
    return np.asarray(np.minimum(found, last), dtype=np.int64)


def mixed_sizes(views: ArrayLike) -> Floats:
    """Return lengths that serve a count of adverts and a total of views, ``(N,)``, with sum 1.

    Half of the line is shared equally by all adverts, half by views. No weight is more than twice
    what it would be on a line for one of both alone.
    """
    seen = np.asarray(views, dtype=np.float64)
    if (seen < 0).any():
        raise ValueError(f"views must be at least 0, got {seen.min():g}")
    equal = np.full(len(seen), 1 / max(len(seen), 1))
    return equal if seen.sum() == 0 else (equal + seen / seen.sum()) / 2


def draw_adverts(adverts: int, draws: int, rng: np.random.Generator) -> Ints:
    """Return a simple random sample of adverts without replacement, ``(draws,)`` in order."""
    if not 0 <= draws <= adverts:
        raise ValueError(f"cannot draw {draws} of {adverts} adverts without replacement")
    return np.sort(rng.choice(adverts, draws, replace=False)).astype(np.int64)
