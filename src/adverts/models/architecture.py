"""Specifications from which a model can be rebuilt without its config or pretrained weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adverts.advert import Task
from adverts.inputs.spec import InputName

PoolingName = Literal["mean", "attention", "first"]
FusionName = Literal["gated", "concatenated"]
JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """Specification of a text encoder.

    Attributes:
        weights: Source of the pretrained weights.
        config: The Hugging Face configuration, including dropout.
        pooling: How token features become one vector.
        freeze_word_table: Whether the table of word embeddings stays unchanged in training.
        freeze_layers: Number of layers, counted from the input, that stay unchanged.
        read_layers: Layers whose features are put side by side; empty: the last one alone.
    """

    weights: str
    config: JsonObject
    pooling: PoolingName
    freeze_word_table: bool
    freeze_layers: int
    read_layers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class TowerSpec:
    """Specification of an image tower.

    Attributes:
        weights: Source of the pretrained weights.
        library: Library that builds the body.
        architecture: ``timm`` name; the model type for Hugging Face.
        arguments: Arguments of the ``timm`` model, or the Hugging Face configuration.
        features: Width of the features.
        mean: Mean of each channel, for pixels in [0, 1].
        std: Standard deviation of each channel, for pixels in [0, 1].
        freeze: Whether the body stays unchanged in training.
    """

    weights: str
    library: Literal["timm", "huggingface"]
    architecture: str
    arguments: JsonObject
    features: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    freeze: bool


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """Specification of a model.

    Attributes:
        kind: ``neural`` (encoder, tower, fusion, heads, and n-grams beside them) or ``tfidf``.
        name: Name of the model config.
        inputs: The parts of an advert that it reads.
        tasks: Tasks of the heads, in this order.
        encoder: Text encoder; None if no transformer reads ``text`` or ``ocr``.
        tower: Image tower; None if it does not read ``image``.
        fusion_features: Common width of the parts that a gate fuses; otherwise unused.
        head_dropout: Dropout rate before the heads.
        num_features: Size of the hashed feature space; 0 for a network without n-grams.
        fusion: How several parts become one vector.
    """

    kind: Literal["neural", "tfidf"]
    name: str
    inputs: tuple[InputName, ...]
    tasks: tuple[Task, ...]
    encoder: EncoderSpec | None
    tower: TowerSpec | None
    fusion_features: int
    head_dropout: float
    num_features: int
    fusion: FusionName = "gated"
