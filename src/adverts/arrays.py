"""Names of the arrays that functions take and return; docstrings give their shapes in letters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Weights = NDArray[np.float32]
"""How often each advert counts in a resample: ``(N,)`` or ``(R, N)``."""
Targets = Mapping[str, NDArray[np.float32]]
"""Truth by task: ``(N, L)`` label weights from 0 to 1; NaN where an advert is not judged."""
Logits = Mapping[str, NDArray[np.float32]]
"""What a model says by task: ``(N, K)`` logits before they become probabilities."""
