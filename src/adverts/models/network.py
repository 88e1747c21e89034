"""Build neural classifiers from a config, or rebuild them from their specification."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer
from transformers import AutoTokenizer, PretrainedConfig, PreTrainedModel

from adverts.advert import Task
from adverts.config import EncoderConfig, NeuralConfig, TowerConfig
from adverts.errors import InputError
from adverts.inputs.contacts.masking import MASKING_VERSION
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.quality_features import QUALITY_FEATURES
from adverts.inputs.spec import HashSpec, ImageSpec, InputSpec, TokenSpec
from adverts.models.architecture import EncoderSpec, ModelSpec, TowerSpec
from adverts.models.built_model import BuiltModel
from adverts.models.encoder import (
    TextEncoder,
    build_blank,
    config_values,
    longest_sequence,
    read_config,
    read_pretrained,
    set_dropout,
)
from adverts.models.neural_classifier import AdvertModel
from adverts.models.ngram_branch import NgramBranch
from adverts.models.pooling import build_pooling
from adverts.models.tower import ImageTower
from adverts.models.tower_body import read_tower, rebuild_tower
from adverts.models.weights import locate


@dataclass(frozen=True, slots=True)
class _Text:
    """A pretrained encoder with its specification and tokenizer."""

    encoder: TextEncoder
    spec: EncoderSpec
    tokens: TokenSpec
    tokenizer_json: str


def build_network(config: NeuralConfig, tasks: tuple[Task, ...]) -> BuiltModel:
    """Build a neural model as :func:`adverts.models.build_model.build_model` does."""
    text = _read_text(config.encoder) if config.encoder is not None else None
    tower, tower_spec = _read_tower(config.tower) if config.tower is not None else (None, None)
    spec = ModelSpec(
        kind="neural",
        name=config.name,
        inputs=config.inputs,
        tasks=tasks,
        encoder=text.spec if text is not None else None,
        tower=tower_spec,
        fusion=config.fusion,
        fusion_features=config.fusion_features,
        head_dropout=config.head_dropout,
        num_features=1 << config.ngrams.num_features_log2 if config.ngrams is not None else 0,
    )
    input_spec = InputSpec(
        inputs=config.inputs,
        tokens=text.tokens if text is not None else None,
        hashing=(
            HashSpec(spec.num_features, config.ngrams.word_ngrams, config.ngrams.char_ngrams)
            if config.ngrams is not None
            else None
        ),
        image=ImageSpec(config.tower.image_px) if config.tower is not None else None,
        ocr_quality="ocr" in config.inputs,
        masking_version=MASKING_VERSION,
        folding_version=FOLDING_VERSION,
    )
    module = _assemble(spec, text.encoder if text is not None else None, tower)
    return BuiltModel(module, spec, input_spec, text.tokenizer_json if text is not None else None)


def rebuild_network(spec: ModelSpec, *, initialise: bool) -> AdvertModel:
    """Rebuild a neural model as :func:`adverts.models.build_model.rebuild` does."""
    encoder = None
    if spec.encoder is not None:
        model = build_blank(read_config(spec.encoder.config), initialise=initialise)
        encoder = _freezing(model, spec.encoder)
    tower = rebuild_tower(spec.tower, initialise=initialise) if spec.tower is not None else None
    return _assemble(spec, encoder, tower)


def _assemble(
    spec: ModelSpec, encoder: TextEncoder | None, tower: ImageTower | None
) -> AdvertModel:
    pooling = None
    if encoder is not None and spec.encoder is not None:
        pooling = build_pooling(spec.encoder.pooling, encoder.features)
    return AdvertModel(
        spec.tasks,
        encoder=encoder,
        pooling=pooling,
        tower=tower,
        fusion=spec.fusion,
        fusion_features=spec.fusion_features,
        quality_features=len(QUALITY_FEATURES) if "ocr" in spec.inputs else 0,
        head_dropout=spec.head_dropout,
        ngrams=NgramBranch(spec.tasks, spec.num_features) if spec.num_features else None,
    )


def _read_tower(config: TowerConfig) -> tuple[ImageTower, TowerSpec]:
    return read_tower(
        locate(config.weights),
        weights=config.weights,
        image_px=config.image_px,
        freeze=config.freeze,
    )


def _read_text(config: EncoderConfig) -> _Text:
    folder = locate(config.weights)
    hub_config = read_config(folder)
    longest = longest_sequence(hub_config)
    if config.max_tokens > longest:
        raise InputError(
            f"max_tokens={config.max_tokens}, but {config.weights} reads at most {longest}"
        )
    set_dropout(hub_config, config.dropout)
    vocab_size = getattr(hub_config, "vocab_size", None)
    if vocab_size is None:
        raise InputError(f"{config.weights} ({hub_config.model_type}) is not an encoder of text")
    tokenizer_json = _read_tokenizer(folder, vocab_size)
    spec = EncoderSpec(
        weights=config.weights,
        config=config_values(hub_config),
        pooling=config.pooling,
        freeze_word_table=config.freeze_word_table,
        freeze_layers=_frozen_layers(config, hub_config),
        read_layers=_thirds(hub_config) if config.read_layers == "thirds" else (),
    )
    return _Text(
        encoder=_freezing(read_pretrained(folder, hub_config), spec),
        spec=spec,
        tokens=TokenSpec(
            config.max_tokens, config.prefix, hub_config.pad_token_id or 0, config.text_form
        ),
        tokenizer_json=tokenizer_json,
    )


def _thirds(config: PretrainedConfig) -> tuple[int, ...]:
    """Return the layers after each third of an encoder, counted from 1, the last one included."""
    layers: int = config.num_hidden_layers
    return tuple(sorted({max(1, round(layers * third / 3)) for third in (1, 2, 3)}))


def _frozen_layers(config: EncoderConfig, hub_config: PretrainedConfig) -> int:
    return _thirds(hub_config)[0] if config.freeze_layers is None else config.freeze_layers


def _freezing(model: PreTrainedModel, spec: EncoderSpec) -> TextEncoder:
    return TextEncoder(
        model,
        freeze_word_table=spec.freeze_word_table,
        freeze_layers=spec.freeze_layers,
        read_layers=spec.read_layers,
    )


def _read_tokenizer(folder: Path, vocab_size: int) -> str:
    """Return the tokenizer of an encoder as JSON, without truncation and padding."""
    path = folder / "tokenizer.json"
    changed_ns = path.stat().st_mtime_ns if path.is_file() else 0
    return _tokenizer_json(folder, vocab_size, changed_ns)


@functools.lru_cache(maxsize=1)  # the trials of a study read the same one, which takes a second
def _tokenizer_json(folder: Path, vocab_size: int, changed_ns: int) -> str:
    del changed_ns  # of the file: another one is read again
    path = folder / "tokenizer.json"
    tokenizer = _stored_tokenizer(path) if path.is_file() else _made_tokenizer(folder)
    # without its files, transformers makes a tokenizer of only the special tokens
    if not vocab_size // 2 < tokenizer.get_vocab_size() <= vocab_size:
        raise InputError(
            f"{folder}: a tokenizer of {tokenizer.get_vocab_size()} pieces for an encoder of "
            f"{vocab_size}; the folder needs the tokenizer.json of its encoder"
        )
    tokenizer.no_truncation()
    tokenizer.no_padding()
    stored: str = tokenizer.to_str()
    return stored


def _stored_tokenizer(path: Path) -> Tokenizer:
    try:
        return Tokenizer.from_file(str(path))
    except Exception as error:  # the library raises nothing narrower
        raise InputError(f"{path} is damaged or not a tokenizer; fetch it again") from error


def _made_tokenizer(folder: Path) -> Tokenizer:
    try:
        made = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        tokenizer: Tokenizer = made.backend_tokenizer
        return tokenizer
    except (OSError, ValueError, AttributeError, ImportError) as error:
        raise InputError(f"{folder}: there is no tokenizer.json, and none can be made") from error
