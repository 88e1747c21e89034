"""Search for the best settings of a training, by validation alone.

Usage::

    adverts tune prepared=prepared/vispam model=text study_dir=runs/tune/vispam processes=2
    adverts tune prepared=prepared/vispam model=tfidf study_dir=runs/tune/tfidf
    adverts tune study_dir=runs/tune/vispam              # goes on after a kill
    adverts tune study_dir=runs/tune/vispam trials=40    # goes on to 40 trials
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from adverts.command import SweepJob, Values, command
from adverts.config import TrainConfig, TuneConfig
from adverts.config.overrides import next_step
from adverts.errors import CannotJudgeError, InputError, plural, say
from adverts.files.file_lock import STUDY_LOCK, exclusive
from adverts.train import train
from adverts.work.cpu_session import wait_briefly

if TYPE_CHECKING:  # torch and optuna are loaded when a study starts, not for --help
    from adverts.data.dataset.prepared import PreparedDataset
    from adverts.tracking import Tracker
    from adverts.tuning.space import Space
    from adverts.tuning.study import TrialQueue
    from adverts.tuning.table import TrialRow

SAME_FAILURES = 3
"""The study stops after this many failures in a row for one reason."""


@dataclass(frozen=True, slots=True)
class TunedStudy:
    """The result of a study.

    Attributes:
        path: Folder of the study.
        rows: Every trial, the best first.
        models_compared: Number of models known to be compared on the validation adverts.
        experiment: File with the best settings, for ``adverts train``.
        checkpoint: Run folder of the best trial.
    """

    path: Path
    rows: Sequence[TrialRow]
    models_compared: int
    experiment: Path
    checkpoint: Path


def settle(values: Values, job: SweepJob) -> Values:
    """With only ``study_dir=``, recall the config of the study that is there.

    In a new study without ``tune=``, the search space is the one that suits the model.

    Raises:
        InputError: A setting is given that is searched.
    """
    from adverts.tuning.record import decides_study, read_study

    typed = job.typed
    known = read_study(Path(str(values["study_dir"])))
    if known is None or any(map(decides_study, typed)):
        values = _with_suitable_space(values, typed)
        _refuse_searched(values, typed)
        return values
    given = {key.partition(".")[0] for key in typed} - {"trainer"}
    kept: Values = dict(known.config)
    if not _is_whole(cast("Values", kept["tracking"])):
        kept["tracking"] = values["tracking"]
    kept |= {key: values[key] for key in given if key in values}
    if any(key.startswith("trainer.") for key in typed):
        free = {key.partition(".")[2] for key in typed if key.startswith("trainer.")}
        ours = cast("Values", values["trainer"])
        kept["trainer"] = {**cast("Values", kept["trainer"]), **{k: ours[k] for k in free}}
    return kept


def _with_suitable_space(values: Values, typed: Collection[str]) -> Values:
    """Choose the space of a model whose ``tune=`` is neither given nor that of an experiment."""
    from adverts.tuning.options import read_option
    from adverts.tuning.space import suitable_option

    usual = read_option("tune", "fine_tune")
    given = any(key == "tune" or key.startswith("tune.") for key in typed)
    if given or values.get("tune") != usual:
        return values
    asked = bool({"trainer", "trainer.method"} & set(typed))
    found = suitable_option(values, method_is_given=asked)
    return {**values, "tune": read_option("tune", found)}


def _is_whole(tracking: Values) -> bool:
    """Return whether recorded settings reach the tracking server: credentials are not recorded."""
    return "***" not in str(tracking.get("uri"))


def _refuse_searched(values: Values, typed: Collection[str]) -> None:
    space = cast("Values", values["tune"])
    for part in ("space", "fixed"):
        searched = space.get(part)
        for key in typed:
            if isinstance(searched, dict) and key in searched:
                if part == "fixed" and _value_of(values, key) == searched[key]:
                    continue  # as every trial has it
                what = "searched" if part == "space" else f"set to {searched[key]}"
                raise InputError(
                    f"{key}: is {what} by the search space, so it cannot be given; leave it out, "
                    "or choose another tune="
                )


def _value_of(values: Values, key: str) -> object:
    found: object = values
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


@command("tune", TuneConfig, settle=settle)
def main(config: TuneConfig) -> TunedStudy:
    """Run ``adverts tune``."""
    return tune(config)


def tune(config: TuneConfig) -> TunedStudy:
    """Search for the best settings, or go on with a search that was begun.

    Only validation adverts are looked at, and every trial is recorded in the ledgers as a model
    that was compared on them.

    Raises:
        InputError: The space, the data or the folder cannot be used, another process runs the
            study, or trials fail in a row for one reason.
        CannotJudgeError: No trial was trained to its end.
        IntegrityError: Data or a record was damaged.
    """
    wait_briefly()
    from adverts.data.dataset.prepared import open_prepared
    from adverts.tuning.record import refuse_foreign
    from adverts.tuning.space import build_space

    space = build_space(config)
    refuse_foreign(config.study_dir)
    prepared = open_prepared(config.prepared)
    _refuse_without_validation(prepared)
    config.study_dir.mkdir(parents=True, exist_ok=True)
    busy = f"{config.study_dir} is used by another adverts tune; wait for it, or end it"
    with exclusive(config.study_dir / STUDY_LOCK, busy=busy):
        return _search(config, space, prepared)


def _refuse_without_validation(prepared: PreparedDataset) -> None:
    if "validation" not in prepared.manifest.counts:
        raise InputError(
            f"{prepared.path} has no validation adverts, by which settings are chosen; prepare it "
            "with a validation_fraction above 0"
        )


def _search(config: TuneConfig, space: Space, prepared: PreparedDataset) -> TunedStudy:
    """Run the trials that are left, and write what was found."""
    from adverts.tracking import open_tracker, plain_config
    from adverts.tracking.study_run import describe_study
    from adverts.tuning.record import begin_or_continue, remember_study_run
    from adverts.tuning.study import TrialQueue
    from adverts.tuning.study_job import StudyJob
    from adverts.tuning.take_trials import FROZEN
    from adverts.tuning.trial_processes import run_trials

    plain = plain_config(config)
    record = begin_or_continue(config.study_dir, plain, prepared.data_hash)
    queue = TrialQueue(config, space)
    queue.settle(dead=False)
    _introduce(config, space, queue)
    tracker = open_tracker(
        config.tracking,
        spool=config.study_dir / "spool.jsonl",
        run_name=config.study_dir.name,
        run_id=record.mlflow_run_id,
        key=record.key,
    )
    with tracker:
        tags = {"dataset": prepared.manifest.name, "data_hash": prepared.data_hash}
        describe_study(tracker, plain, tags)
        remember_study_run(config.study_dir, record, tracker.run_id)
        try:
            shutil.rmtree(config.study_dir / FROZEN, ignore_errors=True)  # of a killed process
            try:
                job = StudyJob(config, train, tracker.run_id or "", SAME_FAILURES)
                run_trials(job, space, queue)
            finally:
                shutil.rmtree(config.study_dir / FROZEN, ignore_errors=True)
            done = _conclude(config, space, queue, prepared, tracker)
        except BaseException:
            tracker.status("failed")
            raise
        finally:
            remember_study_run(config.study_dir, record, tracker.run_id)
    return done


def _introduce(config: TuneConfig, space: Space, queue: TrialQueue) -> None:
    metric = config.trainer.select_by
    known = queue.ended()
    budget = f"{plural(config.trials, 'trial')} of model={config.model.name}"
    if known:
        budget += f", of which {known} are done"
    say(f"{budget}; the best by {metric} on validation; test is never opened")
    say("\n".join(space.lines()))
    outside = sorted(set(space.settings) - set(space.as_given()))
    if outside:
        say(f"the settings as given are not tried: outside the space is {', '.join(outside)}")
    elif not known and queue.begins_as_given():
        say("trial 0 has the settings as given, so that the best is no worse on validation")
    if config.pruner != "none" and not _has_epochs(space):
        say("nothing is stopped early: these models are fitted at once, without epochs")


def _has_epochs(space: Space) -> bool:
    """Return whether trials are validated while they learn."""
    base = TrainConfig.model_validate(space.base)
    return base.model.kind == "neural" and base.trainer.method in ("auto", "fine_tune")


def _conclude(
    config: TuneConfig,
    space: Space,
    queue: TrialQueue,
    prepared: PreparedDataset,
    tracker: Tracker,
) -> TunedStudy:
    """Print and write the table, the picture and the best settings.

    Raises:
        CannotJudgeError: No trial was trained to its end.
    """
    from adverts.tracking.study_run import hand_in_study
    from adverts.tuning.write_results import (
        PLOT,
        TABLE,
        count_known,
        say_as_given,
        write_best_trial,
        write_trials,
    )

    metric, folder = config.trainer.select_by, config.study_dir
    rows = write_trials(config, space, queue)
    found = queue.best()
    if found is None:
        raise CannotJudgeError(
            f"none of {plural(len(rows), 'trial')} was trained to its end; see "
            f"{folder / TABLE} for the reasons"
        )
    place, best = found
    say_as_given(space, rows, best=place)
    checkpoint = queue.folder_of(place)
    compared = count_known(config, prepared, checkpoint)
    say(
        f"compared {plural(compared, 'model')} on validation; thresholds are made stricter for that"
    )
    experiment = write_best_trial(config, space, rows, place=place, best=best)
    say(next_step("evaluate", candidate=checkpoint, prepared=config.prepared))
    hand_in_study(
        tracker,
        metric=metric,
        values={
            row.number: row.value for row in rows if row.state == "whole" and row.value is not None
        },
        best={"trial": str(place), metric: f"{best.value:.6f}"}
        | {key: str(value) for key, value in best.params.items()},
        files=[folder / PLOT, folder / TABLE, experiment],
    )
    return TunedStudy(folder, rows, compared, experiment, checkpoint)


if __name__ == "__main__":
    main()
