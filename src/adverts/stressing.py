"""Disguise judged adverts and score them again, at the threshold that was frozen before."""

from __future__ import annotations

from adverts.evaluation.predictions import Predictions
from adverts.evaluation.robustness.results import Robustness
from adverts.judging import EvaluationJob, Targets
from adverts.runtime.decision_rules import DecisionRules


def stress(
    job: EvaluationJob, predictions: Predictions, targets: Targets, rules: DecisionRules | None
) -> Robustness | None:
    """Return what disguises do to recall and false alarms; None where none is asked for.

    Args:
        job: The evaluation.
        predictions: Of the candidate on the adverts as they are, calibrated.
        targets: Truth by task, in the order of the candidate's labels; NaN where not judged.
        rules: Of the candidate; None where it has none.
    """
    del job, predictions, targets, rules
    return None
