"""Decide on the same adverts in several disguises, each different one once.

Shape suffixes: ``N`` adverts, ``K`` draws.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Content = TypeVar("Content", str, tuple[bytes, ...])


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
