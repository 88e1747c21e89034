"""Build a network whose pretrained parts, or the lower layers of its encoder, do not learn."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import torch

from adverts.advert import LabelSchema
from adverts.config import NeuralConfig, TrainConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.models.build_model import build_model
from adverts.training.building.build_ngrams import build_ngram_fit
from adverts.training.building.build_optimizer import build_optimizer
from adverts.training.building.build_run import build_encoder, build_loss, build_train_adverts
from adverts.training.dataset import AdvertBatches
from adverts.training.processes import Processes, autocast_dtype

if TYPE_CHECKING:  # transformers takes seconds to load, and tf-idf does not need it
    from adverts.training.fit_frozen import FrozenModel
    from adverts.training.upper_layers import UpperTraining


def build_frozen(
    config: TrainConfig,
    schema: LabelSchema,
    tables: tuple[AdvertTable, AdvertTable],
    processes: Processes,
) -> FrozenModel:
    """Fit a network on what its frozen parts say of the adverts once, and n-grams beside it.

    Raises:
        InputError: Weights cannot be found.
    """
    from adverts.training.fit_frozen import FrozenTraining

    assert isinstance(config.model, NeuralConfig), "tf-idf has no pretrained parts"
    torch.manual_seed(config.seed)
    model = build_model(config.model, schema.tasks)
    model.network.to(processes.device)
    encoder = build_encoder(model)
    train, copies = build_train_adverts(config, tables[0])
    batches = [
        AdvertBatches(table, encoder, schema.tasks, modality_dropout=0.0, seed=config.seed)
        for table in (train, tables[1])
    ]
    training = FrozenTraining(
        schema=schema,
        copies=copies,
        tokens_per_batch=config.trainer.tokens_per_batch,
        max_adverts=config.trainer.max_adverts_per_batch,
        ngrams=(
            build_ngram_fit(config.model.ngrams, schema.tasks, config.seed)
            if config.model.ngrams is not None
            else None
        ),
        autocast_dtype=autocast_dtype(config.trainer.precision, processes.device),
        processes=processes,
        upper=_upper(config, processes) if config.trainer.method == "upper_layers" else None,
    )
    loss = build_loss(config.loss, schema.tasks, tables[0])
    return training.fit(model, (train, tables[1]), (batches[0], batches[1]), loss=loss)


def _upper(config: TrainConfig, processes: Processes) -> UpperTraining:
    from adverts.training.upper_layers import UpperTraining

    trainer, optimizer = config.trainer, config.optimizer
    return UpperTraining(
        epochs=trainer.epochs,
        tokens_per_batch=trainer.tokens_per_batch,
        max_adverts=trainer.max_adverts_per_batch,
        accumulation=trainer.accumulation,
        warmup_fraction=optimizer.warmup_fraction,
        max_grad_norm=optimizer.max_grad_norm,
        optimizer=functools.partial(build_optimizer, optimizer),
        autocast_dtype=autocast_dtype(trainer.precision, processes.device),
        seed=config.seed,
        processes=processes,
    )
