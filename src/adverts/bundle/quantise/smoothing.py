"""Outliers of activations move into weights, where a scale for each column has room for them.

Source: after Xiao et al. 2023, "SmoothQuant"; here only the features that stick out move, since
moving all of them costs the weights more than the activations gain. Shape suffix: ``I`` features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_ROOM = 2.0
"""How many times the median of its features a value may reach; experiment 0016."""
_LARGEST_POWER = 12


def smoothing_factors(largest_I: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return by what each feature is divided, and its row of weights multiplied.

    They are powers of two, so that nothing is lost by them, and so that the last bit of a
    calibration, which differs between processors, seldom makes other weights.

    Args:
        largest_I: Largest absolute value of each feature over calibration.
    """
    room = _ROOM * float(np.median(largest_I))
    if room == 0:
        return np.ones_like(largest_I)
    powers_I = np.ceil(np.log2(np.maximum(largest_I, room) / room))
    return np.asarray(np.exp2(np.minimum(powers_I, _LARGEST_POWER)), dtype=np.float32)
