"""The calibration and thresholds frozen with a model, which turn its logits into decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.runtime.rules import calibration, thresholds
from adverts.runtime.rules.calibration import UNCALIBRATED, Calibration
from adverts.runtime.rules.thresholds import Thresholds

FILE_NAMES = (calibration.FILE_NAME, thresholds.FILE_NAME)


@dataclass(frozen=True, slots=True)
class DecisionRules:
    """Calibration and thresholds of one model, both fitted on validation adverts alone."""

    calibration: Calibration = UNCALIBRATED
    thresholds: Thresholds = Thresholds()

    def files(self) -> Mapping[str, str]:
        """Return the content of each file of :data:`FILE_NAMES`, which :func:`read_rules` reads."""
        return dict(
            zip(FILE_NAMES, (self.calibration.to_json(), self.thresholds.to_json()), strict=True)
        )


def read_rules(folder: Path) -> DecisionRules:
    """Return the rules in a folder.

    Raises:
        IntegrityError: A file is malformed.
        OSError: A file cannot be read.
    """
    texts = [(folder / name).read_bytes() for name in FILE_NAMES]
    return DecisionRules(Calibration.from_json(texts[0]), Thresholds.from_json(texts[1]))
