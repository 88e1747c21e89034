"""A strictly rising curve through knots, from log-odds to log-odds, and the log-odds themselves.

Shape suffixes: ``N`` adverts, ``L`` labels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TILT = 1e-3
"""Slope of what else would be flat: it keeps adverts in order, and moves log-odds of 20 by 0.02."""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve that is straight between knots and goes on with slope ``TILT`` beyond the last.

    Attributes:
        x: Log-odds of the knots, rising. None at all: the curve changes nothing.
        y: Calibrated log-odds there, rising.

    Raises:
        ValueError: They differ in number, do not rise, or are not finite.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse knots that give no rising curve."""
        if len(self.x) != len(self.y):
            raise ValueError(f"y holds {len(self.y)} knots, wanted {len(self.x)} as in x")
        for name, values in (("x", self.x), ("y", self.y)):
            if not np.isfinite(values).all():
                raise ValueError(f"{name} holds a knot that is not finite")
            if not (np.diff(values) > 0).all():
                raise ValueError(f"{name} does not rise from knot to knot")

    def __call__(self, odds_N: Floats) -> Floats:
        """Return the calibrated log-odds ``(N,)``."""
        if not self.x:
            return odds_N
        inside_N = np.clip(odds_N, self.x[0], self.x[-1])
        rising_N: Floats = np.interp(inside_N, self.x, self.y) + TILT * (odds_N - inside_N)
        return rising_N


def log_odds(logits_NL: Floats) -> Floats:
    """Return the log-odds of each label against all others of a softmax, ``(N, L)``.

    With two labels these are the differences of their logits; it takes two labels or more.
    """
    against = [
        np.logaddexp.reduce(np.delete(logits_NL, k, axis=1), axis=1)
        for k in range(logits_NL.shape[1])
    ]
    return np.asarray(logits_NL - np.stack(against, axis=1))
