"""Run a training while a tracker records it, from its description to its results."""

from __future__ import annotations

import dataclasses

from adverts.fitting.compared_models import enter_result
from adverts.fitting.fit_model import fit_model
from adverts.fitting.training_job import TrainingJob
from adverts.tracking import Tracker, training_run
from adverts.training.runs.checkpoint_record import RECORD, find_checkpoint
from adverts.training.runs.run_folder import read_config
from adverts.training.runs.run_record import RunOutcome, RunRecord, write_run


def tracked_run(job: TrainingJob, tracker: Tracker) -> RunRecord:
    """Run the job, close the tracker, and return the finished record."""
    config, run, known = job.config, job.run, job.record
    with tracker:
        record = dataclasses.replace(known, mlflow_run_id=tracker.run_id)
        write_run(run.path, record)
        if known.resumed:
            tracker.status("running")
        training_run.describe_run(tracker, read_config(run), record, job.prepared.manifest)
        training_run.replay_curve(tracker, run.log)
        job = dataclasses.replace(job, record=record, tracker=tracker)
        try:
            outcome = _fitted(job) if known.outcome is None else _outcome_of(job, known.outcome)
            outcome = dataclasses.replace(outcome, disk_bytes=run.disk_bytes())
            record = dataclasses.replace(record, outcome=outcome)
            write_run(run.path, record)
            if outcome.pruned:
                tracker.tags({"pruned": "true"})
            with_checkpoint = config.tracking.log_checkpoint
            training_run.hand_in(tracker, run, outcome, with_checkpoint=with_checkpoint)
        except BaseException:
            tracker.status("failed")
            raise
        record = dataclasses.replace(record, handed_in=not tracker.lost)
        write_run(run.path, record)
    return record


def _fitted(job: TrainingJob) -> RunOutcome:
    """Fit the model, and tell the ledgers which files that wrote, before the run says so.

    A run that is continued with an outcome thus has nothing to tell: files that somebody put
    beside it meanwhile are of no training.
    """
    outcome = fit_model(job)
    for folder in (find_checkpoint(job.run.path), job.run.baseline):
        if (folder / RECORD).is_file():
            enter_result(job.config, job.prepared, folder)
    return outcome


def _outcome_of(job: TrainingJob, outcome: RunOutcome) -> RunOutcome:
    """Return the outcome of a run that was killed while it was handed in."""
    job.watched_before()
    return outcome
