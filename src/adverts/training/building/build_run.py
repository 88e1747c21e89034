"""Build the parts of a training run from the sections of its config."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tokenizers import Tokenizer

from adverts.advert import LabelSchema, Task
from adverts.config import (
    FROZEN_BELOW,
    UPPER_BELOW,
    LossConfig,
    ModelConfig,
    NeuralConfig,
    TfidfConfig,
    TrainConfig,
    TrainingMethod,
    shipped_ngrams,
)
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset
from adverts.errors import InputError, say
from adverts.inputs.encoding import AdvertEncoder, cut_tokens
from adverts.inputs.pixels import CHECKED
from adverts.inputs.spec import InputName, TokenSpec
from adverts.models.built_model import BuiltModel
from adverts.training.disguised_copies import Augmentation
from adverts.training.learnable_labels import check_labels, only_useful
from adverts.training.task_loss import TaskLoss, balance

if TYPE_CHECKING:  # torch takes seconds to load, and tf-idf does not need it
    import torch


def build_settled(
    config: TrainConfig, device: torch.device | None, tables: tuple[AdvertTable, AdvertTable]
) -> TrainConfig:
    """Return the config with each ``auto`` replaced by what is chosen for ``device`` and adverts.

    A model that is fitted on frozen features, or whose upper layers learn, puts its parts side by
    side, whatever was asked; and of the latter at least a layer is frozen.

    A run records this config. A run that is resumed or repeated on another machine therefore trains
    in the same way and number format, or the difference is reported.

    Args:
        config: Config as it was given.
        device: Device that trains; None for tf-idf, which is fitted in numpy.
        tables: Training and validation adverts.

    Raises:
        InputError: The upper layers of a model without an encoder should learn.
    """
    method = config.trainer.method
    if method == "auto":
        method = _method(config.model, *map(len, tables))
    precision = config.trainer.precision
    if device is None:
        precision = "fp32"
    else:
        from adverts.training.processes import choose_precision

        precision = choose_precision(precision, device)
    trainer = config.trainer.model_copy(update={"precision": precision, "method": method})
    model = config.model
    if method != "fine_tune" and isinstance(model, NeuralConfig):
        model = model.model_copy(update={"fusion": "concatenated"})
        if method == "upper_layers":
            if model.encoder is None:
                raise InputError(
                    f"trainer.method=upper_layers, but model={model.name} has no encoder; give "
                    "trainer.method=frozen or fine_tune"
                )
            frozen = {"freeze_layers": model.encoder.freeze_layers or None}
            model = model.model_copy(update={"encoder": model.encoder.model_copy(update=frozen)})
    return config.model_copy(update={"trainer": trainer, "model": model})


def _method(model: ModelConfig, train: int, validation: int) -> TrainingMethod:
    """Return how a model learns from a number of training and validation adverts."""
    if not isinstance(model, NeuralConfig):
        return "fine_tune"
    if train >= UPPER_BELOW:
        return "fine_tune" if validation else "frozen"
    return "frozen" if train < FROZEN_BELOW or model.encoder is None else "upper_layers"


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
    ngrams = shipped_ngrams().model_dump()
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


def build_train_adverts(config: TrainConfig, table: AdvertTable) -> tuple[AdvertTable, range]:
    """Return the training adverts with their disguised copies, and which rows are copies."""
    chosen = config.augment
    if chosen.share == 0:
        return table, range(0)
    extended = Augmentation(chosen.share, chosen.disguises, config.seed).extend(table)
    return extended, range(len(table), len(extended))


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


def build_loss(config: LossConfig, tasks: Sequence[Task], train: AdvertTable) -> list[TaskLoss]:
    """Return the loss of each task; balanced class weights come from the labels of ``train``."""
    return [
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
