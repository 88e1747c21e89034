"""Fit a network step by step: log, validate, save, and end when it is time."""

from __future__ import annotations

import time
from collections.abc import Mapping

from adverts.fitting.training_job import TrainingJob
from adverts.models.built_model import BuiltModel
from adverts.tracking.run_settings import curve_names
from adverts.training.building.build_trainer import build_trainer
from adverts.training.curve_journal import CurveJournal
from adverts.training.processes import Processes
from adverts.training.runs.run_record import RunOutcome
from adverts.training.trainer import Trainer
from adverts.training.watch import never


def fit_in_steps(job: TrainingJob) -> tuple[RunOutcome, BuiltModel]:
    """Fit a network whose layers learn, or go on from its last saved state."""
    assert isinstance(job.processes, Processes)
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
        job.enter_in_ledgers(job.config.model)
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


def _drive(trainer: Trainer, journal: CurveJournal, job: TrainingJob) -> bool:
    """Take all steps; log, validate and save when each is due.

    Returns:
        Whether the training was ended by the ``watch`` of the job before its last step.
    """
    watch, tracker = job.watch or never, job.tracker
    if job.watched_before() and not trainer.progress.finished:
        return True
    for step in trainer.steps():
        done = step.index + 1
        due = trainer.save_due(done)
        if line := journal.add(step) or (journal.line() if due else None):
            tracker.metrics(curve_names(line.metrics()), done)
        figures = _validated(trainer, journal, job, done)
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


def _validated(
    trainer: Trainer, journal: CurveJournal, job: TrainingJob, done: int
) -> Mapping[str, float]:
    """Validate if that is due after ``done`` steps; return the figures, otherwise none."""
    if not trainer.evaluation_due(done):
        return {}
    figures = trainer.evaluate(done)
    journal.validated(done, figures)
    job.record_figures("validation", figures, done)
    return figures
