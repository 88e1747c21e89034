"""Train one trial of a study, or go on where it was killed, and record its result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.config import TrainConfig, TuneConfig
from adverts.errors import first_line, say, silence
from adverts.training.runs.run_record import RunOutcome
from adverts.training.watch import Watch
from adverts.tuning.pruning import VALIDATIONS
from adverts.tuning.space import Space
from adverts.tuning.study import Spent, Taken, TrialQueue, finished_outcome
from adverts.tuning.study_job import StudyJob

if TYPE_CHECKING:
    from adverts.training.kept_fits import KeptFits


def run_trial(
    job: StudyJob,
    space: Space,
    queue: TrialQueue,
    taken: Taken,
    *,
    threads: int,
    kept: KeptFits,
) -> None:
    """Train one trial, or go on where it was killed, and record its result.

    A trial that fails is recorded as failed, with the reason.

    Args:
        job: How trials are run.
        space: The settings that are searched.
        queue: The trials of the study.
        taken: The trial.
        threads: Threads of its training.
        kept: Fits of earlier trials in this process.
    """
    began = time.monotonic(), time.process_time()

    def spent() -> Spent:
        return Spent(time.monotonic() - began[0], time.process_time() - began[1])

    try:
        outcome = finished_outcome(taken.folder)
        if outcome is None:
            trial = _trial_config(space.config(taken.params), taken.folder, threads)
            per_epoch = trial.trainer.evaluations_per_epoch
            taken.trial.set_user_attr(VALIDATIONS, trial.trainer.epochs * per_epoch)
            is_as_given = taken.params == space.whole_as_given()
            watch = _watch(job.config, taken, may_stop=not is_as_given)
            with silence():
                _, record = job.train(trial, watch=watch, parent=job.parent, kept=kept)
            assert record.outcome is not None, "a run of one process is finished"
            outcome = record.outcome
    except Exception as error:  # noqa: BLE001 - one trial that fails does not end the study
        reason = first_line(error)
        queue.fail(taken, reason, spent())
        say(f"trial {taken.place}: failed: {reason}")
        return
    took = spent()
    queue.complete(taken, outcome, took)
    say(_progress_line(job.config, queue, taken, outcome, took.seconds))


def _trial_config(config: TrainConfig, folder: Path, threads: int) -> TrainConfig:
    trainer = config.trainer.model_copy(update={"threads": threads})
    resume = folder if (folder / "run.json").is_file() else None
    return config.model_copy(update={"run_dir": folder, "resume": resume, "trainer": trainer})


def _watch(config: TuneConfig, taken: Taken, *, may_stop: bool) -> Watch:
    """Return a function that reports each validation of a trial and says whether to stop it.

    Reported is the best value so far, since that is the checkpoint which a trial leaves. The
    settings as given are never stopped: the best of a study is compared with what they reach.
    """
    metric = config.trainer.select_by
    choose = min if metric == "loss" else max
    values: list[float] = []

    def watch(step: int, figures: Mapping[str, float]) -> bool:
        del step
        values.append(figures[metric])
        taken.trial.report(choose(values), len(values))
        return may_stop and taken.trial.should_prune()

    return watch


def _progress_line(
    config: TuneConfig, queue: TrialQueue, taken: Taken, outcome: RunOutcome, seconds: float
) -> str:
    value, metric = outcome.selected_on.value, config.trainer.select_by
    state = " · pruned" if outcome.pruned else ""
    best = queue.best()
    so_far = "" if best is None else f" · best {best[1].value:.4f}, trial {best[0]}"
    return (
        f"trial {taken.place}: {metric} {value:.4f}{state} · {seconds:.0f} s{so_far} · "
        f"{queue.ended()} of {config.trials} done"
    )
