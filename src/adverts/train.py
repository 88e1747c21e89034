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
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

from adverts.command import SweepJob, Values, command
from adverts.config import TfidfConfig, TrainConfig
from adverts.config.overrides import next_step
from adverts.errors import InputError, say
from adverts.tracking import (
    NullTracker,
    Tracker,
    open_tracker,
    plain_config,
    remember_run_id,
)
from adverts.work.cpu_session import wait_briefly

if TYPE_CHECKING:  # torch is loaded when a run starts, not for --help
    from adverts.advert import LabelSchema, Split
    from adverts.config import ModelConfig
    from adverts.data.dataset.advert_table import AdvertTable
    from adverts.data.dataset.dataset_manifest import DatasetManifest
    from adverts.data.dataset.prepared import PreparedDataset
    from adverts.models.built_model import BuiltModel
    from adverts.training.curve_journal import CurveJournal
    from adverts.training.fit_frozen import FrozenModel
    from adverts.training.fit_ngrams import FittedTfidf
    from adverts.training.kept_fits import KeptFits
    from adverts.training.processes import Processes
    from adverts.training.runs.checkpoint import CheckpointRecord, Selection
    from adverts.training.runs.run_folder import RunFolder
    from adverts.training.runs.run_record import RunOutcome, RunRecord
    from adverts.training.trainer import Trainer


_LONGEST_LABEL = 80
Watch = Callable[[int, "Mapping[str, float]"], bool]
"""Called with the steps done and the figures of each validation; True ends the training there."""


def settle(values: Values, job: SweepJob) -> Values:
    """Give each job of a sweep its own folder; with only ``resume=``, use the config of the run."""
    values = _recalled(values, job.overrides)
    swept = job.swept
    if job.number is None or any(one.startswith("run_dir=") for one in swept):
        return values
    label = re.sub(r"[^\w.+]+", "-", "-".join(swept)).strip("-")[:_LONGEST_LABEL]
    folder = str(values["run_dir"])
    named = any(one.startswith("run_dir=") for one in job.overrides)
    own = f"{folder}/{job.number}-{label}" if named else f"{folder}-{label}"
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
    # a run does not store the credentials of a tracking server
    kept = {**stored, "tracking": values["tracking"]}
    kept |= {key: values[key] for key in given if key in values}
    if any(key.startswith("trainer.") for key in keys):
        typed = {key.partition(".")[2] for key in keys if key.startswith("trainer.")}
        ours = cast("Values", values["trainer"])
        kept["trainer"] = {**cast("Values", kept["trainer"]), **{k: ours[k] for k in typed}}
    return kept


def _conclude(returned: Sequence[object]) -> None:
    from adverts.training.runs.run_summary import sweep_lines

    done = cast("Sequence[tuple[RunFolder, RunRecord]]", returned)
    say("\n".join(sweep_lines(done)))


@command("train", TrainConfig, settle=settle, conclude=_conclude)
def main(config: TrainConfig) -> tuple[RunFolder, RunRecord]:
    """Run ``adverts train``."""
    run, record = train(config)
    if record.outcome is not None:
        from adverts.training.runs.run_summary import summary_lines

        say("\n".join(summary_lines(run, record, record.outcome)))
        bundle = run.path / "bundle"
        say(next_step("export", checkpoint=run.path, prepared=config.prepared, bundle_dir=bundle))
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
    from adverts.training.build_run import build_schema, build_settled, build_tables
    from adverts.training.processes import start_processes
    from adverts.training.runs.run_folder import withdrawn_if_refused

    processes = start_processes(config.trainer.device, config.trainer.threads)
    prepared = open_prepared(config.prepared)
    schema = build_schema(config.loss, prepared.schema)
    at_once = config.trainer.method != "fine_tune" or isinstance(config.model, TfidfConfig)
    tables = build_tables(prepared, schema, config.model.inputs, needs_validation=not at_once)
    asked = config.trainer.method
    config = processes.same(lambda: build_settled(config, processes.device, tables))
    if asked == "auto" and processes.is_main and not isinstance(config.model, TfidfConfig):
        say(_method_line(config, len(tables[0])), error=True)
    with ExitStack() as held:
        run, record = processes.same(lambda: _open_run(config, prepared, held))
        tracker = NullTracker()
        job = _Job(
            config, schema, *tables, run, record, processes, tracker, prepared, watch, parent, kept
        )
        if record.finished:
            say(f"run {run.path} is already finished", error=True)
        elif processes.is_main:
            with withdrawn_if_refused(run, new=not record.resumed):
                record = _recorded(job, prepared.manifest)
        elif record.outcome is None and not isinstance(config.model, TfidfConfig):
            _fit_network(job)
    return run, record


def _method_line(config: TrainConfig, adverts: int) -> str:
    """Say which method was chosen for this number of adverts, and how to choose the other."""
    if config.trainer.method == "frozen":
        how = "frozen: the encoder stays as it is and nothing is trained in epochs"
        other = "fine_tune"
    else:
        how, other = "fine_tune: every layer learns", "frozen"
    return (
        f"trainer.method=auto, {adverts:,} training adverts: {how}; for the other way, "
        f"trainer.method={other}"
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


def _require_weights(config: TrainConfig) -> None:
    """Check that the weights of the encoder exist, before the run is recorded by a tracker.

    Raises:
        InputError: The weights do not exist, or the hub cannot be reached.
    """
    from adverts.models.weights import locate

    encoder = getattr(config.model, "encoder", None)
    if encoder is not None:
        locate(encoder.weights)


@dataclass(frozen=True, slots=True)
class _Job:
    """Everything that the parts of one run have in common."""

    config: TrainConfig
    schema: LabelSchema
    adverts: AdvertTable
    held_out: AdvertTable
    run: RunFolder
    record: RunRecord
    processes: Processes
    tracker: Tracker
    prepared: PreparedDataset
    watch: Watch | None
    parent: str
    kept: KeptFits | None

    def record_of(self, model: BuiltModel, selection: Selection) -> CheckpointRecord:
        """Return the record of a checkpoint of the main model of this run."""
        return self.record_of_training(model, selection, self.training(self.config.model))

    def record_of_training(
        self, model: BuiltModel, selection: Selection, training: str
    ) -> CheckpointRecord:
        """Return the record of a checkpoint of this run for the training named ``training``."""
        from adverts.training.runs.run_record import checkpoint_record

        record = checkpoint_record(
            self.record,
            self.schema,
            model,
            selection=selection,
            ocr_key=self.prepared.manifest.made.ocr_key,
            training=training,
        )
        if model.spec.kind == "tfidf" or not self.config.augment.share:
            return record  # the baseline always learns from adverts as they are
        return dataclasses.replace(record, disguises=self.config.augment.disguises)

    def training(self, model: ModelConfig) -> str:
        """Return the name of the training of ``model`` in this run."""
        return _training(self.config, model, self.record)

    @property
    def judged_on(self) -> Split:
        """The split of its own figures; without validation, training, each fold by the others."""
        return "validation" if len(self.held_out) else "train"

    @property
    def tables(self) -> tuple[AdvertTable, AdvertTable]:
        """The training adverts and the validation adverts."""
        return self.adverts, self.held_out


def _open_run(
    config: TrainConfig, prepared: PreparedDataset, held: ExitStack
) -> tuple[RunFolder, RunRecord]:
    """Resume or start the run of a command, and lock it until ``held`` is closed."""
    from adverts.training.runs.run_folder import begin_run, resume_run, run_lock, unfinished_run
    from adverts.training.runs.run_record import RunRecord, find_provenance, read_run, utc_now

    manifest, plain = prepared.manifest, plain_config(config)
    if config.resume is not None:
        read_run(config.resume)
        held.enter_context(run_lock(config.resume))
        return resume_run(config.resume, plain, manifest.data_hash)
    _require_weights(config)
    held.enter_context(run_lock(config.run_dir))
    begun = unfinished_run(config.run_dir, plain, manifest.data_hash)
    if begun is not None:
        saved = begun[0].last.exists() or begun[1].outcome is not None
        how = "" if saved else ", from its beginning: nothing was saved yet"
        say(f"continuing the unfinished run in {config.run_dir}{how}", error=True)
        return begun
    record = RunRecord(
        model=config.model.name,
        dataset_name=manifest.name,
        data_hash=manifest.data_hash,
        provenance=find_provenance(),
        started=utc_now(),
        sources=manifest.made.sources,
        key=secrets.token_hex(16),
        handed_in=False,
    )
    known = _compared(config, prepared, config.model, record, gate=None)
    record = dataclasses.replace(record, models_compared=known)
    return begin_run(config.run_dir, plain, record), record


def _training(config: TrainConfig, model: ModelConfig, record: RunRecord) -> str:
    """Return the name of a training; for tf-idf it is the same alone or as a baseline."""
    from adverts.training.runs.run_folder import decisive
    from adverts.training.runs.run_record import training_name

    values = decisive(plain_config(config) | {"baseline": None})
    if isinstance(model, TfidfConfig):
        others = ("model.", "optimizer.", "trainer.", "augment.")
        values = {name: one for name, one in values.items() if not name.startswith(others)}
        values["model"] = model.model_dump(mode="json")
    return training_name(record, values)


def _compared(
    config: TrainConfig,
    prepared: PreparedDataset,
    model: ModelConfig,
    record: RunRecord,
    *,
    gate: str | None,
) -> int:
    """Return the number of models compared on the validation adverts, including this one.

    If ``gate`` is given, the comparison is recorded in the ledgers under this word.
    """
    from adverts.candidates.record_looks import ModelName, compared_with

    name = ModelName(model.name, training=_training(config, model, record))
    count, faults = compared_with(prepared, name, ledger=config.ledger, gate=gate)
    for fault in faults:
        say(f"caution: {fault}", error=True)
    return count


def _recorded(job: _Job, manifest: DatasetManifest) -> RunRecord:
    """Run the job with a tracker and return the finished record."""
    config, run, known = job.config, job.run, job.record
    tracker = open_tracker(
        config.tracking,
        spool=run.spool,
        run_name=run.path.name,
        run_id=known.mlflow_run_id,
        key=known.key,
        parent=job.parent,
    )
    try:
        record = _tracked(job, manifest, tracker)
    finally:  # the id may be known only now, if the server was not available earlier
        if tracker.run_id is not None:
            remember_run_id(run.path, tracker.run_id)
    return dataclasses.replace(record, mlflow_run_id=tracker.run_id)


def _tracked(job: _Job, manifest: DatasetManifest, tracker: Tracker) -> RunRecord:
    """Run the job, close the tracker, and return the finished record."""
    from adverts.tracking.training_run import describe_run, hand_in, replay_curve
    from adverts.training.runs.run_folder import read_config
    from adverts.training.runs.run_record import write_run

    config, run, known = job.config, job.run, job.record
    with tracker:
        record = dataclasses.replace(known, mlflow_run_id=tracker.run_id)
        write_run(run.path, record)
        if known.resumed:
            tracker.status("running")
        describe_run(tracker, read_config(run), record, manifest)
        replay_curve(tracker, run.log)
        job = dataclasses.replace(job, record=record, tracker=tracker)
        try:
            outcome = _fit(job) if known.outcome is None else _outcome_of(job, known.outcome)
            outcome = dataclasses.replace(outcome, disk_bytes=run.disk_bytes())
            record = dataclasses.replace(record, outcome=outcome)
            write_run(run.path, record)
            if outcome.pruned:
                tracker.tags({"pruned": "true"})
            hand_in(tracker, run, outcome, with_checkpoint=config.tracking.log_checkpoint)
        except BaseException:
            tracker.status("failed")
            raise
        record = dataclasses.replace(record, handed_in=not tracker.lost)
        write_run(run.path, record)
    return record


def _fit(job: _Job) -> RunOutcome:
    """Train the model and, if the config asks for it, the tf-idf baseline."""
    from adverts.training.build_run import build_baseline_config

    if isinstance(job.config.model, TfidfConfig):
        return _fit_tfidf_alone(job, job.config.model)
    outcome, model = _fit_network(job)
    baseline = build_baseline_config(job.config.model) if job.config.baseline else None
    if baseline is None:
        return outcome
    # the tracked run belongs to the neural model: reports on the baseline must not be added to it
    nameless = dataclasses.replace(job.record, mlflow_run_id=None)
    fitted, _ = _fit_tfidf(
        dataclasses.replace(job, record=nameless),
        baseline,
        job.run.baseline,
        beside=model if _has_ngrams_of(job.config, baseline) else None,
    )
    return dataclasses.replace(outcome, baseline=fitted.figures)


def _has_ngrams_of(config: TrainConfig, baseline: TfidfConfig) -> bool:
    """Return whether the n-grams beside a network are fitted as those of the baseline are."""
    ngrams = getattr(config.model, "ngrams", None)
    if ngrams is None or config.augment.share:
        return False
    same: bool = ngrams.model_dump().items() <= baseline.model_dump().items()
    return same


def _fit_network(job: _Job) -> tuple[RunOutcome, BuiltModel]:
    frozen = job.config.trainer.method == "frozen"
    return _fit_frozen(job) if frozen else _fit_neural(job)


def _fit_frozen(job: _Job) -> tuple[RunOutcome, BuiltModel]:
    from adverts.training.build_frozen import build_frozen
    from adverts.training.runs.checkpoint import share_frozen, write_checkpoint

    began = time.monotonic()
    if job.processes.is_main:
        _record_training(job, job.config.model)
    fitted = build_frozen(job.config, job.schema, job.tables, job.processes)
    selection = _selection(job, fitted.figures)
    if job.processes.is_main:
        job.tracker.metrics(_named(job.judged_on, fitted.figures), 0)
        record = job.record_of(fitted.model, selection)
        write_checkpoint(
            job.run.best,
            fitted.model.module,
            dataclasses.replace(record, calibrated_on=fitted.calibrated_on),
            tokenizer_json=fitted.model.tokenizer_json,
            frozen_sha256=share_frozen(fitted.model.module, job.run.checkpoints),
            out_of_fold=fitted.out_of_fold,
        )
    return _without_steps(job, fitted, selection, began), fitted.model


def _fit_neural(job: _Job) -> tuple[RunOutcome, BuiltModel]:
    from adverts.training.build_trainer import build_trainer
    from adverts.training.curve_journal import CurveJournal
    from adverts.training.runs.run_record import RunOutcome

    began = time.monotonic()
    trainer = build_trainer(
        job.config,
        job.schema,
        job.tables,
        run=job.run,
        processes=job.processes,
        make_record=job.record_of,
        data_hash=job.prepared.data_hash,
        kept=job.kept,
    )
    if job.processes.is_main:
        _record_training(job, job.config.model)
    journal = CurveJournal(
        job.run.log if job.processes.is_main else None,
        done=trainer.progress.step,
        total=trainer.total_steps,
        epochs=job.config.trainer.epochs,
        every=job.config.trainer.log_every_steps,
    )
    with journal:
        pruned = _drive(trainer, journal, job)
    progress = trainer.progress
    outcome = RunOutcome(
        seconds=time.monotonic() - began,
        steps=progress.step,
        train_adverts=len(job.adverts),
        validation_adverts=len(job.held_out),
        selected_on=trainer.selection,
        validation=progress.best_figures,
        baseline=None,
        weights_sha256=progress.weights_sha256,
        pruned=pruned,
    )
    return outcome, trainer.model


def _drive(trainer: Trainer, journal: CurveJournal, job: _Job) -> bool:
    """Take all steps; log, validate and save when each is due.

    Returns:
        Whether the training was ended by the ``watch`` of the job before its last step.
    """
    from adverts.tracking.run_settings import curve_names

    watch, tracker = job.watch or _never, job.tracker
    if _watched_before(job) and not trainer.progress.finished:
        return True
    for step in trainer.steps():
        done = step.index + 1
        due = trainer.save_due(done)
        if line := journal.add(step) or (journal.line() if due else None):
            tracker.metrics(curve_names(line.metrics()), done)
        figures = _validated(trainer, journal, tracker, done)
        if due:
            tracker.flush()  # a run resumed from the saved state does not log these values again
            trainer.save(done)
            journal.restart_clock()
        if figures and watch(done, figures) and not trainer.progress.finished:
            journal.say(f"pruned after step {done} of {trainer.total_steps}")
            return True
        if trainer.progress.finished:
            if done < trainer.total_steps:
                journal.say(
                    f"stopped early after step {done} of {trainer.total_steps}: "
                    f"{trainer.progress.evaluations_without_progress} validations without progress "
                    "(trainer.patience)"
                )
            break
    return False


def _watched_before(job: _Job) -> bool:
    """Tell the watch of every validation that a resumed run had; return its last answer."""
    from adverts.training.curve_journal import validations

    watch, answer = job.watch or _never, False
    for done, figures in validations(job.run.log):
        answer = watch(done, figures)
    return answer


def _outcome_of(job: _Job, outcome: RunOutcome) -> RunOutcome:
    """Return the outcome of a run that was killed while it was handed in."""
    _watched_before(job)
    return outcome


def _never(done: int, figures: Mapping[str, float]) -> bool:
    del done, figures
    return False


def _validated(
    trainer: Trainer, journal: CurveJournal, tracker: Tracker, done: int
) -> Mapping[str, float]:
    """Validate if that is due after ``done`` steps; return the figures, otherwise none."""
    if not trainer.evaluation_due(done):
        return {}
    figures = trainer.evaluate(done)
    journal.validated(done, figures)
    tracker.metrics(_named("validation", figures), done)
    return figures


def _fit_tfidf_alone(job: _Job, config: TfidfConfig) -> RunOutcome:
    began = time.monotonic()
    fitted, selection = _fit_tfidf(job, config, job.run.best)
    job.tracker.metrics(_named(job.judged_on, fitted.figures), 0)
    return _without_steps(job, fitted, selection, began)


def _fit_tfidf(
    job: _Job, config: TfidfConfig, folder: Path, *, beside: BuiltModel | None = None
) -> tuple[FittedTfidf, Selection]:
    """Fit tf-idf on the training adverts of the job and write its checkpoint to ``folder``.

    The fit is taken from the model ``beside`` it, which has just these n-grams.
    """
    from adverts.training.build_ngrams import build_tfidf
    from adverts.training.fit_ngrams import write_tfidf

    _record_training(job, config)
    fitted = build_tfidf(
        config, job.config.loss, job.schema, job.tables, seed=job.config.seed, beside=beside
    )
    selection = _selection(job, fitted.figures)
    record = job.record_of_training(fitted.model, selection, job.training(config))
    known = fitted.calibrated_on
    write_tfidf(folder, fitted, dataclasses.replace(record, calibrated_on=known))
    return fitted, selection


def _selection(job: _Job, figures: Mapping[str, float]) -> Selection:
    """Return the selection of a model that is fitted at once, with its figure."""
    from adverts.training.runs.checkpoint import Selection

    metric = job.config.trainer.select_by
    return Selection(job.judged_on, metric, figures[metric], 0)


def _without_steps(
    job: _Job, fitted: FittedTfidf | FrozenModel, selection: Selection, began: float
) -> RunOutcome:
    """Return the outcome of a model that is fitted at once, since the time ``began``."""
    from adverts.training.runs.run_record import RunOutcome
    from adverts.training.runs.tensors import weights_sha256

    return RunOutcome(
        seconds=time.monotonic() - began,
        steps=0,
        train_adverts=len(job.adverts),
        validation_adverts=len(job.held_out),
        selected_on=selection,
        validation=fitted.figures,
        baseline=None,
        weights_sha256=weights_sha256(fitted.model.module.state_dict()),
    )


def _record_training(job: _Job, model: ModelConfig) -> None:
    """Add the model to the ledgers before any of its validation figures is seen."""
    from adverts.candidates.record_looks import TRAINED

    _compared(job.config, job.prepared, model, job.record, gate=TRAINED)


def _named(prefix: str, figures: Mapping[str, float]) -> dict[str, float]:
    return {f"{prefix}/{name}": value for name, value in figures.items()}


if __name__ == "__main__":
    main()
