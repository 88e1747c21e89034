"""Search for the best settings of a training, by validation alone.

Usage::

    adverts tune prepared=prepared/vispam model=text study_dir=runs/tune/vispam processes=2
    adverts tune prepared=prepared/vispam model=tfidf study_dir=runs/tune/tfidf
    adverts tune study_dir=runs/tune/vispam              # goes on after a kill
    adverts tune study_dir=runs/tune/vispam trials=40    # goes on to 40 trials
"""

from __future__ import annotations

import ctypes
import multiprocessing
import multiprocessing.connection
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from adverts.command import SweepJob, Values, command
from adverts.config import TrainConfig, TuneConfig
from adverts.config.overrides import next_step
from adverts.errors import (
    AdvertsError,
    CannotJudgeError,
    InputError,
    first_line,
    is_silent,
    plural,
    say,
    silence,
)
from adverts.files.file_lock import STUDY_LOCK, exclusive
from adverts.train import Watch, train
from adverts.work.cpu_session import available_cores, wait_briefly

if TYPE_CHECKING:  # torch and optuna are loaded when a study starts, not for --help
    from adverts.data.dataset.prepared import PreparedDataset
    from adverts.tracking import Tracker
    from adverts.training.kept_fits import KeptFits
    from adverts.training.runs.run_record import RunOutcome
    from adverts.tuning.space import Space
    from adverts.tuning.study import Taken, TrialQueue
    from adverts.tuning.table import TrialRow

SAME_FAILURES = 3
"""The study stops after this many failures in a row for one reason."""
_FROZEN = "frozen"  # folder of a study while it runs
_PARENT_DIED = 1  # prctl's PR_SET_PDEATHSIG


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

    typed = [one.partition("=")[0].lstrip("+~") for one in job.overrides]
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


def _with_suitable_space(values: Values, typed: Sequence[str]) -> Values:
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


def _refuse_searched(values: Values, typed: Sequence[str]) -> None:
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
    from adverts.tracking import open_tracker
    from adverts.tracking.study_run import describe_study
    from adverts.tuning.record import begin_or_continue, remember_study_run
    from adverts.tuning.study import TrialQueue

    plain = _plain(config)
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
            try:
                _run_trials(config, space, queue, tracker.run_id or "")
            finally:
                shutil.rmtree(config.study_dir / _FROZEN, ignore_errors=True)
            done = _conclude(config, space, queue, prepared, tracker)
        except BaseException:
            tracker.status("failed")
            raise
        finally:
            remember_study_run(config.study_dir, record, tracker.run_id)
    return done


def _plain(config: TuneConfig) -> Values:
    """Return the config as JSON values, without the credentials of its URI."""
    from adverts.tracking import redact

    tracking = config.tracking
    if tracking.uri is not None:
        tracking = tracking.model_copy(update={"uri": redact(tracking.uri)})
    return config.model_copy(update={"tracking": tracking}).model_dump(mode="json")


def _introduce(config: TuneConfig, space: Space, queue: TrialQueue) -> None:
    metric = config.trainer.select_by
    known = _ended(queue)
    budget = f"{plural(config.trials, 'trial')} of model={config.model.name}"
    if known:
        budget += f", of which {known} are done"
    say(f"{budget}; the best by {metric} on validation; test is never opened")
    say("\n".join(space.lines()))
    if config.pruner != "none" and not _has_epochs(space):
        say("nothing is stopped early: these models are fitted at once, without epochs")


def _has_epochs(space: Space) -> bool:
    """Return whether trials are validated while they learn."""
    base = TrainConfig.model_validate(space.base)
    return base.model.kind == "neural" and base.trainer.method != "frozen"


def _run_trials(config: TuneConfig, space: Space, queue: TrialQueue, parent: str) -> None:
    """Run trials in this process, or in several others, until all of them have ended."""
    if config.processes == 1:
        _work(config, space, queue, parent)
        return
    context = multiprocessing.get_context("spawn")
    arguments = (config, parent, os.getpid(), is_silent())
    running = [_started(context, arguments) for _ in range(config.processes)]
    idle, known = 0, _ended(queue)
    try:
        while running:
            multiprocessing.connection.wait([one.sentinel for one in running])
            ended = [one for one in running if one.exitcode is not None]
            running = [one for one in running if one not in ended]
            for one in ended:
                if one.exitcode:
                    worked = queue.settle(dead=True) or _ended(queue) > known
                    idle, known = 0 if worked else idle + 1, _ended(queue)
                    _refuse_idle(idle, one.exitcode)
                    _refuse_same_failures(queue)
                    running.append(_started(context, arguments))
    finally:
        for one in running:
            one.kill()
        for one in running:
            one.join()
    _refuse_same_failures(queue)


def _ended(queue: TrialQueue) -> int:
    return sum(one.state.is_finished() for one in queue.trials())


def _refuse_idle(deaths: int, status: int) -> None:
    """Raise InputError if processes die before they run a trial: the next one would, too."""
    if deaths >= SAME_FAILURES:
        raise InputError(
            f"{deaths} processes in a row ended (status {status}) without a trial; what they "
            'printed says why. A script that starts a study needs `if __name__ == "__main__":` '
            "for processes above 1"
        )


def _started(
    context: multiprocessing.context.SpawnContext, arguments: tuple[TuneConfig, str, int, bool]
) -> multiprocessing.context.SpawnProcess:
    process = context.Process(target=_work_apart, args=arguments)
    process.start()
    return process


def _work_apart(config: TuneConfig, parent: str, started_by: int, silent: bool) -> None:  # noqa: FBT001
    """Run trials in a process that ends with the one that started it."""
    from adverts.tuning.space import build_space
    from adverts.tuning.study import TrialQueue

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends its processes
    _die_with_parent(started_by)
    try:
        space = build_space(config)
        with silence() if silent else nullcontext():
            _work(config, space, TrialQueue(config, space), parent)
    except _SameFailuresError:
        return  # the parent finds the same failures, and says so
    except AdvertsError as error:
        say(f"adverts: {error}", error=True)
        sys.exit(error.exit_status)


def _die_with_parent(started_by: int) -> None:
    """Let the kernel kill this process when its parent ends, so that no trial runs unseen."""
    try:
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)
    except (OSError, AttributeError):
        return  # not Linux: the locks of its trials still show that it runs
    if os.getppid() != started_by:
        os._exit(1)


def _work(config: TuneConfig, space: Space, queue: TrialQueue, parent: str) -> None:
    """Take one trial after the other until none is left.

    Raises:
        InputError: The last trials failed for one reason.
    """
    from adverts.training.kept_fits import KeptFits
    from adverts.training.runs.kept_frozen import KeptFrozen

    threads = config.trainer.threads or max(1, available_cores() // config.processes)
    kept = KeptFits(KeptFrozen(config.study_dir / _FROZEN))
    while True:
        with queue.take() as taken:
            if taken is None:
                return
            _run_trial(config, space, queue, taken, parent=parent, threads=threads, kept=kept)
        if config.keep == "best":
            _remove_checkpoints(queue)
        _refuse_same_failures(queue)


def _run_trial(
    config: TuneConfig,
    space: Space,
    queue: TrialQueue,
    taken: Taken,
    *,
    parent: str,
    threads: int,
    kept: KeptFits,
) -> None:
    """Train one trial, or go on where it was killed, and record its result."""
    from adverts.tuning.pruning import VALIDATIONS
    from adverts.tuning.study import Spent, finished_outcome

    began = time.monotonic(), time.process_time()

    def spent() -> Spent:
        return Spent(time.monotonic() - began[0], time.process_time() - began[1])

    try:
        outcome = finished_outcome(taken.folder)
        if outcome is None:
            trial = _trial_config(space.config(taken.params), taken.folder, threads)
            per_epoch = trial.trainer.evaluations_per_epoch
            taken.trial.set_user_attr(VALIDATIONS, trial.trainer.epochs * per_epoch)
            with silence():
                _, record = train(trial, watch=_watch(config, taken), parent=parent, kept=kept)
            assert record.outcome is not None, "a run of one process is finished"
            outcome = record.outcome
    except Exception as error:  # noqa: BLE001 - one trial that fails does not end the study
        reason = first_line(error)
        queue.fail(taken, reason, spent())
        say(f"trial {taken.place}: failed: {reason}")
        return
    took = spent()
    queue.complete(taken, outcome, took)
    say(_progress_line(config, queue, taken, outcome, took.seconds))


def _trial_config(config: TrainConfig, folder: Path, threads: int) -> TrainConfig:
    trainer = config.trainer.model_copy(update={"threads": threads})
    resume = folder if (folder / "run.json").is_file() else None
    return config.model_copy(update={"run_dir": folder, "resume": resume, "trainer": trainer})


def _watch(config: TuneConfig, taken: Taken) -> Watch:
    """Return a function that reports each validation of a trial and says whether to stop it.

    Reported is the best value so far, since that is the checkpoint which a trial leaves.
    """
    metric = config.trainer.select_by
    choose = min if metric == "loss" else max
    values: list[float] = []

    def watch(step: int, figures: Mapping[str, float]) -> bool:
        del step
        values.append(figures[metric])
        taken.trial.report(choose(values), len(values))
        return taken.trial.should_prune()

    return watch


def _progress_line(
    config: TuneConfig, queue: TrialQueue, taken: Taken, outcome: RunOutcome, seconds: float
) -> str:
    value, metric = outcome.selected_on.value, config.trainer.select_by
    state = " · pruned" if outcome.pruned else ""
    best = queue.best()
    so_far = "" if best is None else f" · best {best[1].value:.4f}, trial {best[0]}"
    done = _ended(queue)
    return (
        f"trial {taken.place}: {metric} {value:.4f}{state} · {seconds:.0f} s{so_far} · "
        f"{done} of {config.trials} done"
    )


def _remove_checkpoints(queue: TrialQueue) -> None:
    """Remove the checkpoints of every ended trial but the best, which take most of the disk."""
    for place in queue.beaten():
        shutil.rmtree(queue.folder_of(place) / "checkpoints", ignore_errors=True)


class _SameFailuresError(InputError):
    """The last trials failed for one reason."""


def _refuse_same_failures(queue: TrialQueue) -> None:
    """Raise an error if trials are left, and the last ones failed for one reason."""
    reason = queue.same_failures(SAME_FAILURES)
    if reason is not None and queue.is_any_left():
        raise _SameFailuresError(
            f"the last {SAME_FAILURES} trials failed in the same way: {reason}"
        )


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
    from adverts.tuning.best_experiment import NAME, write_best
    from adverts.tuning.plot import write_plot
    from adverts.tuning.table import (
        best_first,
        importance,
        importance_lines,
        row_of,
        table_lines,
        write_table,
    )

    metric, folder = config.trainer.select_by, config.study_dir
    upwards = metric != "loss"
    per_epoch = config.trainer.evaluations_per_epoch
    rows = best_first(
        [
            row_of(place, one, evaluations_per_epoch=per_epoch)
            for place, one in enumerate(queue.trials())
        ],
        larger_is_better=upwards,
    )
    write_table(folder / "trials.csv", rows, space, metric)
    say("\n".join(table_lines(rows, space, metric)))
    found = queue.best()
    if found is None:
        raise CannotJudgeError(
            f"none of {plural(len(rows), 'trial')} was trained to its end; see "
            f"{folder / 'trials.csv'} for the reasons"
        )
    for line in importance_lines(importance(queue.study, rows)):
        say(line)
    place, best = found
    checkpoint = queue.folder_of(place)
    compared = _compared(config, prepared, checkpoint)
    say(f"compared {plural(compared, 'model')} on validation; thresholds pay for that")
    plot = folder / "study.png"
    write_plot(plot, rows, space, metric=metric, larger_is_better=upwards)
    said = f"trial {place} of {len(rows)}: {metric} {best.value:.4f} on validation"
    experiment = write_best(folder, space.config(best.params), said=said)
    say(f"plot {plot}\ntable {folder / 'trials.csv'}")
    say(f"best settings {experiment}: adverts train -cd {folder} -cn {NAME}")
    say(next_step("evaluate", candidate=checkpoint, prepared=config.prepared))
    hand_in_study(
        tracker,
        metric=metric,
        values={row.number: row.value for row in rows if row.state == "whole" and row.value},
        best={"trial": str(place), metric: f"{best.value:.6f}"}
        | {key: str(value) for key, value in best.params.items()},
        files=[plot, folder / "trials.csv", experiment],
    )
    return TunedStudy(folder, rows, compared, experiment, checkpoint)


def _compared(config: TuneConfig, prepared: PreparedDataset, checkpoint: Path) -> int:
    """Return the number of models that the ledgers know to be compared on validation."""
    from adverts.candidates.record_looks import ModelName, compared_with
    from adverts.training.runs.checkpoint_record import read_record

    best = checkpoint / "checkpoints" / "best"
    training = read_record(best).training if best.is_dir() else None
    name = ModelName(config.model.name, training=training or "")
    count, faults = compared_with(prepared, name, ledger=config.ledger, gate=None)
    for fault in faults:
        say(f"caution: {fault}", error=True)
    return count


if __name__ == "__main__":
    main()
