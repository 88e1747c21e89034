"""Round weights and values to 8 bits with little loss, and with equal sums on every processor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_DAMPING = 0.01
_ROWS_TOGETHER = 128
_ROOM = 2.0
"""How many times the median over all features a feature may reach; see experiment 0016."""
_LARGEST_POWER = 12
_MOST, _FEWEST = 255, 127
"""8 and 7 bits. With 7 bits, and 8 for a weight, no sum of two products exceeds 16 bits."""
_LARGEST_SUM = np.iinfo(np.int16).max
_TINY = 1e-12


def round_weights(
    weights_IO: NDArray[np.float32],
    scales_O: NDArray[np.float32],
    products_II: NDArray[np.float64],
    *,
    largest: int,
) -> NDArray[np.int8]:
    """Return weights as whole numbers, rounded so that products with the data change least.

    Args:
        weights_IO: Weights to round.
        scales_O: Size of one step, by column.
        products_II: Sum over the data of the products of each two features.
        largest: Largest absolute value of a whole number.
    """
    order = np.argsort(-np.diag(products_II), kind="stable")
    spread_II = _spread(products_II[np.ix_(order, order)])
    left_IO = weights_IO[order].astype(np.float64)
    codes_IO = np.empty(left_IO.shape, np.int8)
    for start in range(0, len(order), _ROWS_TOGETHER):
        rows = slice(start, min(start + _ROWS_TOGETHER, len(order)))
        errors = np.empty_like(left_IO[rows])
        for at, row in enumerate(range(rows.start, rows.stop)):
            codes = np.clip(np.rint(left_IO[row] / scales_O), -largest, largest)
            codes_IO[order[row]] = codes
            errors[at] = (left_IO[row] - codes * scales_O) / spread_II[row, row]
            left_IO[row + 1 : rows.stop] -= np.outer(
                spread_II[row, row + 1 : rows.stop], errors[at]
            )
        left_IO[rows.stop :] -= spread_II[rows, rows.stop :].T @ errors
    return codes_IO


def _spread(products_II: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the upper triangle whose rows spread a rounding error over the following rows."""
    damped_II = products_II.copy()
    diagonal = damped_II.ravel()[:: len(damped_II) + 1]
    diagonal[diagonal == 0] = 1
    diagonal += _DAMPING * diagonal.mean()
    return np.asarray(np.linalg.cholesky(np.linalg.inv(damped_II)).T)


def smoothing_factors(largest_I: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the factors by which features are divided and their rows of weights multiplied.

    They are powers of two, so that they lose nothing. The last bit of a calibration differs between
    processors; with powers of two it seldom changes the weights.

    Args:
        largest_I: Largest absolute value of each feature over calibration.
    """
    room = _ROOM * float(np.median(largest_I))
    if room == 0:
        return np.ones_like(largest_I)
    powers_I = np.ceil(np.log2(np.maximum(largest_I, room) / room))
    return np.asarray(np.exp2(np.minimum(powers_I, _LARGEST_POWER)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Steps:
    """How a number becomes a whole number of 8 bits: ``rint(x / size) + zero``, cut to 0..255.

    Attributes:
        size: Size of one step.
        zero: The whole number that represents 0.
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
    """Return the smallest steps for which no observed sum of two products exceeds 16 bits.

    Args:
        low_I: Smallest value of each feature over calibration.
        high_I: Largest value of each feature over calibration.
        codes_IO: Weights as whole numbers.
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
    """Return whether every sum of two neighbouring products fits in 16 bits."""
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
