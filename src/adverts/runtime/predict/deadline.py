"""The deadline of a call, and the order of scoring by which a slow advert delays no other."""

from __future__ import annotations

import time
from collections.abc import Sequence

from adverts.advert import Advert

_CHEAP = 4_000  # characters, which take some milliseconds
_BYTES_LIKE_A_CHARACTER = 1_000


class Deadline:
    """The time at which a call must end."""

    def __init__(self, seconds: float | None) -> None:
        """Start the clock; None sets no deadline."""
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def has_end(self) -> bool:
        """Whether there is a deadline."""
        return self._end is not None

    def is_over(self) -> bool:
        """Return whether the deadline has passed."""
        return self._end is not None and time.monotonic() >= self._end


def windows(
    adverts: Sequence[Advert], deadline: Deadline, *, usual: int, timed: int
) -> list[Sequence[int]]:
    """Return the rows that are encoded together before any of them is run.

    With a deadline the most expensive adverts come last, each in a window of its own, so that it
    fails alone.

    Args:
        adverts: The adverts.
        deadline: Deadline of the call.
        usual: Most rows of a window without a deadline.
        timed: Most rows of a window with a deadline.
    """
    if not deadline.has_end:
        rows = range(len(adverts))
        return [rows[start : start + usual] for start in range(0, len(rows), usual)]
    costs = [_cost(advert) for advert in adverts]
    in_turn = sorted(range(len(adverts)), key=costs.__getitem__)
    cheap = [row for row in in_turn if costs[row] <= _CHEAP]
    shared = [cheap[start : start + timed] for start in range(0, len(cheap), timed)]
    return [*shared, *([row] for row in in_turn[len(cheap) :])]


def _cost(advert: Advert) -> int:
    """Return roughly what an advert costs before it is run, in characters."""
    letters = len(advert.text) + len(advert.ocr_text or "")
    return letters + sum(map(len, advert.images)) // _BYTES_LIKE_A_CHARACTER
