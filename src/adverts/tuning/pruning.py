"""Decide after each validation of a trial whether it goes on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from adverts.config import TuneConfig

if TYPE_CHECKING:
    from optuna import Study
    from optuna.pruners import BasePruner
    from optuna.trial import FrozenTrial

VALIDATIONS = "validations"
"""Attribute of a trial: how many validations it will have if it is trained whole."""


def is_stage(validation: int) -> bool:
    """Return whether ``halving`` decides after this validation of a trial: 1, 2, 4, 8 and so on."""
    return validation > 0 and validation & (validation - 1) == 0


def goes_on(value: float, others: Sequence[float], keep_fraction: float) -> bool:
    """Return whether a value is among the best share of all values at a stage; larger is better.

    The best so far always goes on, and of equal values all do. A value that is not a number never
    does.

    Source: Li et al., "A System for Massively Parallel Hyperparameter Tuning" (MLSys 2020),
    asynchronous successive halving, in which a trial is judged as soon as it arrives.

    Args:
        value: Value of this trial.
        others: Values of the other trials that came as far.
        keep_fraction: Share of the trials that goes on.
    """
    if math.isnan(value):
        return False
    kept = max(1, math.floor(keep_fraction * (len(others) + 1)))
    return sum(other > value for other in others) < kept


def share_that_goes_on(
    pruner: Literal["narrowing", "halving"], keep_fraction: float, validation: int, validations: int
) -> float | None:
    """Return the share of trials that goes on after a validation; None where nothing is decided.

    Early figures say little of how a trial ends, later ones much (``experiments/0036-tune``). So
    ``narrowing`` decides after every validation, gently at first: the share falls in a straight
    line from all trials at the start to none but the best at the end.

    Args:
        pruner: How it is decided.
        keep_fraction: The share of ``halving``.
        validation: How many validations the trial has had, from 1.
        validations: How many it will have in all.
    """
    if pruner == "halving":
        return keep_fraction if is_stage(validation) else None
    return 1 - validation / validations if validation < validations else None


def build_pruner(config: TuneConfig) -> BasePruner:
    """Return the pruner of a study.

    Optuna's own successive halving also counts the trials that were killed, and so a trial twice
    that was queued again; this one counts a trial once.
    """
    from optuna import pruners
    from optuna.study import StudyDirection
    from optuna.trial import TrialState

    name = config.pruner

    class Ranking(pruners.BasePruner):
        def prune(self, study: Study, trial: FrozenTrial) -> bool:
            step = trial.last_step
            if step is None or name not in ("narrowing", "halving"):
                return False
            validations = int(trial.user_attrs.get(VALIDATIONS, step))
            share = share_that_goes_on(name, config.keep_fraction, step, validations)
            if share is None:
                return False
            sign = -1 if study.direction == StudyDirection.MINIMIZE else 1
            others = [
                sign * other.intermediate_values[step]
                for other in study.get_trials(deepcopy=False)
                if other.number != trial.number
                and other.state != TrialState.FAIL
                and step in other.intermediate_values
            ]
            value = sign * trial.intermediate_values[step]
            return not goes_on(value, others, share)

    match config.pruner:
        case "median":
            return pruners.MedianPruner(n_startup_trials=config.startup_trials)
        case "none":
            return pruners.NopPruner()
        case _:
            return Ranking()
