"""A model built from a config, with its specifications and tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adverts.inputs.spec import InputSpec
from adverts.models.architecture import ModelSpec
from adverts.models.tfidf import HashedLinear

if TYPE_CHECKING:  # transformers takes seconds to load, and tf-idf does not need it
    from adverts.models.neural_classifier import AdvertModel


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A model with its specifications and tokenizer.

    Attributes:
        module: Maps feeds to logits by task.
        spec: Specification from which the module can be rebuilt.
        input_spec: Specification of how an advert becomes feeds.
        tokenizer_json: Tokenizer of the encoder without padding and truncation; None if the model
            has no tokens.
    """

    module: AdvertModel | HashedLinear
    spec: ModelSpec
    input_spec: InputSpec
    tokenizer_json: str | None
