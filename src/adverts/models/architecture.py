"""Everything needed to build a module again without its original weights; JSON, no config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adverts.advert import Task
from adverts.inputs.spec import InputName

PoolingName = Literal["mean", "attention", "first"]
JsonObject = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class EncoderSpec:
    """A text encoder.

    Attributes:
        weights: Where the pretrained weights came from.
        config: The Hugging Face configuration, dropout included.
        pooling: How token features become one vector.
        freeze_word_table: The table of word embeddings does not learn.
        freeze_layers: So many layers, from the input, do not learn.
    """

    weights: str
    config: JsonObject
    pooling: PoolingName
    freeze_word_table: bool
    freeze_layers: int


@dataclass(frozen=True, slots=True)
class TowerSpec:
    """An image tower.

    Attributes:
        weights: Where the pretrained weights came from.
        library: Which library builds the body.
        architecture: ``timm`` name; the model type for Hugging Face.
        arguments: Arguments of the ``timm`` model, or the Hugging Face configuration.
        features: Width of the features.
        mean: Per channel, of pixels in [0, 1].
        std: Per channel, likewise.
        freeze: The body does not learn.
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
    """One member of the model family.

    Attributes:
        kind: ``neural`` (encoder, tower, fusion, heads) or ``tfidf``.
        name: Name of the model config.
        inputs: Which parts of an advert it reads.
        tasks: One head for each, in this order.
        encoder: Set where it reads ``text`` or ``ocr`` with a transformer.
        tower: Set where it reads ``image``.
        fusion_features: Common width of the fused parts; unused with one part.
        head_dropout: Before the heads.
        num_features: Size of the hashed feature space of ``tfidf``; 0 for ``neural``.
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
