"""How many insertions, deletions and substitutions turn one sequence into another."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


def edit_distance(first: Sequence[Hashable], second: Sequence[Hashable]) -> int:
    """Return the Levenshtein distance of two strings, or of two lists of words."""
    if len(second) > len(first):
        first, second = second, first
    numbers: dict[Hashable, int] = {}
    rows = [numbers.setdefault(item, len(numbers)) for item in first]
    columns = np.array([numbers.setdefault(item, len(numbers)) for item in second], np.int64)
    steps = np.arange(len(second) + 1)
    last = steps.copy()
    for i, item in enumerate(rows, start=1):
        here = last + 1
        here[1:] = np.minimum(here[1:], last[:-1] + (columns != item))
        here[0] = i
        last = np.minimum.accumulate(here - steps) + steps
    return int(last[-1])
