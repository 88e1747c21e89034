"""Holm's step-down test with weights: many claims, one chance of a false alarm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def rejected(p_values: Sequence[float], weights: Sequence[float], level: float) -> list[bool]:
    """Tell which hypotheses are rejected, with at most ``level`` chance of any false rejection.

    It holds however the p-values depend on each other. No hypothesis: an empty list.

    Args:
        p_values: One for each hypothesis.
        weights: Above 0; a hypothesis of more weight is rejected sooner. They need not sum to 1.
        level: Family-wise.

    Raises:
        ValueError: Lengths differ, a weight is not above 0, or a p-value lies outside [0, 1].

    Source: Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal
    of Statistics 6, 1979, section 4 (weights).
    """
    p = np.asarray(p_values, dtype=np.float64)
    w = np.asarray(weights, dtype=np.float64)
    if p.shape != w.shape:
        raise ValueError(f"{len(p)} p-values and {len(w)} weights; wanted one weight for each")
    if not ((p >= 0) & (p <= 1)).all() or not (w > 0).all():
        raise ValueError("p-values must lie in [0, 1] and weights above 0")
    found = np.zeros(len(p), dtype=bool)
    left = float(w.sum())
    for i in np.argsort(p / w, kind="stable"):
        if p[i] > level * w[i] / left:
            break
        found[i] = True
        left -= float(w[i])
    return found.tolist()
