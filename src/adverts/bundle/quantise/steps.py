"""Into how many steps the range of a value is cut, so that no processor adds otherwise.

x86 processors without VNNI add the products of two neighbouring features in 16 bits; where such a
sum is larger, they cut it off and others do not. Shape suffixes: ``I`` features in, ``O`` features
out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_MOST, _FEWEST = 255, 127
"""8 bits are what there is; with 7, and 8 of a weight, no sum of two can leave 16 bits."""
_LARGEST_SUM = np.iinfo(np.int16).max
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Steps:
    """How a number becomes a whole one of 8 bits: ``rint(x / size) + zero``, cut to 0..255.

    Attributes:
        size: Of one step.
        zero: The whole number that stands for 0.
    """

    size: float
    zero: int

    def codes(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the whole numbers of values."""
        codes = np.clip(np.rint(values / np.float32(self.size)) + self.zero, 0, _MOST)
        return np.asarray(codes, dtype=np.float32)


def finest_steps(
    low_I: NDArray[np.float32], high_I: NDArray[np.float32], codes_IO: NDArray[np.int8]
) -> Steps:
    """Return the smallest steps with which no sum of two products that was seen leaves 16 bits.

    Args:
        low_I: Smallest value of each feature over calibration.
        high_I: Largest value.
        codes_IO: Weights, as whole numbers.
    """
    low, high = min(float(low_I.min()), 0.0), max(float(high_I.max()), 0.0)
    safe, unsafe = _FEWEST, _MOST + 1
    while unsafe - safe > 1:
        count = (safe + unsafe) // 2
        if _fit(_of(low, high, count), low_I, high_I, codes_IO.astype(np.float32)):
            safe = count
        else:
            unsafe = count
    return _of(low, high, safe)


def _fit(
    steps: Steps,
    low_I: NDArray[np.float32],
    high_I: NDArray[np.float32],
    codes_IO: NDArray[np.float32],
) -> bool:
    """Return whether no sum of two neighbouring products can leave 16 bits."""
    if len(low_I) % 2:
        low_I, high_I, codes_IO = (
            np.concatenate([one, np.zeros_like(one[:1])]) for one in (low_I, high_I, codes_IO)
        )
    at_low_IO = codes_IO * steps.codes(low_I)[:, None]
    at_high_IO = codes_IO * steps.codes(high_I)[:, None]
    largest_IO = np.maximum(at_low_IO, at_high_IO)
    smallest_IO = np.minimum(at_low_IO, at_high_IO)
    above = (largest_IO[0::2] + largest_IO[1::2]).max()
    below = (smallest_IO[0::2] + smallest_IO[1::2]).min()
    return bool(above <= _LARGEST_SUM and below >= -_LARGEST_SUM)


def _of(low: float, high: float, count: int) -> Steps:
    size = max(high - low, _TINY) / count
    return Steps(size, int(np.clip(np.rint(-low / size), 0, _MOST)))
