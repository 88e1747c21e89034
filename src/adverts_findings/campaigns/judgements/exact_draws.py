"""Samples in which the chance of each unit is known exactly."""

from __future__ import annotations

import numpy as np

from adverts.arrays import Floats, Ints


def even_chances(sizes: Floats, count: int) -> Floats:
    """Return chances in proportion to sizes, at most 1, that add up to ``count``, ``(U,)``.

    Units without size have no chance. If fewer units than ``count`` have a size, each of them has
    chance 1.

    Args:
        sizes: Sizes of the units, from 0, ``(U,)``.
        count: Number of units to draw.
    """
    chances = np.zeros(len(sizes))
    open_ones = np.flatnonzero(sizes > 0)
    certain = 0
    if len(open_ones) <= count:
        chances[open_ones] = 1.0
        return chances
    while count > certain:
        wanted = (count - certain) * (sizes[open_ones] / sizes[open_ones].sum())
        over = wanted >= 1
        chances[open_ones] = np.minimum(wanted, 1.0)
        if not over.any():
            break
        certain += int(over.sum())
        open_ones = open_ones[~over]
    return chances


def systematic(chances: Floats, rng: np.random.Generator) -> Ints:
    """Return the places of drawn units in order: each is drawn with exactly its chance.

    The chances are laid end to end on a line, and every unit is drawn in which a step of a walk
    falls that begins at random. So of any units in a row as many are drawn as their chances add up
    to, rounded up or down.

    Args:
        chances: Chance of each unit, from 0 to 1, ``(U,)``.
        rng: Source of the beginning of the walk.

    Source: W. G. Madow, "On the theory of systematic sampling, II" (1949).
    """
    ends = np.cumsum(chances)
    total = float(ends[-1]) if len(ends) else 0.0
    if abs(total - round(total)) < 1e-6 * max(1.0, total):  # sums of floats are not quite whole
        ends *= round(total) / total if total else 1.0
    steps = rng.random() + np.arange(int(np.ceil(total)) + 1)
    steps = steps[steps < ends[-1]] if len(ends) else steps[:0]
    return np.unique(np.searchsorted(ends, steps, side="right")).astype(np.int64)
