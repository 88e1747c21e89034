"""Round weights so that what one loses, the next make good.

Source: Frantar et al. 2022, "GPTQ": rows are rounded from the one that matters most to the one that
matters least, and the error of each is spread over those that are still to come, by how features go
together in the data. Shape suffixes: ``I`` features in, ``O`` features out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DAMPING = 0.01
_ROWS_TOGETHER = 128


def round_weights(
    weights_IO: NDArray[np.float32],
    scales_O: NDArray[np.float32],
    products_II: NDArray[np.float64],
    *,
    largest: int,
) -> NDArray[np.int8]:
    """Return whole numbers for weights: those that change the products with the data least.

    Args:
        weights_IO: To be rounded.
        scales_O: What one step is worth, by column.
        products_II: Sum over the data of the products of each two features.
        largest: Numbers lie between this and its negative.
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
    """Return the upper triangle whose rows tell how an error is spread over what comes after."""
    damped_II = products_II.copy()
    diagonal = damped_II.ravel()[:: len(damped_II) + 1]
    diagonal[diagonal == 0] = 1
    diagonal += _DAMPING * diagonal.mean()
    return np.asarray(np.linalg.cholesky(np.linalg.inv(damped_II)).T)
