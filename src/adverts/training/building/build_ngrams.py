"""Build and fit n-grams: beside a network, or alone as tf-idf."""

from __future__ import annotations

from adverts.advert import LabelSchema, Task
from adverts.config import LossConfig, NgramsConfig, TfidfConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.models.build_model import build_model
from adverts.models.built_model import BuiltModel
from adverts.training.building.build_run import build_loss
from adverts.training.fit_ngrams import FittedTfidf, NgramFit, fit_alone


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
    branch = None if beside is None else beside.network.ngrams
    return fit_alone(
        build_model(config, schema.tasks),
        tables,
        build_ngram_fit(config, schema.tasks, seed),
        headline=schema.task(schema.headline),
        loss=build_loss(loss, schema.tasks, tables[0]),
        beside=None if branch is None else branch.calibrated_linear(),
    )


def build_ngram_fit(config: NgramsConfig, tasks: tuple[Task, ...], seed: int) -> NgramFit:
    """Return the settings of a fit of n-grams for ``tasks``."""
    num_features = 1 << config.num_features_log2
    return NgramFit(tasks, num_features, config.inverse_regularisation, seed)
