"""Build and fit n-grams: beside a network, or alone as tf-idf."""

from __future__ import annotations

import torch

from adverts.advert import LabelSchema, Task
from adverts.config import LossConfig, NgramsConfig, TfidfConfig, TrainConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.models.build_model import build_model
from adverts.models.built_model import BuiltModel
from adverts.models.ngram_branch import NgramBranch
from adverts.training.branch_lines import Labels
from adverts.training.building.build_run import build_loss
from adverts.training.fit_ngrams import (
    FittedTfidf,
    NgramFit,
    fit_alone,
    fit_branch,
    folds_of,
    ngram_features,
)


def build_tfidf(
    config: TfidfConfig,
    loss: LossConfig,
    schema: LabelSchema,
    tables: tuple[AdvertTable, AdvertTable],
    *,
    seed: int,
    beside: BuiltModel | None = None,
) -> FittedTfidf:
    """Fit tf-idf on the first of ``tables`` (train) and judge it on the second (validation).

    The fit is taken from the model ``beside`` it, if that model was given just these n-grams.
    """
    return fit_alone(
        build_model(config, schema.tasks),
        tables,
        build_ngram_fit(config, schema.tasks, seed),
        headline=schema.task(schema.headline),
        loss_function=build_loss(loss, schema.tasks, tables[0]),
        beside=_branch_of(beside) if beside is not None else None,
    )


def fitted_ngrams(
    model: BuiltModel,
    config: TrainConfig,
    schema: LabelSchema,
    tables: tuple[AdvertTable, AdvertTable],
    *,
    copies: range,
) -> dict[str, torch.Tensor]:
    """Fit and calibrate the n-grams beside a network; return their tensors."""
    branch, ngrams = getattr(model.module, "ngrams", None), getattr(config.model, "ngrams", None)
    assert isinstance(branch, NgramBranch), "only a model with this branch asks for it"
    assert ngrams is not None
    features = [one for table in tables for one in ngram_features(table, model.input_spec)]
    fold_of = folds_of(tables[0], schema.tasks)
    settings = build_ngram_fit(ngrams, schema.tasks, config.seed)
    fit_branch(branch, features, Labels.of(*tables, copies=copies), settings, fold_of)
    return branch.state_dict()


def build_ngram_fit(config: NgramsConfig, tasks: tuple[Task, ...], seed: int) -> NgramFit:
    """Return the settings of a fit of n-grams for ``tasks``."""
    num_features = 1 << config.num_features_log2
    return NgramFit(tasks, num_features, config.inverse_regularisation, seed)


def _branch_of(model: BuiltModel) -> NgramBranch | None:
    branch = getattr(model.module, "ngrams", None)
    return branch.cpu().eval() if isinstance(branch, NgramBranch) else None
