"""Fit tf-idf on the training adverts of a run, and judge it on its validation adverts."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from adverts.advert import Task
from adverts.models.built_model import BuiltModel
from adverts.models.tfidf import HashedLinear, fit_tfidf
from adverts.training.dataset import AdvertBatches
from adverts.training.loss import LossFunction
from adverts.training.processes import Processes
from adverts.training.runs.checkpoint import CheckpointRecord, write_checkpoint
from adverts.training.validation import Validation
from adverts.work.progress import note_when_slow

_ADVERTS_PER_BATCH = 256


@dataclass(frozen=True, slots=True)
class FittedTfidf:
    """A fitted tf-idf model with its figures.

    Attributes:
        model: Model with the fitted module.
        figures: ``loss``, ``average_precision`` and ``macro_f1`` on validation.
    """

    model: BuiltModel
    figures: dict[str, float]


def fit_and_judge(
    model: BuiltModel,
    train: AdvertBatches,
    held_out: AdvertBatches,
    *,
    headline: Task,
    loss_function: LossFunction,
    inverse_regularisation: float,
    seed: int,
    processes: Processes,
) -> FittedTfidf:
    """Fit the hashed model ``model`` on ``train`` and judge it on ``held_out``.

    Args:
        model: Model that is not fitted yet.
        train: Labelled adverts to fit on.
        held_out: Validation adverts.
        headline: Task whose figures are computed.
        loss_function: Returns the loss summed over a batch.
        inverse_regularisation: C of the logistic regression.
        seed: Seed of the solver.
        processes: A single process, on the CPU.
    """
    features = [(advert.feature_ids, advert.feature_counts) for advert in train.encoded()]
    with note_when_slow(f"fitting tf-idf on {len(features):,} adverts"):
        module: HashedLinear = fit_tfidf(
            features,
            {name: values_NL.numpy() for name, values_NL in train.targets.items()},
            model.spec.tasks,
            num_features=model.spec.num_features,
            inverse_regularisation=inverse_regularisation,
            seed=seed,
        )
    validation = Validation(
        held_out,
        headline,
        loss_function,
        tokens_per_batch=_ADVERTS_PER_BATCH,
        max_adverts=_ADVERTS_PER_BATCH,
    )
    figures = validation.figures(module, processes=processes, autocast_dtype=None)
    return FittedTfidf(dataclasses.replace(model, module=module), figures)


def write_tfidf(folder: Path, fitted: FittedTfidf, record: CheckpointRecord) -> None:
    """Write the checkpoint of a fitted tf-idf model.

    Raises:
        InputError: The disk is full.
    """
    write_checkpoint(folder, fitted.model.module, record, tokenizer_json=None, frozen_sha256=None)
