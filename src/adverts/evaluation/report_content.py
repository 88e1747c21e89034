"""The complete result of one evaluation, which a gate judges and a report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass

import numpy as np

from adverts.evaluation.comparison.compared import ChampionComparison
from adverts.evaluation.decisions.calibrate import CalibrationReport
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures.budgets import BudgetFigures
from adverts.evaluation.figures.judged_adverts import Account
from adverts.evaluation.figures.summarise import Evaluation
from adverts.evaluation.predictions.model_facts import Origin
from adverts.evaluation.robustness.robustness_results import Robustness
from adverts.runtime.rules.decision_rules import DecisionRules


@dataclass(frozen=True, slots=True)
class Report:
    """The complete result of one evaluation.

    Attributes:
        evaluation: Figures, slices and comparisons with the baseline.
        origin: Where the model and the adverts come from.
        rules: Calibration and thresholds of the model; None where it has none.
        calibration: Effect of the calibration, one entry for each task.
        operating: Figures of each threshold on the judged adverts.
        budgets: What each review desk finds with its budget.
        robustness: Results of the robustness suite; None where no suite was run.
        comparison: Comparison with the champion; None where there was no champion.
        account: How many adverts of the split the headline task judges, and why others are left
            out; None where they were not counted.
    """

    evaluation: Evaluation
    origin: Origin
    rules: DecisionRules | None = None
    calibration: tuple[CalibrationReport, ...] = ()
    operating: tuple[OperatingPoint, ...] = ()
    budgets: tuple[BudgetFigures, ...] = ()
    robustness: Robustness | None = None
    comparison: ChampionComparison | None = None
    account: Account | None = None


def to_plain(value: object) -> object:
    """Return a value as data for JSON: dataclasses become objects without their array fields."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {one.name: getattr(value, one.name) for one in fields(value)}
        return {k: to_plain(v) for k, v in found.items() if not isinstance(v, np.ndarray)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(inner) for inner in value]
    return value
