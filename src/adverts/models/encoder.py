"""The text encoder: a Hugging Face transformer that maps tokens to features.

Shape suffixes: ``B`` adverts, ``T`` tokens, ``D`` features.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn
from transformers import MODEL_MAPPING, AutoConfig, AutoModel, PretrainedConfig, PreTrainedModel
from transformers.initialization import no_init_weights
from transformers.utils import logging as transformers_logging

from adverts.errors import InputError, first_line
from adverts.models.one_dnn import use_one_dnn

_DROPOUT_NAMES = (
    "hidden_dropout_prob",
    "attention_probs_dropout_prob",
    "dropout",
    "attention_dropout",
    "embedding_dropout",
    "mlp_dropout",
)
# code from a checkpoint is never executed
_LOCAL: dict[str, bool] = {"local_files_only": True, "trust_remote_code": False}
# transformers 5 keeps the dtype of the file; eager attention can be exported and is faster on CPU
_ARGUMENTS: dict[str, object] = {"dtype": torch.float32, "attn_implementation": "eager"}


class TextEncoder(nn.Module):
    """A transformer whose word table and first layers can be frozen.

    Frozen parts need no gradient; frozen layers also stay in evaluation mode. With
    ``freeze_layers`` the embeddings are frozen too, so autograd records nothing before the first
    layer that learns.

    Args:
        model: A Hugging Face encoder without a pooler.
        freeze_word_table: Freeze the word embeddings, the largest part of a multilingual encoder.
        freeze_layers: Number of layers to freeze, counted from the input.
        read_layers: Layers whose token features are put side by side, counted from 1 at the input;
            empty: the last one alone.

    Raises:
        InputError: ``freeze_layers`` or one of ``read_layers`` is larger than the number of layers.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        *,
        freeze_word_table: bool,
        freeze_layers: int,
        read_layers: Sequence[int] = (),
    ) -> None:
        super().__init__()
        use_one_dnn(model)
        self.model = model
        self.read_layers, self.frozen_layers = tuple(read_layers), freeze_layers
        self.features: int = model.config.hidden_size * max(1, len(self.read_layers))
        self.takes_types = takes_token_types(model)
        layers = transformer_layers(model)
        asked = {"freeze_layers": freeze_layers, "read_layers": max(self.read_layers, default=0)}
        for name, layer in asked.items():
            if layer > len(layers):
                raise InputError(f"{name}={layer}, but the encoder has {len(layers)} layers")
        if freeze_word_table:
            model.get_input_embeddings().requires_grad_(False)
        self._frozen = (_embeddings(model), *layers[:freeze_layers]) if freeze_layers else ()
        for module in self._frozen:
            module.requires_grad_(False)
        self.train(self.training)

    def train(self, mode: bool = True) -> Self:  # noqa: FBT001, FBT002 - the signature of nn.Module
        """Set the training mode of everything that is not frozen."""
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

    def forward(
        self, input_ids_BT: Tensor, attention_mask_BT: Tensor, token_type_ids_BT: Tensor | None
    ) -> Tensor:
        """Return token features ``(B, T, D)``; a model without token types ignores them."""
        types = {"token_type_ids": token_type_ids_BT} if self.takes_types else {}
        output = self.model(
            input_ids=input_ids_BT,
            attention_mask=attention_mask_BT,
            output_hidden_states=bool(self.read_layers),
            **types,
        )
        if not self.read_layers:
            features_BTD: Tensor = output.last_hidden_state
            return features_BTD
        # the first of the hidden states are the embeddings
        return torch.cat([output.hidden_states[layer] for layer in self.read_layers], dim=-1)


def takes_token_types(model: PreTrainedModel) -> bool:
    """Return whether the encoder distinguishes the segments of a pair by token types."""
    accepted = "token_type_ids" in inspect.signature(model.forward).parameters
    return accepted and getattr(model.config, "type_vocab_size", 0) > 1


def transformer_layers(model: PreTrainedModel) -> tuple[nn.Module, ...]:
    """Return the layers of a transformer, in order from the input.

    Raises:
        InputError: The module has no list with the number of layers that its config states.
    """
    count = model.config.num_hidden_layers
    for module in model.modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return tuple(module)
    raise InputError(
        f"{type(model).__name__} has no list of {count} layers, so it is not a transformer encoder"
    )


def _embeddings(model: PreTrainedModel) -> nn.Module:
    embeddings = getattr(model, "embeddings", None)
    found = embeddings if isinstance(embeddings, nn.Module) else model.get_input_embeddings()
    assert isinstance(found, nn.Module)
    return found


def read_config(source: Path | Mapping[str, object]) -> PretrainedConfig:
    """Read a Hugging Face config from a folder or from its JSON values.

    Raises:
        InputError: It cannot be read, or names no architecture of the installed transformers.
    """
    try:
        if isinstance(source, Path):
            config: PretrainedConfig = AutoConfig.from_pretrained(source, **_LOCAL)
        else:
            config = AutoConfig.for_model(**source)
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = first_line(error).partition(". ")[0]
        raise InputError(f"not a Hugging Face configuration: {reason}") from error
    return config


def config_values(config: PretrainedConfig) -> dict[str, object]:
    """Return all values of a config as JSON values, which :func:`read_config` can read."""
    values: dict[str, object] = json.loads(config.to_json_string(use_diff=False))
    return values


def set_dropout(config: PretrainedConfig, rate: float) -> None:
    """Set every dropout rate of the encoder to ``rate``."""
    for name in _DROPOUT_NAMES:
        if isinstance(getattr(config, name, None), float | int):
            setattr(config, name, rate)


def build_blank(config: PretrainedConfig, *, initialise: bool) -> PreTrainedModel:
    """Return the model that ``config`` describes, in float32, without pretrained weights.

    Args:
        config: A Hugging Face configuration.
        initialise: Draw random weights, which takes 10 s for a multilingual word table. Otherwise
            every parameter is zero until a checkpoint is loaded.
    """
    with nullcontext() if initialise else no_init_weights():
        model: PreTrainedModel = AutoModel.from_config(config, **_ARGUMENTS, **_no_pooler(config))
    if not initialise:
        for parameter in model.parameters():
            nn.init.zeros_(parameter)
    return model


def read_pretrained(folder: Path, config: PretrainedConfig) -> PreTrainedModel:
    """Read a pretrained encoder from a folder of safetensors, in float32.

    Raises:
        InputError: The folder lacks weights of the encoder, or has them in another shape.
    """
    with _quiet():
        model, report = AutoModel.from_pretrained(
            folder,
            config=config,
            use_safetensors=True,
            output_loading_info=True,
            ignore_mismatched_sizes=True,  # reported below, with missing weights
            **_LOCAL,
            **_ARGUMENTS,
            **_no_pooler(config),
        )
    missing = sorted(report["missing_keys"])
    if missing or report["mismatched_keys"]:
        raise InputError(
            f"{folder}: {len(missing)} weights of {type(model).__name__} are missing, "
            f"{len(report['mismatched_keys'])} have another shape, e.g. {missing[:1]}"
        )
    pretrained: PreTrainedModel = model
    return pretrained


def _no_pooler(config: PretrainedConfig) -> dict[str, bool]:
    model_class = MODEL_MAPPING.get(type(config), None)
    if not inspect.isclass(model_class):
        return {}
    accepted = inspect.signature(model_class).parameters
    return {"add_pooling_layer": False} if "add_pooling_layer" in accepted else {}


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the loading bar and the table of unused weights (poolers, language-model heads)."""
    verbosity, bar = (
        transformers_logging.get_verbosity(),
        transformers_logging.is_progress_bar_enabled(),
    )
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(verbosity)
        if bar:
            transformers_logging.enable_progress_bar()


def longest_sequence(config: PretrainedConfig) -> int:
    """Return the largest number of tokens that an encoder accepts; 2**20 if it has no limit."""
    positions: int | None = getattr(config, "max_position_embeddings", None)
    if positions is None or positions < 1:
        return 1 << 20
    # models of the RoBERTa family count positions from the one after their padding id
    offset_family = config.model_type in {"roberta", "xlm-roberta", "xlm-roberta-xl", "camembert"}
    return positions - (config.pad_token_id + 1 if offset_family else 0)
