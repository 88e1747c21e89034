"""Build models from a config, or rebuild them from their specification."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from adverts.advert import Task
from adverts.config import ModelConfig, NeuralConfig, TfidfConfig
from adverts.errors import InputError
from adverts.inputs.contacts.masking import MASKING_VERSION
from adverts.inputs.letters.folding import FOLDING_VERSION
from adverts.inputs.spec import HashSpec, InputSpec
from adverts.models.architecture import ModelSpec
from adverts.models.built_model import BuiltModel
from adverts.models.tfidf import LinearNgrams

if TYPE_CHECKING:  # torch and transformers take seconds to load, and tf-idf does not need them
    from adverts.models.hashed_linear import HashedLinear
    from adverts.models.neural_classifier import AdvertModel


def build_model(config: ModelConfig, tasks: Sequence[Task]) -> BuiltModel:
    """Build the model that ``config`` describes, with its pretrained weights.

    The weights of heads, gate and attention pooling are drawn from torch's random generator. A
    ``tfidf`` model is not fitted yet, see :func:`adverts.models.tfidf.fit_tfidf`.

    Raises:
        InputError: There is no task, or the weights cannot be found, read or used.
        IntegrityError: A packaged file has another hash than expected.
        MissingExtraError: The package with the weights is not installed.
    """
    if not tasks:
        raise InputError(f"model={config.name}: no task to predict")
    match config:
        case NeuralConfig():
            from adverts.models.network import build_network

            return build_network(config, tuple(tasks))
        case TfidfConfig():
            return _build_tfidf(config, tuple(tasks))


def rebuild(spec: ModelSpec, *, initialise: bool = False) -> AdvertModel | HashedLinear:
    """Build the module of ``spec`` without its pretrained weights.

    Args:
        spec: The specification.
        initialise: Draw random weights for encoder and tower, which takes seconds. Otherwise they
            have no meaningful weights until a checkpoint is loaded.
    """
    if spec.kind == "tfidf":
        from adverts.models.hashed_linear import HashedLinear

        return HashedLinear(spec.tasks, spec.num_features)
    from adverts.models.network import rebuild_network

    return rebuild_network(spec, initialise=initialise)


def _build_tfidf(config: TfidfConfig, tasks: tuple[Task, ...]) -> BuiltModel:
    num_features = 1 << config.num_features_log2
    spec = ModelSpec(
        kind="tfidf",
        name=config.name,
        inputs=config.inputs,
        tasks=tasks,
        encoder=None,
        tower=None,
        fusion_features=0,
        head_dropout=0.0,
        num_features=num_features,
    )
    input_spec = InputSpec(
        inputs=config.inputs,
        tokens=None,
        hashing=HashSpec(num_features, config.word_ngrams, config.char_ngrams),
        image=None,
        ocr_quality=False,
        masking_version=MASKING_VERSION,
        folding_version=FOLDING_VERSION,
    )
    return BuiltModel(LinearNgrams.empty(tasks, num_features), spec, input_spec, None)
