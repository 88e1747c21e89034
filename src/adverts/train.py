"""Train a classifier.

Usage::

    adverts train prepared=prepared/tubespam model=text       # overrides of configs/train.yaml
    adverts train prepared=prepared/tubespam model=tfidf seed=1
    adverts train -cd experiments/0001-text-encoder -cn run
    adverts train prepared=prepared/tubespam run_dir=runs/train/mine  # again: goes on after a kill
    adverts train prepared=prepared/tubespam resume=runs/train/...    # go on with a killed run
    torchrun --standalone --nproc_per_node 2 -m adverts.train prepared=... run_dir=...
"""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

from adverts.command import SweepJob, Values, command
from adverts.config import TfidfConfig, TrainConfig
from adverts.config.overrides import idle_settings, next_export
from adverts.errors import InputError, say
from adverts.tracking import NullTracker, open_tracker, remember_run_id
from adverts.training.watch import Watch
from adverts.work.cpu_session import wait_briefly

if TYPE_CHECKING:  # torch is loaded when a run starts, not for --help
    from adverts.fitting.training_job import TrainingJob
    from adverts.training.kept_fits import KeptFits
    from adverts.training.run_process import RunProcess
    from adverts.training.runs.run_folder import RunFolder
    from adverts.training.runs.run_record import RunRecord


_LONGEST_LABEL = 80
_SWEEPS: dict[Path, tuple[Path, str]] = {}
"""Folder of the run of each job of a sweep: that of the sweep, and the settings that differ."""


def settle(values: Values, job: SweepJob) -> Values:
    """Give each job of a sweep its own folder; with only ``resume=``, use the config of the run."""
    values = _recalled(values, job.overrides)
    swept = job.swept
    if job.number is None or any(one.startswith("run_dir=") for one in swept):
        return values
    label = re.sub(r"[^\w.+]+", "-", "-".join(swept)).strip("-")[:_LONGEST_LABEL]
    folder = str(values["run_dir"])
    named = any(one.startswith("run_dir=") for one in job.overrides)
    own = f"{folder}/{job.number}-{label}" if named else f"{folder}-{label or job.number}"
    _SWEEPS[Path(own)] = Path(folder), ", ".join(one.partition("=")[0] for one in swept)
    return {**values, "run_dir": own}


def _recalled(values: Values, overrides: Sequence[str]) -> Values:
    """Return the config of the run in ``resume=``, unless an override affects the trained model.

    Raises:
        InputError: There is no such run.
    """
    from adverts.training.runs.run_folder import RunFolder, decides, read_config

    keys = [one.partition("=")[0].lstrip("+~") for one in overrides]
    if "resume" not in keys or any(map(decides, keys)):
        return values
    stored = read_config(RunFolder(Path(str(values["resume"]))))
    given = {key.partition(".")[0] for key in keys} - {"trainer"}
    # a run does not store the credentials of a tracking server; one without tracking stays so
    is_quiet = cast("Values", stored.get("tracking") or {}).get("kind") == "none"
    kept = dict(stored) if is_quiet else {**stored, "tracking": values["tracking"]}
    kept |= {key: values[key] for key in given if key in values}
    if any(key.startswith("trainer.") for key in keys):
        typed = {key.partition(".")[2] for key in keys if key.startswith("trainer.")}
        ours = cast("Values", values["trainer"])
        kept["trainer"] = {**cast("Values", kept["trainer"]), **{k: ours[k] for k in typed}}
    return kept


_METHOD_LINES = {
    "frozen": "only heads are fitted; trainer.method=fine_tune lets every layer learn",
    "upper_layers": "the first third of the encoder stays, the layers above learn; "
    "trainer.method=frozen takes a tenth of the time and finds a little less",
    "fine_tune": "every layer learns; trainer.method=frozen takes a tenth of the time",
}


def _conclude(returned: Sequence[object]) -> None:
    from adverts.tracking.sweep_run import end_sweep
    from adverts.training.runs.run_summary import best_first, sweep_lines

    done = cast("Sequence[tuple[RunFolder, RunRecord]]", returned)
    say("\n".join(sweep_lines(done)))
    for run, outcome in best_first(done)[:1]:
        if run.path in _SWEEPS:
            end_sweep(_SWEEPS[run.path][0], run.path.name, outcome.validation)


def _parent(config: TrainConfig) -> str:
    """Return the id of the run of the sweep that a run is a job of; empty without one."""
    from adverts.tracking.sweep_run import begin_sweep

    sweep = _SWEEPS.get(config.run_dir)
    if sweep is None:
        return ""
    _refuse_early(config)  # a sweep that cannot begin is no run
    return begin_sweep(config.tracking, *sweep)


@command("train", TrainConfig, settle=settle, conclude=_conclude)
def main(config: TrainConfig) -> tuple[RunFolder, RunRecord]:
    """Run ``adverts train``."""
    run, record = train(config, parent=_parent(config))
    if record.outcome is not None:
        from adverts.training.runs.run_summary import summary_lines

        say("\n".join(summary_lines(run, record, record.outcome)))
        bundle = run.path / "bundle"
        say(next_export(run.path, config.prepared, bundle))
    return run, record


def train(
    config: TrainConfig,
    *,
    watch: Watch | None = None,
    parent: str = "",
    kept: KeptFits | None = None,
) -> tuple[RunFolder, RunRecord]:
    """Train the model that ``config`` describes, or resume an interrupted run.

    Args:
        config: What is trained, on which adverts, and where it is written.
        watch: Called after each validation, once its state is saved. If it returns True, the
            training ends: the run is finished with its best checkpoint so far, and its outcome is
            ``pruned``. A resumed run first calls it for the validations that it had before. A
            model that is fitted at once has no such moment.
        parent: Id of the tracked run that this run is a part of; empty: it stands by itself.
        kept: Fits of earlier trainings in this process, which are not fitted again if nothing
            that they depend on differs.

    Returns:
        Folder and record of the run. The record is finished, except in processes of ``torchrun``
        other than the main one.

    Raises:
        InputError: The config does not fit the data, the folder or the machine.
        IntegrityError: Data or state differ from those that were written.
    """
    wait_briefly()
    _refuse_early(config)
    from adverts.data.dataset.prepared import open_prepared
    from adverts.fitting.fit_model import fit_network
    from adverts.fitting.open_run import open_run
    from adverts.fitting.training_job import TrainingJob
    from adverts.training.building.build_run import build_schema, build_settled, build_tables
    from adverts.training.runs.run_folder import withdrawn_if_refused

    processes = _processes(config)
    prepared = open_prepared(config.prepared)
    schema = build_schema(config.loss, prepared.schema)
    at_once = config.trainer.method != "fine_tune" or isinstance(config.model, TfidfConfig)
    tables = build_tables(prepared, schema, config.model.inputs, needs_validation=not at_once)
    asked = config
    device = getattr(processes, "device", None)
    config = processes.same(lambda: build_settled(config, device, tables))
    if (
        asked.trainer.method == "auto"
        and processes.is_main
        and not isinstance(config.model, TfidfConfig)
    ):
        say(_method_line(config, len(tables[0])), error=True)
    idle = idle_settings(asked.model_dump(mode="json"), config.model_dump(mode="json"))
    if processes.is_main and idle:
        say(_idle_line(config, idle), error=True)
    with ExitStack() as held:
        run, record = processes.same(lambda: open_run(config, prepared, held))
        tracker = NullTracker()
        job = TrainingJob(
            config, schema, *tables, run, record, processes, tracker, prepared, watch, parent, kept
        )
        if record.finished:
            say(f"run {run.path} is already finished", error=True)
        elif processes.is_main:
            with withdrawn_if_refused(run, new=not record.resumed):
                record = _recorded(job)
        elif record.outcome is None and not isinstance(config.model, TfidfConfig):
            fit_network(job)
    return run, record


def _processes(config: TrainConfig) -> RunProcess:
    """Join the processes that ``torchrun`` started; tf-idf, alone, is fitted without torch."""
    from adverts.training.run_process import RunProcess

    if isinstance(config.model, TfidfConfig) and os.environ.get("WORLD_SIZE", "1") == "1":
        return RunProcess(0, 1)
    from adverts.training.processes import start_processes

    return start_processes(config.trainer.device, config.trainer.threads)


def _idle_line(config: TrainConfig, idle: Sequence[str]) -> str:
    """Say which settings were changed for nothing, and why they do not act."""
    why = "this model does not use them"
    if isinstance(config.model, TfidfConfig):
        why = "tf-idf has no encoder and takes no steps"
    elif config.trainer.method != "fine_tune":
        why = f"trainer.method={config.trainer.method} does not use them; fine_tune does"
    return f"set without effect: {', '.join(idle)} ({why})"


def _method_line(config: TrainConfig, adverts: int) -> str:
    """Say which method was chosen for this number of adverts, and what another would be."""
    return (
        f"trainer.method=auto, {adverts:,} training adverts: {config.trainer.method}, "
        f"{_METHOD_LINES[config.trainer.method]}"
    )


def _refuse_early(config: TrainConfig) -> None:
    """Check what can be checked quickly, before torch is loaded and the dataset is opened.

    Raises:
        InputError: There is no dataset, ``run_dir`` is already used, or the model learns from no
            disguised captions.
        IntegrityError: The manifest of the dataset is damaged.
    """
    from adverts.data.dataset.dataset_manifest import read_manifest
    from adverts.training.runs.run_folder import refuse_taken

    read_manifest(config.prepared)
    learns = not isinstance(config.model, TfidfConfig) and "text" in config.model.inputs
    if config.augment.share and not learns:
        raise InputError(
            f"augment disguises captions, and model={config.model.name} does not learn from such "
            "copies; give augment=none, or a network that reads captions"
        )
    if config.resume is None and os.environ.get("WORLD_SIZE", "1") == "1":
        refuse_taken(config.run_dir)


def _recorded(job: TrainingJob) -> RunRecord:
    """Run the job with a tracker and return the finished record."""
    from adverts.fitting.tracked_run import tracked_run

    run, known = job.run, job.record
    tracker = open_tracker(
        job.config.tracking,
        spool=run.spool,
        run_name=run.path.name,
        run_id=known.mlflow_run_id,
        key=known.key,
        parent=job.parent,
    )
    try:
        record = tracked_run(job, tracker)
    finally:  # the id may be known only now, if the server was not available earlier
        if tracker.run_id is not None:
            remember_run_id(run.path, tracker.run_id)
    return dataclasses.replace(record, mlflow_run_id=tracker.run_id)


if __name__ == "__main__":
    main()
