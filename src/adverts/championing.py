"""Score the champion on the adverts of an evaluation, and hold the candidate against it."""

from __future__ import annotations

from adverts.candidate import Candidate
from adverts.evaluation.comparison import ChampionComparison
from adverts.evaluation.predictions import Predictions
from adverts.judging import EvaluationJob, Targets
from adverts.runtime.decision_rules import DecisionRules


def open_champion(job: EvaluationJob) -> Candidate | None:
    """Open what the candidate is held against; None where the configuration names nothing.

    Raises:
        InputError: It cannot be opened, or answers another headline task.
    """
    del job
    return None


def compare_with_champion(
    job: EvaluationJob,
    champion: Candidate,
    predictions: Predictions,
    targets: Targets,
    rules: DecisionRules | None,
) -> ChampionComparison:
    """Score the champion on the same adverts and compare.

    Args:
        job: The evaluation.
        champion: What the candidate is held against.
        predictions: Of the candidate, calibrated.
        targets: Truth by task, in the order of the candidate's labels; NaN where not judged.
        rules: Of the candidate; None where it has none.
    """
    raise NotImplementedError
