"""Everything needed to build a module again without its original weights; JSON, no config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from adverts.advert import Task
from adverts.errors import InputError
from adverts.inputs.spec import INPUT_NAMES, InputName
from adverts.models.pooling import PoolingName

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

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON values; :meth:`from_dict` gives an equal spec."""
        return asdict(self)

    @classmethod
    def from_dict(cls, raw: JsonObject) -> ModelSpec:
        """Read what :meth:`to_dict` wrote, also after a trip through JSON.

        Raises:
            InputError: A key is missing or unknown, or a value has the wrong type.
        """
        try:
            values = dict(raw)
            values["inputs"] = _inputs(values["inputs"])
            values["tasks"] = tuple(_task(task) for task in values["tasks"])  # type: ignore[attr-defined]
            values["encoder"] = _encoder(values["encoder"])
            values["tower"] = _tower(values["tower"])
            return cls(**values)  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"not a model specification: {error}") from error


def _inputs(raw: object) -> tuple[InputName, ...]:
    wanted = list(raw)  # type: ignore[call-overload]
    unknown = set(wanted) - set(INPUT_NAMES)
    if unknown or not wanted:
        raise ValueError(f"inputs={wanted}, wanted some of {INPUT_NAMES}")
    return tuple(wanted)


def _task(raw: JsonObject) -> Task:
    return Task(**{**raw, "labels": tuple(raw["labels"])})  # type: ignore[arg-type]


def _encoder(raw: object) -> EncoderSpec | None:
    return None if raw is None else EncoderSpec(**raw)  # type: ignore[arg-type]


def _tower(raw: object) -> TowerSpec | None:
    if raw is None:
        return None
    values: dict[str, object] = {**raw}  # type: ignore[dict-item]
    values["mean"], values["std"] = tuple(values["mean"]), tuple(values["std"])  # type: ignore[arg-type]
    return TowerSpec(**values)  # type: ignore[arg-type]
