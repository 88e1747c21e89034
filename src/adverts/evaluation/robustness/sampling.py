"""Draw the adverts that are disguised: whole clusters, half of them for the positive label."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def draw_clusters(
    clusters: Sequence[str], positive: NDArray[np.bool_], *, adverts: int, seed: int
) -> Ints:
    """Return rows of whole clusters, ascending, at most ``adverts`` of them.

    Clusters that hold a positive advert and the others take turns, so that each kind fills half of
    the places while it lasts. A cluster that is larger than what is left is passed over, so no
    single campaign fills the suite; where every cluster is larger, nothing is drawn.

    Args:
        clusters: Cluster of each advert that may be drawn, ``N`` names.
        positive: ``(N,)`` bool.
        adverts: Places.
        seed: Decides which clusters are drawn.
    """
    rows: dict[str, list[int]] = {}
    for row, cluster in enumerate(clusters):
        rows.setdefault(cluster, []).append(row)
    draw = random.Random(seed)
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for cluster in draw.sample(sorted(rows), len(rows)):
        kinds[bool(positive[rows[cluster]].any())].append(cluster)
    drawn: dict[bool, int] = {True: 0, False: 0}
    kept: list[int] = []
    while kinds[True] or kinds[False]:
        kind = bool(kinds[True]) and (drawn[True] <= drawn[False] or not kinds[False])
        members = rows[kinds[kind].pop()]
        if len(kept) + len(members) <= adverts:
            kept += members
            drawn[kind] += len(members)
    return np.array(sorted(kept), dtype=np.int64)
