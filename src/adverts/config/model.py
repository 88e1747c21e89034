"""Schema of the models: text encoder, image tower, fusion, and tf-idf."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from adverts.config.base import Config

_WEIGHTS_FORMS = "package:<name>, path:<folder> or hub:<id>@<commit of 40 hex digits>"


def _names_weights(value: str) -> str:
    if not re.fullmatch(r"package:[a-z0-9_.-]+|path:.+|hub:[^@]+@[0-9a-f]{40}", value):
        raise ValueError(_WEIGHTS_FORMS)
    return value


Weights = Annotated[str, AfterValidator(_names_weights), Field(description=_WEIGHTS_FORMS)]


class EncoderConfig(Config):
    """The multilingual text encoder."""

    weights: Weights
    prefix: str = Field(description="put before the first segment; E5 wants 'query: '")
    max_tokens: int = Field(ge=8, le=8192)
    pooling: Literal["mean", "attention", "first"]
    freeze_word_table: bool
    freeze_layers: int = Field(
        ge=0, description="this many layers, from the input, are not trained"
    )
    dropout: float = Field(ge=0, lt=1, description="inside the encoder")


class TowerConfig(Config):
    """The image tower."""

    weights: Weights
    image_px: int = Field(ge=32, le=1024)
    freeze: bool = Field(description="do not train the tower, only what follows it")


class NeuralConfig(Config):
    """A neural model: an encoder for caption and OCR text, a tower for pictures, gated fusion."""

    kind: Literal["neural"]
    name: str
    inputs: tuple[Literal["text", "ocr", "image"], ...] = Field(min_length=1)
    encoder: EncoderConfig | None
    tower: TowerConfig | None
    fusion_features: int = Field(gt=0, description="width D in which the parts are fused")
    head_dropout: float = Field(ge=0, lt=1)
    modality_dropout: float = Field(
        ge=0, lt=1, description="chance that a present part is hidden, never the last one"
    )

    @model_validator(mode="after")
    def _parts_match_inputs(self) -> Self:
        if len(set(self.inputs)) != len(self.inputs):
            raise ValueError(f"inputs must differ, got {self.inputs}")
        if (self.encoder is None) == bool({"text", "ocr"} & set(self.inputs)):
            raise ValueError("give encoder if inputs has text or ocr, and only then")
        if (self.tower is None) == ("image" in self.inputs):
            raise ValueError("give tower if inputs has image, and only then")
        return self


class TfidfConfig(Config):
    """The tf-idf model: hashed word and character n-grams with logistic regression."""

    kind: Literal["tfidf"]
    name: str
    inputs: tuple[Literal["text", "ocr"], ...] = Field(min_length=1)
    num_features_log2: int = Field(ge=10, le=24)
    word_ngrams: tuple[int, int]
    char_ngrams: tuple[int, int]
    inverse_regularisation: float = Field(gt=0, description="C of the logistic regression")

    @model_validator(mode="after")
    def _ngrams_are_lengths(self) -> Self:
        for name in ("word_ngrams", "char_ngrams"):
            shortest, longest = getattr(self, name)
            if not 1 <= shortest <= longest:
                raise ValueError(
                    f"{name}=[{shortest}, {longest}] must be the shortest and the longest length, "
                    "from 1 on"
                )
        return self


ModelConfig = Annotated[NeuralConfig | TfidfConfig, Field(discriminator="kind")]
