"""Schema of the models: text encoder, image tower, fusion, and hashed n-grams."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, Field, model_validator

from adverts.config.base import Config
from adverts.inputs.spec import MAX_NGRAM

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
    text_form: Literal["raw", "folded"] = Field(
        description="which text is read: as it is written, or folded (disguised letters undone, "
        "small letters)"
    )
    max_tokens: int = Field(
        ge=8, le=8192, description="tokens of an advert that are read; what is longer is cut"
    )
    pooling: Literal["mean", "attention", "first"] = Field(
        description="mean of the features of all tokens, a learnt attention, or the first token"
    )
    freeze_word_table: bool = Field(description="do not train the embeddings of words")
    freeze_layers: int | None = Field(
        ge=0, description="this many layers, from the input, are not trained; null: the first third"
    )
    read_layers: Literal["last", "thirds"] = Field(
        description="layers whose features are pooled: the last, or side by side those after each "
        "third of the encoder, such as 4, 8 and 12"
    )
    dropout: float = Field(ge=0, lt=1, description="inside the encoder")


class TowerConfig(Config):
    """The image tower."""

    weights: Weights
    image_px: int = Field(ge=32, le=1024, description="side to which pictures are scaled")
    freeze: bool = Field(description="do not train the tower, only what follows it")


class NgramsConfig(Config):
    """Hashed word and character n-grams with logistic regression."""

    num_features_log2: int = Field(
        ge=10, le=24, description="number of hashed features, as a power of 2"
    )
    word_ngrams: tuple[int, int] = Field(description="shortest and longest run of words")
    char_ngrams: tuple[int, int] = Field(description="shortest and longest run of letters")
    inverse_regularisation: float = Field(gt=0, description="C of the logistic regression")

    @model_validator(mode="after")
    def _ngrams_are_lengths(self) -> Self:
        for name in ("word_ngrams", "char_ngrams"):
            shortest, longest = getattr(self, name)
            if not 1 <= shortest <= longest <= MAX_NGRAM:
                raise ValueError(
                    f"{name}=[{shortest}, {longest}] must be the shortest and the longest length, "
                    f"from 1 to {MAX_NGRAM}"
                )
        return self


def shipped_ngrams() -> NgramsConfig:
    """Return the n-grams of the baseline as they ship; no setting of a run changes them."""
    path = files("adverts.configs").joinpath("model/ngrams/hashed.yaml")
    return NgramsConfig.model_validate(yaml.safe_load(path.read_text("utf-8")))


class NeuralConfig(Config):
    """A network (encoder for texts, tower for pictures, gated fusion) and the n-grams beside it."""

    kind: Literal["neural"]
    name: str = Field(description="name of the model in tables and run folders")
    inputs: tuple[Literal["text", "ocr", "image"], ...] = Field(
        min_length=1,
        description="parts of an advert that it reads; ocr is the text of its pictures",
    )
    encoder: EncoderConfig | None
    tower: TowerConfig | None
    ngrams: NgramsConfig | None = Field(
        description="a branch whose calibrated logits are averaged with those of the network; "
        "null: the network alone"
    )
    fusion: Literal["gated", "concatenated"] = Field(
        description="gated: a learnt gate weighs the parts; concatenated: heads are linear in all "
        "parts, as trainer.method=frozen always has it"
    )
    fusion_features: int = Field(gt=0, description="width D in which a gate fuses the parts")
    head_dropout: float = Field(
        ge=0, lt=1, description="share of the features that each step hides from the heads"
    )
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
        if self.ngrams is not None and self.encoder is None:
            raise ValueError("give ngrams only if inputs has text or ocr; otherwise ngrams=null")
        return self


class TfidfConfig(NgramsConfig):
    """The tf-idf model: the hashed n-grams alone."""

    kind: Literal["tfidf"]
    name: str = Field(description="name of the model in tables and run folders")
    inputs: tuple[Literal["text", "ocr"], ...] = Field(
        min_length=1, description="texts that it reads; ocr is the text of pictures"
    )


ModelConfig = Annotated[NeuralConfig | TfidfConfig, Field(discriminator="kind")]
