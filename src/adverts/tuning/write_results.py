"""Write and print what a study found: the table of its trials, the picture, the best settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from adverts.candidates.record_looks import ModelName, compared_with
from adverts.config import TuneConfig
from adverts.config.overrides import in_shell
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import say
from adverts.training.runs.checkpoint_record import read_record
from adverts.tuning.best_experiment import NAME, write_best
from adverts.tuning.plot import write_plot
from adverts.tuning.space import Space
from adverts.tuning.study import TrialQueue
from adverts.tuning.table import (
    TrialRow,
    best_first,
    importance,
    importance_lines,
    row_of,
    table_lines,
    write_table,
)

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

TABLE, PLOT = "trials.csv", "study.png"
"""Files of a study."""


def write_trials(config: TuneConfig, space: Space, queue: TrialQueue) -> list[TrialRow]:
    """Write the table of every trial, print its best rows and which settings mattered.

    Returns:
        Every trial, the best first.
    """
    metric, per_epoch = config.trainer.select_by, config.trainer.evaluations_per_epoch
    rows = best_first(
        [
            row_of(place, one, evaluations_per_epoch=per_epoch)
            for place, one in enumerate(queue.trials())
        ],
        larger_is_better=metric != "loss",
    )
    write_table(config.study_dir / TABLE, rows, space, metric)
    say("\n".join(table_lines(rows, space, metric)))
    for line in importance_lines(importance(queue.study, rows)):
        say(line)
    return rows


def say_as_given(space: Space, rows: list[TrialRow], *, best: int) -> None:
    """Print what the settings as given reach on validation, if a trial had them.

    Args:
        space: The settings.
        rows: Every trial.
        best: Number of the best trial.
    """
    given = space.whole_as_given()
    tried = next((row for row in rows if row.state == "whole" and row.params == given), None)
    if tried is None or tried.value is None:
        return
    if tried.number == best:
        say(f"no trial is better than the settings as given, trial {best}")
    else:
        say(f"the settings as given reach {tried.value:.4f}, trial {tried.number}")


def write_best_trial(
    config: TuneConfig,
    space: Space,
    rows: list[TrialRow],
    *,
    place: int,
    best: FrozenTrial,
) -> Path:
    """Write the picture and the best settings, and print where they and the table are.

    Args:
        config: Config of the study.
        space: The settings.
        rows: Every trial.
        place: Number of the best trial.
        best: The best trial.

    Returns:
        The file with the best settings.
    """
    metric, folder = config.trainer.select_by, config.study_dir
    write_plot(folder / PLOT, rows, space, metric=metric, larger_is_better=metric != "loss")
    said = f"trial {place} of {len(rows)}: {metric} {best.value:.4f} on validation"
    experiment = write_best(folder, space.config(best.params), said=said)
    say(f"plot {folder / PLOT}\ntable {folder / TABLE}")
    say(f"trial {place} is trained with the best settings, and ready to be judged")
    say(f"best settings {experiment}: adverts train -cd {in_shell(str(folder))} -cn {NAME}")
    return experiment


def count_known(config: TuneConfig, prepared: PreparedDataset, checkpoint: Path) -> int:
    """Return the number of models that the ledgers know to be compared on validation.

    Args:
        config: Config of the study.
        prepared: Its dataset.
        checkpoint: Run folder of the best trial, which is counted in any case.
    """
    best = checkpoint / "checkpoints" / "best"
    training = read_record(best).training if best.is_dir() else None
    name = ModelName(config.model.name, training=training or "")
    count, faults = compared_with(prepared, name, ledger=config.ledger, gate=None)
    for fault in faults:
        say(f"caution: {fault}", error=True)
    return count
