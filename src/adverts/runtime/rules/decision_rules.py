"""The calibration and thresholds frozen with a model, which turn its logits into decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adverts.runtime.rules import calibration, early_exit, thresholds
from adverts.runtime.rules.calibration import UNCALIBRATED, Calibration
from adverts.runtime.rules.early_exit import ExitRule
from adverts.runtime.rules.thresholds import Thresholds

FILE_NAMES = (calibration.FILE_NAME, thresholds.FILE_NAME)


@dataclass(frozen=True, slots=True)
class DecisionRules:
    """Calibration and thresholds of one model, both fitted on validation adverts alone.

    Attributes:
        calibration: Maps of logits to probabilities.
        thresholds: Thresholds of the labels.
        early_exit: When an advert leaves before the network runs; None where that was not asked
            for.
    """

    calibration: Calibration = UNCALIBRATED
    thresholds: Thresholds = Thresholds()
    early_exit: ExitRule | None = None

    def files(self) -> Mapping[str, str]:
        """Return the content of each file by name, which :func:`read_rules` reads.

        They are those of :data:`FILE_NAMES`, and ``early_exit.json`` only where there is such a
        rule.
        """
        found = dict(
            zip(FILE_NAMES, (self.calibration.to_json(), self.thresholds.to_json()), strict=True)
        )
        if self.early_exit is not None:
            found[early_exit.FILE_NAME] = self.early_exit.to_json()
        return found


def read_rules(folder: Path) -> DecisionRules:
    """Return the rules in a folder.

    Raises:
        IntegrityError: A file is malformed.
        OSError: A file cannot be read.
    """
    texts = [(folder / name).read_bytes() for name in FILE_NAMES]
    place = folder / early_exit.FILE_NAME
    leaving = ExitRule.from_json(place.read_bytes()) if place.exists() else None
    return DecisionRules(Calibration.from_json(texts[0]), Thresholds.from_json(texts[1]), leaving)
