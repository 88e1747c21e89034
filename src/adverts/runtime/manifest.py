"""The manifest of a bundle: what the model is, what made it, and the hashes that prove it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeGuard, TypeVar, get_args

from adverts.advert import LabelSchema, Task
from adverts.errors import InputError, IntegrityError
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import INPUT_NAMES, InputSpec
from adverts.runtime.coverage import FILE_NAME as COVERAGE_NAME
from adverts.runtime.stored_fields import parse_json

SCHEMA_VERSION = "4.0"
"""``major.minor``: a release reads every bundle of its major version. New masking or folding rules
are a new major version, since a model is used with the rules that it learnt with."""
MANIFEST_NAME = "manifest.json"
MODEL_NAME = "model.onnx"
TOKENIZER_NAME = "tokenizer.json"
EXAMPLES_NAME = "examples.json"
CARD_NAME = "README.md"
GATE_NAME = "gate.json"
PARITY_NAME = "parity.json"
BOM_NAME = "bom.cdx.json"
_TOLD_AFTERWARDS = (GATE_NAME, COVERAGE_NAME, CARD_NAME, PARITY_NAME, BOM_NAME)

T = TypeVar("T")
Facts = Mapping[str, object]
Precision = Literal["fp32", "int8"]
Batching = Literal["padded", "alone"]
Audience = Literal["internal", "partner"]
_MAX_COUNT, _MAX_IMAGE = 2**31 - 1, 2_000_000_000
_MAX_TOKENS, _MAX_SIDE_PX, _MAX_FEATURES, _MAX_NGRAM = 65_536, 4_096, 2**26, 16
_KINDS = ("single", "multi", "ordinal")


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """Everything about a bundle that is not a weight or a token.

    Attributes:
        name: Name of the model config.
        files: sha256 of every other file of the bundle, by plain file name.
        label_schema: The tasks that the model answers, in the order of its outputs.
        input_spec: How an advert becomes model inputs, with the masking and folding versions.
        image_limits: What a picture may be before it is refused.
        precision: Number format of the weights.
        batching: How the model must be run: ``padded``: several adverts in one pass; ``alone``: one
            by one, since its scores would depend on the neighbours of an advert.
        opset: ONNX operator set of the model.
        runs_on: What it needs and was proved on: ``onnxruntime`` (a range of versions),
            ``onnxruntime_proved`` and ``instructions`` (of the processor that proved it).
        ocr: ``engine``, ``version``, ``weights`` (sha256 by role), ``parameters`` and ``key`` of
            the reader whose text the model was trained on; None where it reads none.
        dataset: Name, data hash, licence, sensitivity and provenance of the training data.
        training: Commit, tracking run and what chose the checkpoint.
        weights: Pretrained weights that training started from, with their licence.
        parity: What the bundle had to prove against its checkpoint, and proved.
        created_by: Versions of the packages that wrote the bundle.
        packages: What a service runs it with: ``name``, ``version`` and ``licence`` of each.
        language_identifier: ``package``, ``version`` and ``sha256`` of what tells the language of
            adverts that come without one; None where nothing does.
        audience: For whom it is: a ``partner``'s bundle tells less about how it was made.
        derived_from: Identity of the internal bundle that a partner's was made from; else None.
        schema_version: ``major.minor`` of this manifest.
    """

    name: str
    files: Mapping[str, str]
    label_schema: LabelSchema
    input_spec: InputSpec
    image_limits: ImageLimits
    precision: Precision
    batching: Batching
    opset: int
    runs_on: Facts
    ocr: Facts | None
    dataset: Facts
    training: Facts
    weights: tuple[Facts, ...]
    parity: Facts
    created_by: Mapping[str, str]
    packages: tuple[Facts, ...] = ()
    language_identifier: Facts | None = None
    audience: Audience = "internal"
    derived_from: str | None = None
    schema_version: str = SCHEMA_VERSION

    def identity(self) -> str:
        """Return the sha256 of all that decides what the model says.

        A promotion adds evidence about a bundle, see :mod:`adverts.runtime.coverage`, and does not
        change it; neither do facts about its making.
        """
        decisive = {
            "schema_version": self.schema_version,
            "files": {
                name: sha256 for name, sha256 in self.files.items() if name not in _TOLD_AFTERWARDS
            },
            "label_schema": asdict(self.label_schema),
            "input_spec": asdict(self.input_spec),
            "image_limits": asdict(self.image_limits),
            "precision": self.precision,
            "batching": self.batching,
            "opset": self.opset,
            "ocr": self.ocr,
        }
        text = json.dumps(decisive, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal manifest, and equal manifests equal text."""
        text = json.dumps(
            asdict(self), indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False
        )
        return text + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> BundleManifest:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: It is not the manifest of a bundle, or of another schema version; the
                message names the field.
        """
        try:
            raw = parse_json(text)
        except (ValueError, RecursionError) as error:
            raise IntegrityError(
                f"{MANIFEST_NAME} is not JSON ({error}); copy the bundle again"
            ) from None
        if not isinstance(raw, dict):
            raise IntegrityError(f"{MANIFEST_NAME} is not the manifest of a bundle")
        _check_version(raw.get("schema_version"))
        return cls(
            name=_read(raw, "name", _text),
            files=_read(raw, "files", _texts),
            label_schema=_read(raw, "label_schema", _label_schema),
            input_spec=_read(raw, "input_spec", _input_spec),
            image_limits=_read(raw, "image_limits", _image_limits),
            precision=_read(raw, "precision", _one_of(*get_args(Precision))),
            batching=_read(raw, "batching", _one_of(*get_args(Batching))),
            opset=_read(raw, "opset", _count),
            runs_on=_read(raw, "runs_on", _facts),
            ocr=_read(raw, "ocr", _reader_facts),
            dataset=_read(raw, "dataset", _facts),
            training=_read(raw, "training", _facts),
            weights=_read(raw, "weights", _facts_list),
            parity=_read(raw, "parity", _facts),
            created_by=_read(raw, "created_by", _texts),
            packages=_read(raw, "packages", _facts_list),
            language_identifier=_read(raw, "language_identifier", _facts_or_none),
            audience=_read(raw, "audience", _one_of(*get_args(Audience))),
            derived_from=_read(raw, "derived_from", _text_or_none),
            schema_version=_read(raw, "schema_version", _text),
        )


def _check_version(found: object) -> None:
    major = SCHEMA_VERSION.partition(".")[0]
    if not isinstance(found, str) or found.partition(".")[0] != major:
        raise IntegrityError(
            f"{MANIFEST_NAME}: schema_version is {found!r}, this release reads {major}.x; "
            "use the release of adverts that wrote the bundle, or export it again"
        )


def _read(raw: Facts, name: str, parse: Callable[[object], T]) -> T:
    if name not in raw:
        raise IntegrityError(f"{MANIFEST_NAME}: {name} is missing; export the bundle again")
    try:
        return parse(raw[name])
    except (KeyError, TypeError, ValueError, InputError) as error:
        raise IntegrityError(f"{MANIFEST_NAME}: {name} is not valid ({error})") from error


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"wanted a text, found {type(value).__name__}")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _one_of(*wanted: T) -> Callable[[object], T]:
    def parse(value: object) -> T:
        for known in wanted:
            if value == known and isinstance(value, str):
                return known
        raise ValueError(f"wanted {' or '.join(map(str, wanted))}, found {value!r}")

    return parse


def _count(value: object, most: int = _MAX_COUNT) -> int:
    if not _is_whole(value) or not 1 <= value <= most:
        raise TypeError(f"wanted a whole number from 1 to {most}, found {repr(value)[:60]}")
    return value


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _facts(value: object) -> Facts:
    if not isinstance(value, dict):
        raise TypeError(f"wanted an object, found {type(value).__name__}")
    return value


def _facts_or_none(value: object) -> Facts | None:
    return None if value is None else _facts(value)


def _reader_facts(value: object) -> Facts | None:
    """Return the facts of a reader; one is built again from them, so they must be whole."""
    if value is None:
        return None
    facts = _facts(value)
    for name in ("engine", "version", "key"):
        _text(facts[name])
    _texts(facts["weights"])
    _facts(facts["parameters"])
    return facts


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(f"wanted a list, found {type(value).__name__}")
    return value


def _facts_list(value: object) -> tuple[Facts, ...]:
    return tuple(_facts(item) for item in _items(value))


def _texts(value: object) -> Mapping[str, str]:
    return {name: _text(item) for name, item in _facts(value).items()}


def _image_limits(value: object) -> ImageLimits:
    facts = _facts(value)
    return ImageLimits(
        _count(facts["max_bytes"], _MAX_IMAGE), _count(facts["max_pixels"], _MAX_IMAGE)
    )


def _input_spec(value: object) -> InputSpec:
    facts = _facts(value)
    inputs = [_text(one) for one in _items(facts["inputs"])]
    if len(set(inputs)) < len(inputs) or not set(inputs) <= set(INPUT_NAMES):
        raise ValueError(f"inputs are {inputs}, wanted some of {', '.join(INPUT_NAMES)}")
    for name in ("masking_version", "folding_version"):
        _count(facts[name])
    spec = InputSpec.from_dict(facts)
    if spec.tokens is not None:
        _count(spec.tokens.max_tokens, _MAX_TOKENS)
        _count(spec.tokens.pad_id + 1 if _is_whole(spec.tokens.pad_id) else spec.tokens.pad_id)
        _text(spec.tokens.prefix)
    if spec.image is not None:
        _count(spec.image.image_px, _MAX_SIDE_PX)
    if spec.hashing is not None:
        _hashing(_facts(facts["hashing"]))
    return spec


def _hashing(facts: Facts) -> None:
    _count(facts["num_features"], _MAX_FEATURES)
    for name in ("word_ngrams", "char_ngrams"):
        shortest, longest = (_count(one, _MAX_NGRAM) for one in _items(facts[name]))
        if shortest > longest:
            raise ValueError(f"{name} are from {shortest} to {longest}")


def _label_schema(value: object) -> LabelSchema:
    facts = _facts(value)
    tasks = tuple(_task(_facts(item)) for item in _items(facts["tasks"]))
    names = [task.name for task in tasks]
    headline = _text(facts["headline"])
    if len(set(names)) != len(names) or headline not in names:
        raise ValueError(f"headline {headline!r} among distinct tasks wanted, found {names}")
    return LabelSchema(_text(facts["name"]), tasks, headline)


def _task(facts: Facts) -> Task:
    kind, positive = facts["kind"], facts["positive"]
    labels = tuple(_text(label) for label in _items(facts["labels"]))
    if kind not in _KINDS or not labels or len(set(labels)) != len(labels):
        raise ValueError(f"kind {kind!r} with {len(labels)} labels; wanted distinct labels")
    if positive is not None and positive not in labels:
        raise ValueError(f"positive label {positive!r} is none of the labels")
    return Task(_text(facts["name"]), kind, labels, positive)  # type: ignore[arg-type]
