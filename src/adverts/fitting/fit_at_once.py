"""Fit a model without a curve: a network on frozen features or kept states, or tf-idf."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.config import TfidfConfig
from adverts.evaluation.predictions.model_facts import Selection
from adverts.fitting.training_job import TrainingJob
from adverts.models.built_model import BuiltModel
from adverts.training.building.build_ngrams import build_tfidf
from adverts.training.fit_ngrams import FittedTfidf, write_tfidf
from adverts.training.runs.run_record import RunOutcome
from adverts.training.runs.tensors import split_tensors, weights_sha256

if TYPE_CHECKING:  # torch and transformers take seconds to load, and tf-idf does not need them
    from adverts.training.runs.tensors import Tensors


def fit_frozen_network(job: TrainingJob) -> tuple[RunOutcome, BuiltModel]:
    """Fit a network on what its frozen parts compute once, and write its checkpoint."""
    from adverts.training.building.build_frozen import build_frozen
    from adverts.training.processes import Processes
    from adverts.training.runs.checkpoint import share_frozen, write_checkpoint

    assert isinstance(job.processes, Processes)
    began = time.monotonic()
    if job.processes.is_main:
        job.enter_in_ledgers(job.config.model)
    fitted = build_frozen(job.config, job.schema, job.tables, job.processes)
    network, selection = fitted.model.network, _selection(job, fitted.figures)
    if job.processes.is_main:
        job.record_figures(job.judged_on, fitted.figures, 0)
        record = job.record_of(fitted.model, selection)
        write_checkpoint(
            job.run.best,
            split_tensors(network)[0],
            dataclasses.replace(record, calibrated_on=fitted.calibrated_on),
            tokenizer_json=fitted.model.tokenizer_json,
            frozen_sha256=share_frozen(network, job.run.checkpoints),
            kept=fitted.kept,
        )
    outcome = _without_steps(job, fitted.figures, network.state_dict(), selection, began)
    return outcome, fitted.model


def fit_tfidf_alone(job: TrainingJob, config: TfidfConfig) -> RunOutcome:
    """Fit tf-idf as the model of a run, and write its checkpoint."""
    began = time.monotonic()
    fitted, selection = fit_tfidf(job, config, job.run.best)
    job.record_figures(job.judged_on, fitted.figures, 0)
    return _without_steps(job, fitted.figures, fitted.ngrams.tensors, selection, began)


def fit_tfidf(
    job: TrainingJob, config: TfidfConfig, folder: Path, *, beside: BuiltModel | None = None
) -> tuple[FittedTfidf, Selection]:
    """Fit tf-idf on the training adverts of the job and write its checkpoint to ``folder``.

    The fit is taken from the model ``beside`` it, which has just these n-grams.
    """
    job.enter_in_ledgers(config)
    fitted = build_tfidf(
        config, job.config.loss, job.schema, job.tables, seed=job.config.seed, beside=beside
    )
    selection = _selection(job, fitted.figures)
    record = job.record_of_training(fitted.model, selection, job.training(config))
    record = dataclasses.replace(
        record,
        calibrated_on=fitted.calibrated_on,
        inverse_regularisation=config.inverse_regularisation,
    )
    write_tfidf(folder, fitted, record)
    return fitted, selection


def _selection(job: TrainingJob, figures: Mapping[str, float]) -> Selection:
    """Return the selection of a model that is fitted at once, with its figure."""
    metric = job.config.trainer.select_by
    return Selection(job.judged_on, metric, figures[metric], 0)


def _without_steps(
    job: TrainingJob,
    figures: Mapping[str, float],
    tensors: Tensors,
    selection: Selection,
    began: float,
) -> RunOutcome:
    """Return the outcome of a model that is fitted at once, since the time ``began``."""
    return RunOutcome(
        seconds=time.monotonic() - began,
        steps=0,
        train_adverts=len(job.adverts),
        validation_adverts=len(job.held_out),
        selected_on=selection,
        validation=figures,
        baseline=None,
        weights_sha256=weights_sha256(tensors),
    )
