"""Build the trainer of a network that learns in steps."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import torch
from torch import nn

from adverts.advert import LabelSchema
from adverts.config import TrainConfig, TrainerConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.files.staging import require_disk
from adverts.models.build_model import build_model
from adverts.models.built_model import BuiltModel
from adverts.training.batching import PlannedStep, evaluation_steps, plan_steps
from adverts.training.branch_lines import Labels
from adverts.training.branch_means import load_ngrams
from adverts.training.building.build_ngrams import build_ngram_fit
from adverts.training.building.build_optimizer import build_optimizer
from adverts.training.building.build_run import (
    build_encoder,
    build_loss,
    build_train_adverts,
)
from adverts.training.building.kept_fit_keys import key_of_features, key_of_ngrams
from adverts.training.dataset import AdvertBatches
from adverts.training.fit_ngrams import fit_ngrams, folds_of, ngram_features
from adverts.training.kept_fits import KeptFits
from adverts.training.loss import summed_loss
from adverts.training.optim import warmup_steps
from adverts.training.processes import Processes, autocast_dtype
from adverts.training.runs.run_folder import RunFolder
from adverts.training.runs.tensors import split_tensors
from adverts.training.trainer import MakeRecord, Trainer, TrainerSettings
from adverts.training.validation import Validation


def build_trainer(
    config: TrainConfig,
    schema: LabelSchema,
    tables: tuple[AdvertTable, AdvertTable],
    *,
    run: RunFolder,
    processes: Processes,
    make_record: MakeRecord,
    data_hash: str = "",
    kept: KeptFits | None = None,
) -> Trainer:
    """Build the trainer of a run, or restore its state if the run was interrupted.

    With ``kept``, what an earlier training fitted on the same adverts, those of the dataset
    ``data_hash``, is not fitted again: n-grams, and the statistics of pretrained features.

    Raises:
        InputError: Weights cannot be found, or the disk has no room for the checkpoints.
        IntegrityError: The interrupted run does not belong to this config and these data.
    """
    from adverts.models.dropout import quicken
    from adverts.training.standardisation import fit_standardisation

    held_out, loss = tables[1], build_loss(config.loss, schema.tasks, tables[0])
    train, copies = build_train_adverts(config, tables[0])
    torch.manual_seed(config.seed)  # decides the initial values of new parameters
    model = build_model(config.model, schema.tasks)
    _require_disk(run, model)
    if model.network.ngrams is not None:
        fitted = functools.partial(
            fitted_ngrams, model, config, schema, (train, held_out), copies=copies
        )
        if kept is not None:
            fitted = functools.partial(
                kept.fitted, key_of_ngrams(config, schema, model, data_hash), fitted
            )
        model.network.ngrams.load_state_dict(processes.same(fitted))  # process 0 fits them
    model.network.to(processes.device)
    text_encoder = model.network.encoder
    if text_encoder is not None and processes.device.type == "cpu":
        quicken(text_encoder.model)  # on a GPU, dropout is a single kernel: nothing to gain
    encoder = build_encoder(model)
    hiding = getattr(config.model, "modality_dropout", 0.0)
    adverts = AdvertBatches(train, encoder, schema.tasks, modality_dropout=hiding, seed=config.seed)
    lengths = adverts.lengths()
    plan = _plan(config.trainer, lengths, config.seed)
    settings = _settings(config, plan, processes.device)
    standardise = functools.partial(
        fit_standardisation,
        model.network,
        adverts,
        lengths,
        tokens_per_batch=config.trainer.tokens_per_batch,
        max_adverts=config.trainer.max_adverts_per_batch,
        autocast_dtype=settings.autocast_dtype,
        processes=processes,
    )
    if kept is None:
        standardise()
    else:
        statistics = nn.ModuleList(model.network.standardisations)
        key = key_of_features(config, schema, model.network, data_hash)
        statistics.load_state_dict(kept.fitted(key, lambda: _fitted(statistics, standardise)))
    return Trainer(
        model,
        optimizer=build_optimizer(config.optimizer, model.network),
        plan=plan,
        adverts=adverts,
        validation=Validation(
            AdvertBatches(held_out, encoder, schema.tasks, modality_dropout=0.0, seed=config.seed),
            Labels.of(train, held_out).held_out,
            schema.task(schema.headline),
            loss,
            tokens_per_batch=config.trainer.tokens_per_batch,
            max_adverts=config.trainer.max_adverts_per_batch,
        ),
        loss_function=summed_loss(loss),
        settings=settings,
        processes=processes,
        folder=run.checkpoints,
        make_record=make_record,
        kept_frozen=None if kept is None else kept.frozen,
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
    branch, ngrams = model.network.ngrams, getattr(config.model, "ngrams", None)
    assert branch is not None, "only a model with this branch asks for it"
    assert ngrams is not None
    features = [one for table in tables for one in ngram_features(table, model.input_spec)]
    fold_of = folds_of(tables[0], schema.tasks)
    settings = build_ngram_fit(ngrams, schema.tasks, config.seed)
    labels = Labels.of(*tables, copies=copies)
    load_ngrams(branch, fit_ngrams(features, labels, settings, fold_of))
    return branch.state_dict()


def _fitted(statistics: nn.Module, fit: Callable[[], None]) -> dict[str, torch.Tensor]:
    fit()
    return statistics.state_dict()


def _plan(config: TrainerConfig, lengths: Sequence[int], seed: int) -> list[PlannedStep]:
    return plan_steps(
        lengths,
        tokens_per_batch=config.tokens_per_batch,
        max_adverts=config.max_adverts_per_batch,
        accumulation=config.accumulation,
        epochs=config.epochs,
        seed=seed,
    )


def _settings(
    config: TrainConfig, plan: Sequence[PlannedStep], device: torch.device
) -> TrainerSettings:
    trainer, optimizer = config.trainer, config.optimizer
    return TrainerSettings(
        seed=config.seed,
        warmup_steps=warmup_steps(optimizer.warmup_fraction, len(plan)),
        max_grad_norm=optimizer.max_grad_norm,
        autocast_dtype=autocast_dtype(trainer.precision, device),
        select_by=trainer.select_by,
        patience=trainer.patience,
        evaluate_after=evaluation_steps(plan, trainer.evaluations_per_epoch),
        checkpoint_every=trainer.checkpoint_every_steps,
    )


def _require_disk(run: RunFolder, model: BuiltModel) -> None:
    """Raise InputError unless the disk has room for weights (x3), moments (x2) and frozen (x1)."""
    learning, frozen = (
        sum(value.numel() * value.element_size() for value in tensors.values())
        for tensors in split_tensors(model.network)
    )
    require_disk(run.path, 7 * learning + frozen)
