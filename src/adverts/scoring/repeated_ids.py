"""Counts the ids that occur again within a unit."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

import numpy as np


class RepeatedIds:
    """The ids of a unit, as hashes of 64 bits: a compressed file of any size is one unit."""

    def __init__(self, ids: Iterable[str] = ()) -> None:
        """Begin with some ids."""
        self._hashes = array("q", map(hash, ids))

    def add(self, id: str) -> None:
        """Add the id of one advert."""
        self._hashes.append(hash(id))

    def count(self) -> int:
        """Return the number of adverts with an id that an earlier one has."""
        return len(self._hashes) - len(np.unique(np.asarray(self._hashes)))
