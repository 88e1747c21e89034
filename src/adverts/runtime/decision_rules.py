"""What turns logits into probabilities, and probabilities into decisions, frozen with the model."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.runtime.calibration import UNCALIBRATED, Calibration
from adverts.runtime.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class DecisionRules:
    """Calibration and thresholds of one model, both fitted on validation adverts alone."""

    calibration: Calibration = UNCALIBRATED
    thresholds: Thresholds = Thresholds()
