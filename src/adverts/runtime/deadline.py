"""When a call must end, and what is scored first: a slow advert costs no other its answer."""

from __future__ import annotations

import time
from collections.abc import Sequence

from adverts.runtime.adverts import Candidate


class Deadline:
    """When a call must end."""

    def __init__(self, seconds: float | None) -> None:
        """Start the clock; None: there is no end."""
        self._end = None if seconds is None else time.monotonic() + seconds

    @property
    def has_end(self) -> bool:
        """Whether the time can be over at all."""
        return self._end is not None

    def is_over(self) -> bool:
        """Return whether the time has passed."""
        return self._end is not None and time.monotonic() >= self._end


def in_turn(candidates: Sequence[Candidate], deadline: Deadline) -> Sequence[int]:
    """Return the rows in the order in which they are scored.

    Where the time may be over, what costs most comes last: then it fails alone.
    """
    rows = range(len(candidates))
    return sorted(rows, key=lambda row: _cost(candidates[row])) if deadline.has_end else rows


def _cost(candidate: Candidate) -> int:
    advert = candidate.advert
    letters = len(advert.text) + len(advert.ocr_text or "")
    return letters + sum(map(len, advert.images))
