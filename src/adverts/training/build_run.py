"""Build the parts of a training run from the sections of its config."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from importlib import resources
from typing import TYPE_CHECKING

import torch
import yaml
from tokenizers import Tokenizer
from torch import nn

from adverts.advert import LabelSchema, Task
from adverts.config import (
    FROZEN_BELOW,
    LossConfig,
    ModelConfig,
    NeuralConfig,
    NgramsConfig,
    OptimizerConfig,
    TfidfConfig,
    TrainConfig,
    TrainerConfig,
)
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import InputError, say
from adverts.files.staging import require_disk
from adverts.inputs.encoding import AdvertEncoder, cut_tokens
from adverts.inputs.pixels import CHECKED
from adverts.inputs.spec import InputName, TokenSpec
from adverts.models.build_model import build_model
from adverts.models.built_model import BuiltModel
from adverts.models.ngram_branch import NgramBranch
from adverts.training.batching import PlannedStep, evaluation_steps, plan_steps
from adverts.training.branch_lines import Labels
from adverts.training.dataset import AdvertBatches
from adverts.training.disguised_copies import Augmentation
from adverts.training.fit_ngrams import (
    FittedTfidf,
    NgramFit,
    fit_alone,
    fit_branch,
    folds_of,
    ngram_features,
)
from adverts.training.kept_fits import KeptFits
from adverts.training.learnable_labels import check_labels, only_useful
from adverts.training.loss import LossFunction, TaskLoss, balance, summed_loss
from adverts.training.optim import adamw
from adverts.training.processes import Precision, Processes, choose_precision
from adverts.training.runs.run_folder import RunFolder
from adverts.training.runs.tensors import split_tensors
from adverts.training.trainer import MakeRecord, Trainer, TrainerSettings
from adverts.training.validation import Validation

if TYPE_CHECKING:  # transformers takes seconds to load, and tf-idf does not need it
    from adverts.training.fit_frozen import FrozenModel

_AUTOCAST: dict[Precision, torch.dtype | None] = {
    "fp32": None,
    "bf16": torch.bfloat16,
}
_ONLY_LEARNING = {
    "name": True,
    "ngrams": True,
    "head_dropout": True,
    "encoder": {"dropout", "freeze_layers", "freeze_word_table"},
    "tower": {"freeze"},
}
"""Settings of a model that change nothing of its features before the first step."""


def build_settled(
    config: TrainConfig, device: torch.device, tables: tuple[AdvertTable, AdvertTable]
) -> TrainConfig:
    """Return the config with each ``auto`` replaced by what is chosen for ``device`` and adverts.

    A model that is fitted on frozen features puts its parts side by side, whatever was asked.

    A run records this config. A run that is resumed or repeated on another machine therefore trains
    in the same way and number format, or the difference is reported.

    Args:
        config: Config as it was given.
        device: Device that trains.
        tables: Training and validation adverts.
    """
    method = config.trainer.method
    if method == "auto":
        few = len(tables[0]) < FROZEN_BELOW or not len(tables[1])
        method = "frozen" if few and isinstance(config.model, NeuralConfig) else "fine_tune"
    precision = choose_precision(config.trainer.precision, device)
    trainer = config.trainer.model_copy(update={"precision": precision, "method": method})
    model = config.model
    if method == "frozen" and isinstance(model, NeuralConfig):
        model = model.model_copy(update={"fusion": "concatenated"})
    return config.model_copy(update={"trainer": trainer, "model": model})


def build_schema(config: LossConfig, schema: LabelSchema) -> LabelSchema:
    """Return the tasks to train; if the headline is not trained, the first one named replaces it.

    Raises:
        InputError: A task weight names no task of the dataset.
    """
    wanted = config.task_weights or {schema.headline: 1.0}
    names = [task.name for task in schema.tasks]
    unknown = sorted(set(wanted) - set(names))
    if unknown:
        raise InputError(f"loss.task_weights names {unknown}; the dataset has the tasks {names}")
    headline = schema.headline if schema.headline in wanted else next(iter(wanted))
    tasks = tuple(task for task in schema.tasks if task.name in wanted)
    return LabelSchema(name=schema.name, tasks=tasks, headline=headline)


def build_baseline_config(config: ModelConfig) -> TfidfConfig | None:
    """Return tf-idf with the packaged n-grams and the text inputs of the model of ``config``.

    It never depends on ``model.ngrams``, so that a model cannot choose what it is compared with.
    The result is None for a model that reads no text, and for tf-idf itself.
    """
    inputs = [name for name in config.inputs if name != "image"]
    if config.kind == "tfidf" or not inputs:
        return None
    path = resources.files("adverts.configs").joinpath("model/ngrams/hashed.yaml")
    ngrams = yaml.safe_load(path.read_text("utf-8"))
    return TfidfConfig.model_validate(
        {"kind": "tfidf", "name": "tfidf", "inputs": inputs, **ngrams}
    )


def build_tables(
    prepared: PreparedDataset,
    schema: LabelSchema,
    inputs: Sequence[InputName],
    *,
    needs_validation: bool = True,
) -> tuple[AdvertTable, AdvertTable]:
    """Return the adverts of ``train`` and ``validation`` that training and validation can use.

    Each has a label of at least one trained task, and at least one part named in ``inputs``.

    Args:
        prepared: The dataset.
        schema: Tasks that are trained.
        inputs: Parts of an advert that the model reads.
        needs_validation: Whether there must be validation adverts; otherwise there may be none.

    Raises:
        InputError: A split has no such advert, or a task cannot be learnt or judged from its
            labels.
    """
    tables: list[AdvertTable] = []
    for split in ("train", "validation"):
        if split not in prepared.manifest.counts:
            if tables and not needs_validation:
                return tables[0], tables[0].select([])
            raise InputError(
                f"{prepared.path} has no advert in split {split!r}; prepare it with a "
                "validation_fraction above 0 and enough rows, or train with trainer.method=frozen"
            )
        whole = prepared.split(split)
        if not whole.readable(inputs).any():
            raise InputError(
                f"split {split!r} has {len(whole)} adverts, but none has anything to read in "
                f"{', '.join(inputs)}; choose another model, or map the columns and prepare again"
            )
        useful, headline = only_useful(whole, schema.tasks, inputs), schema.task(schema.headline)
        try:
            for task in schema.tasks if split == "train" else (headline,):
                check_labels(task, useful.targets[task.name], split)
        except InputError as error:
            if not tables or needs_validation:
                raise
            say(f"caution: {error}; so nothing is judged on it", error=True)
            useful = useful.select([])
        tables.append(useful)
    return tables[0], tables[1]


def build_encoder(model: BuiltModel) -> AdvertEncoder:
    """Return the encoder that turns prepared adverts into the inputs of ``model``."""
    spec, stored = model.input_spec, model.tokenizer_json
    tokenizer = _tokenizer(stored, spec.tokens) if stored and spec.tokens else None
    return AdvertEncoder(spec, tokenizer, CHECKED)


@functools.lru_cache(maxsize=1)  # the trials of a study have the same one, which takes a second
def _tokenizer(stored: str, tokens: TokenSpec) -> Tokenizer:
    tokenizer = Tokenizer.from_str(stored)
    cut_tokens(tokenizer, tokens)
    return tokenizer


def build_loss(config: LossConfig, tasks: Sequence[Task], train: AdvertTable) -> LossFunction:
    """Return the loss over ``tasks``; balanced class weights come from the labels of ``train``."""
    return summed_loss(
        [
            TaskLoss(
                task,
                weight=config.task_weights.get(task.name, 1.0),
                label_smoothing=config.label_smoothing,
                balance_2L=(
                    balance(task, train.targets[task.name])
                    if config.class_weights == "balanced"
                    else None
                ),
            )
            for task in tasks
        ]
    )


def build_optimizer(config: OptimizerConfig, model: BuiltModel) -> torch.optim.AdamW:
    """Return AdamW with separate learning rates for pretrained and for new parameters.

    Raises:
        InputError: Every parameter is frozen.
    """
    pretrained_names: frozenset[str] = getattr(model.module, "pretrained_names", frozenset())
    pretrained: list[nn.Parameter] = []
    new: list[nn.Parameter] = []
    for name, parameter in model.module.named_parameters():
        (pretrained if name in pretrained_names else new).append(parameter)
    return adamw(
        pretrained,
        new,
        learning_rate=config.learning_rate,
        head_learning_rate=config.head_learning_rate,
        weight_decay=config.weight_decay,
    )


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
    from adverts.models.neural_classifier import AdvertModel
    from adverts.training.standardisation import fit_standardisation

    held_out, loss_function = tables[1], build_loss(config.loss, schema.tasks, tables[0])
    train, copies = _augmented(config, tables[0])
    torch.manual_seed(config.seed)  # decides the initial values of new parameters
    model = build_model(config.model, schema.tasks)
    _require_disk(run, model)
    if isinstance(model.module, AdvertModel) and model.module.ngrams is not None:
        fitted = functools.partial(
            _fitted_ngrams, model, config, schema, (train, held_out), copies=copies
        )
        if kept is not None:
            fitted = functools.partial(
                kept.fitted, _key_of_ngrams(config, schema, model, data_hash), fitted
            )
        model.module.ngrams.load_state_dict(processes.same(fitted))  # process 0 fits them
    model.module.to(processes.device)
    text_encoder = getattr(model.module, "encoder", None)
    if text_encoder is not None and processes.device.type == "cpu":
        quicken(text_encoder.model)  # on a GPU, dropout is a single kernel: nothing to gain
    encoder = build_encoder(model)
    hiding = getattr(config.model, "modality_dropout", 0.0)
    adverts = AdvertBatches(train, encoder, schema.tasks, modality_dropout=hiding, seed=config.seed)
    lengths = adverts.lengths()
    plan = _plan(config.trainer, lengths, config.seed)
    settings = _settings(config, plan, processes.device)
    if isinstance(model.module, AdvertModel):
        standardise = functools.partial(
            fit_standardisation,
            model.module,
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
            statistics = nn.ModuleList(model.module.standardisations)
            key = _key_of_features(config, schema, model.module, data_hash)
            statistics.load_state_dict(kept.fitted(key, lambda: _fitted(statistics, standardise)))
    return Trainer(
        model,
        optimizer=build_optimizer(config.optimizer, model),
        plan=plan,
        adverts=adverts,
        validation=Validation(
            AdvertBatches(held_out, encoder, schema.tasks, modality_dropout=0.0, seed=config.seed),
            Labels.of(train, held_out).held_out,
            schema.task(schema.headline),
            loss_function,
            tokens_per_batch=config.trainer.tokens_per_batch,
            max_adverts=config.trainer.max_adverts_per_batch,
        ),
        loss_function=loss_function,
        settings=settings,
        processes=processes,
        folder=run.checkpoints,
        make_record=make_record,
        kept_frozen=None if kept is None else kept.frozen,
    )


def build_frozen(
    config: TrainConfig,
    schema: LabelSchema,
    tables: tuple[AdvertTable, AdvertTable],
    processes: Processes,
) -> FrozenModel:
    """Fit the heads of a network on features of its pretrained parts, and n-grams beside it.

    Raises:
        InputError: Weights cannot be found.
    """
    from adverts.training.fit_frozen import FrozenTraining

    assert isinstance(config.model, NeuralConfig), "tf-idf has no pretrained parts"
    torch.manual_seed(config.seed)
    model = build_model(config.model, schema.tasks)
    model.module.to(processes.device)
    encoder = build_encoder(model)
    train, copies = _augmented(config, tables[0])
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
            _ngram_fit(config.model.ngrams, schema.tasks, config.seed)
            if config.model.ngrams is not None
            else None
        ),
        autocast_dtype=_AUTOCAST[choose_precision(config.trainer.precision, processes.device)],
        processes=processes,
    )
    loss_function = build_loss(config.loss, schema.tasks, tables[0])
    return training.fit(
        model, (train, tables[1]), (batches[0], batches[1]), loss_function=loss_function
    )


def _fitted_ngrams(
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
    settings = _ngram_fit(ngrams, schema.tasks, config.seed)
    fit_branch(branch, features, Labels.of(*tables, copies=copies), settings, fold_of)
    return branch.state_dict()


def _key_of_ngrams(
    config: TrainConfig, schema: LabelSchema, model: BuiltModel, data_hash: str
) -> str:
    """Return everything that the fit of the n-grams beside a network depends on, as text."""
    ngrams = getattr(config.model, "ngrams", None)
    parts = (data_hash, schema, model.input_spec, ngrams, config.augment, config.seed)
    return f"n-grams {parts!r}"


def _fitted(statistics: nn.Module, fit: Callable[[], None]) -> dict[str, torch.Tensor]:
    fit()
    return statistics.state_dict()


def _key_of_features(
    config: TrainConfig, schema: LabelSchema, module: nn.Module, data_hash: str
) -> str:
    """Return everything that the features of pretrained parts depend on, as text.

    Settings that act only while a network learns are left out. The sums stand for the weights.
    """
    model = config.model.model_dump(exclude=_ONLY_LEARNING)
    trainer = config.trainer
    batches = (trainer.tokens_per_batch, trainer.max_adverts_per_batch, trainer.precision)
    sums = [float(parameter.detach().sum()) for parameter in module.parameters()]
    parts = (data_hash, schema, model, config.augment, config.seed, batches, trainer.device, sums)
    return f"features {parts!r}"


def _augmented(config: TrainConfig, table: AdvertTable) -> tuple[AdvertTable, range]:
    """Return the training adverts with their disguised copies, and which rows are copies."""
    chosen = config.augment
    if chosen.share == 0:
        return table, range(0)
    extended = Augmentation(chosen.share, chosen.disguises, config.seed).extend(table)
    return extended, range(len(table), len(extended))


def _ngram_fit(config: NgramsConfig, tasks: tuple[Task, ...], seed: int) -> NgramFit:
    num_features = 1 << config.num_features_log2
    return NgramFit(tasks, num_features, config.inverse_regularisation, seed)


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
        warmup_steps=min(round(optimizer.warmup_fraction * len(plan)), len(plan) - 1),
        max_grad_norm=optimizer.max_grad_norm,
        autocast_dtype=_AUTOCAST[choose_precision(trainer.precision, device)],
        select_by=trainer.select_by,
        patience=trainer.patience,
        evaluate_after=evaluation_steps(plan, trainer.evaluations_per_epoch),
        checkpoint_every=trainer.checkpoint_every_steps,
    )


def _require_disk(run: RunFolder, model: BuiltModel) -> None:
    """Raise InputError unless the disk has room for weights (x3), moments (x2) and frozen (x1)."""
    learning, frozen = (
        sum(value.numel() * value.element_size() for value in tensors.values())
        for tensors in split_tensors(model.module)
    )
    require_disk(run.path, 7 * learning + frozen)


def _branch_of(model: BuiltModel) -> NgramBranch | None:
    branch = getattr(model.module, "ngrams", None)
    return branch.cpu().eval() if isinstance(branch, NgramBranch) else None


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
        _ngram_fit(config, schema.tasks, seed),
        headline=schema.task(schema.headline),
        loss_function=build_loss(loss, schema.tasks, tables[0]),
        beside=_branch_of(beside) if beside is not None else None,
    )
