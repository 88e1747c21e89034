"""A model built from a config, with its specifications and tokenizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adverts.inputs.spec import BranchName, InputSpec
from adverts.models.architecture import ModelSpec
from adverts.models.tfidf import LinearNgrams

if TYPE_CHECKING:  # torch and transformers take seconds to load, and tf-idf does not need them
    from torch import Tensor, nn

    from adverts.models.neural_classifier import AdvertModel


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A model with its specifications and tokenizer.

    Attributes:
        module: Maps feeds to logits by task; of tf-idf, its map of hashed n-grams.
        spec: Specification from which the module can be rebuilt.
        input_spec: Specification of how an advert becomes feeds.
        tokenizer_json: Tokenizer of the encoder without padding and truncation; None if the model
            has no tokens.
    """

    module: AdvertModel | LinearNgrams
    spec: ModelSpec
    input_spec: InputSpec
    tokenizer_json: str | None

    @property
    def network(self) -> AdvertModel:
        """The module of a network; tf-idf has none."""
        assert not isinstance(self.module, LinearNgrams)
        return self.module


def with_branches(
    module: nn.Module, feeds: Mapping[str, Tensor]
) -> tuple[dict[str, Tensor], dict[BranchName, dict[str, Tensor]]]:
    """Return the logits of a model, and the calibrated logits of each branch, if it has any.

    Args:
        module: A model of this package.
        feeds: Result of ``adverts.inputs.encoding.collate`` as tensors.
    """
    whole = getattr(module, "with_branches", None)
    return (module(feeds), {}) if whole is None else whole(feeds)
