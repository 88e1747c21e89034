"""Fit the model of a run in the way that its config asks for, and tf-idf beside it."""

from __future__ import annotations

import dataclasses

from adverts.config import TfidfConfig, TrainConfig
from adverts.fitting.fit_at_once import fit_frozen_network, fit_tfidf, fit_tfidf_alone
from adverts.fitting.training_job import TrainingJob
from adverts.models.built_model import BuiltModel
from adverts.training.building.build_run import build_baseline_config
from adverts.training.runs.run_record import RunOutcome


def fit_model(job: TrainingJob) -> RunOutcome:
    """Train the model and, if the config asks for it, the tf-idf baseline."""
    if isinstance(job.config.model, TfidfConfig):
        return fit_tfidf_alone(job, job.config.model)
    outcome, model = fit_network(job)
    baseline = build_baseline_config(job.config.model) if job.config.baseline else None
    if baseline is None:
        return outcome
    # the tracked run belongs to the neural model: reports on the baseline must not be added to it
    nameless = dataclasses.replace(job.record, mlflow_run_id=None)
    fitted, _ = fit_tfidf(
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


def fit_network(job: TrainingJob) -> tuple[RunOutcome, BuiltModel]:
    """Fit a network at once or as a run that can be resumed, in every process of the run."""
    if job.config.trainer.method != "fine_tune":
        return fit_frozen_network(job)
    from adverts.fitting.fit_in_steps import fit_in_steps

    return fit_in_steps(job)
