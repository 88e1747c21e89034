"""Outliers of activations move into weights, where a scale for each column has room for them.

Source: Xiao et al. 2023, "SmoothQuant", equation 4. Shape suffixes: ``I`` features in, ``O`` out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LARGEST_POWER = 12


def smoothing_factors(
    largest_I: NDArray[np.float32], weights_IO: NDArray[np.float32], share: float
) -> NDArray[np.float32]:
    """Return by what each feature is divided, and its row of weights multiplied.

    They are powers of two, so that nothing is lost by them, and so that the last bit of a
    calibration, which differs between processors, seldom makes other weights.

    Args:
        largest_I: Largest absolute value of each feature over calibration.
        weights_IO: The weights that read it.
        share: Of the outliers that moves: 0 keeps the activations, 1 makes all features alike.
    """
    weight_I = np.abs(weights_IO).max(axis=1)
    usable_I = (largest_I > 0) & (weight_I > 0)
    powers_I = np.zeros(len(largest_I))
    powers_I[usable_I] = share * np.log2(largest_I[usable_I]) - (1 - share) * np.log2(
        weight_I[usable_I]
    )
    if usable_I.any():
        powers_I[usable_I] -= np.median(powers_I[usable_I])
    bounded_I = np.clip(np.rint(powers_I), -_LARGEST_POWER, _LARGEST_POWER)
    return np.asarray(np.exp2(bounded_I), dtype=np.float32)
