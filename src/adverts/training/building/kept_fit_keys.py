"""The keys of fits that the trials of a study share: everything that a fit depends on, as text."""

from __future__ import annotations

from torch import nn

from adverts.advert import LabelSchema
from adverts.config import TrainConfig
from adverts.models.built_model import BuiltModel
from adverts.training.runs.tensors import weights_sha256

_ONLY_LEARNING: dict[str, bool | set[str]] = {
    "name": True,
    "ngrams": True,
    "head_dropout": True,
    "encoder": {"dropout", "freeze_layers", "freeze_word_table"},
    "tower": {"freeze"},
}
"""Settings of a model that change nothing of its features before the first step."""


def key_of_ngrams(
    config: TrainConfig, schema: LabelSchema, model: BuiltModel, data_hash: str
) -> str:
    """Return everything that the fit of the n-grams beside a network depends on, as text."""
    ngrams = getattr(config.model, "ngrams", None)
    parts = (data_hash, schema, model.input_spec, ngrams, config.augment, config.seed)
    return f"n-grams {parts!r}"


def key_of_features(
    config: TrainConfig, schema: LabelSchema, module: nn.Module, data_hash: str
) -> str:
    """Return everything that the features of pretrained parts depend on, as text.

    Settings that act only while a network learns are left out.
    """
    model = config.model.model_dump(exclude=_ONLY_LEARNING)
    trainer = config.trainer
    batches = (trainer.tokens_per_batch, trainer.max_adverts_per_batch, trainer.precision)
    tensors = module.state_dict()
    weights = weights_sha256({k: one for k, one in tensors.items() if not k.startswith("ngrams.")})
    parts = (data_hash, schema, model, config.augment, config.seed, batches, trainer.device)
    return f"features {parts!r} {weights}"
