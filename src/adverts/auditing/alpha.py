"""Krippendorff's alpha: do annotators agree beyond chance?

Source: Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, sections C and D.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix

from adverts.evaluation.statistics.bootstrap import Weights

Floats = NDArray[np.float64]
Level = Literal["nominal", "ordinal"]


class Alpha:
    """Alpha under any weighting of the units; a statistic.

    A unit that fewer than two annotators judged says nothing of agreement and is passed over.
    """

    def __init__(self, values: Sequence[Sequence[int]], num_values: int, level: Level) -> None:
        """Take what annotators said.

        Args:
            values: For each unit the values given, any number, in any order.
            num_values: Values are ``0 … num_values - 1``; for ``ordinal`` in their order.
            level: How unlike two values are: ``nominal`` all or nothing, ``ordinal`` by how many
                judgements lie between.
        """
        self._level, self._size = level, num_values
        units, cells, sums = [], [], []
        for unit, given in enumerate(values):
            for place, value in enumerate(given):
                others = [*given[:place], *given[place + 1 :]]
                units += [unit] * len(others)
                cells += [value * num_values + other for other in others]
                sums += [1 / max(1, len(others))] * len(others)
        shape = (num_values * num_values, len(values))
        self._coincidences = coo_matrix((sums, (cells, units)), shape).tocsr()

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return alpha of each weighting, ``(R, 1)``; NaN where only one value was ever given."""
        summed = (self._coincidences @ weights_RN.T.astype(np.float64)).T
        observed = summed.reshape(-1, self._size, self._size)
        totals = observed.sum(axis=2)
        number = totals.sum(axis=1)
        unlike = _unlikeness(totals, self._level)
        found = (observed * unlike).sum(axis=(1, 2))
        products = totals[:, :, None] * totals[:, None, :]
        expected = (products * unlike).sum(axis=(1, 2)) / np.maximum(number - 1, 1)
        defined = expected > 0
        alpha = np.where(defined, 1 - found / np.where(defined, expected, 1), np.nan)
        return alpha[:, None]


def _unlikeness(totals: Floats, level: Level) -> Floats:
    """Return the squared difference of every two values, ``(R, V, V)``."""
    size = totals.shape[1]
    if level == "nominal":
        return np.broadcast_to(1.0 - np.eye(size), (len(totals), size, size))
    middle = np.cumsum(totals, axis=1) - totals / 2
    return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2)
