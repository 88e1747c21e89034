"""Draw whole clusters of adverts to disguise, and decide on each disguised advert once."""

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
    """Return the rows of whole clusters, ascending, at most ``adverts`` rows.

    Clusters with a positive advert and clusters without are drawn in turns, so that each kind fills
    half of the rows while any are left. A cluster larger than the remaining space is skipped, so
    that no single campaign fills the suite. If every cluster is too large, nothing is drawn.

    Args:
        clusters: Name of the cluster of each advert that may be drawn, ``N`` names.
        positive: ``(N,)`` bool, whether each advert is positive.
        adverts: Largest number of rows.
        seed: Seed of the draw.
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
    """Decisions on disguised adverts.

    Attributes:
        after_KN: The decision on each advert in each draw; the old one where nothing changed.
        changed_N: Whether any draw changed each advert.
        unchanged: Number of adverts with content that no draw could change.
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
    """Disguise every advert that has content in ``draws`` ways, and decide on each result.

    Args:
        plain: Content of each of ``N`` adverts: its caption or its pictures; may be empty.
        before_N: The decision on each undisguised advert.
        draws: Number of ways ``K``.
        disguise: Returns the disguised content, given the row of an advert and a draw.
        flag: Decides on adverts, given their rows and content; not asked twice about the same.
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
    """Return a short key of a content, since keeping its pictures would fill the memory."""
    parts = [content.encode()] if isinstance(content, str) else content
    return b"".join(hashlib.sha256(part).digest() for part in parts)
