"""Which adverts are disguised, whole clusters at a time, and decisions on each one once."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Bools, Ints

Content = TypeVar("Content", str, tuple[bytes, ...])


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


@dataclass(frozen=True, slots=True, eq=False)
class Repeated:
    """What became of the adverts.

    Attributes:
        after_KN: The decision on each advert, for each draw; the old one where nothing changed.
        changed_N: Which adverts any draw changed.
        unchanged: Adverts with content that no draw could change.
    """

    after_KN: Bools
    changed_N: Bools
    unchanged: int


def decide_again(
    plain: Sequence[Content],
    before_N: Bools,
    *,
    draws: int,
    disguise: Callable[[int, int], Content],
    flag: Callable[[Sequence[int], Sequence[Content]], Bools],
    told: Callable[[int], object],
) -> Repeated:
    """Disguise every advert that has content in ``draws`` ways, and decide on each.

    Args:
        plain: Content of each of ``N`` adverts: its caption or its pictures; maybe empty.
        before_N: The decision on each as it is.
        draws: Ways ``K``.
        disguise: Returns the content of an advert for a draw.
        flag: Decides on some adverts, given their content; only asked what it has not told yet.
        told: Called with the number of draws just done.
    """
    held = [row for row, content in enumerate(plain) if content]
    after_KN = np.tile(before_N, (draws, 1))
    known = {(row, _digest(plain[row])): bool(before_N[row]) for row in held}
    changed_N = np.zeros(len(plain), dtype=bool)
    for draw in range(draws):
        disguised = {row: disguise(row, draw) for row in held}
        keys = {row: (row, _digest(content)) for row, content in disguised.items()}
        new = [row for row in held if keys[row] not in known]
        if new:
            flagged = flag(new, [disguised[row] for row in new])
            known |= {keys[row]: bool(said) for row, said in zip(new, flagged, strict=True)}
        for row in held:
            after_KN[draw, row] = known[keys[row]]
            changed_N[row] |= disguised[row] != plain[row]
        told(1)
    return Repeated(after_KN, changed_N, len(held) - int(changed_N.sum()))


def _digest(content: str | tuple[bytes, ...]) -> bytes:
    """Stand for a content, whose pictures would fill the memory."""
    parts = [content.encode()] if isinstance(content, str) else content
    return b"".join(hashlib.sha256(part).digest() for part in parts)
