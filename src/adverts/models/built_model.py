"""A model with what belongs to it, as it is built from a config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adverts.inputs.spec import InputSpec
from adverts.models.architecture import ModelSpec
from adverts.models.tfidf import HashedLinear

if TYPE_CHECKING:  # transformers and its friends take seconds to load, and tf-idf needs none
    from adverts.models.neural_classifier import AdvertModel


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A model with what belongs to it.

    Attributes:
        module: Maps feeds to logits by task.
        spec: Builds the module again.
        input_spec: Turns an advert into feeds.
        tokenizer_json: The tokenizer of the encoder, without padding and truncation.
    """

    module: AdvertModel | HashedLinear
    spec: ModelSpec
    input_spec: InputSpec
    tokenizer_json: str | None
