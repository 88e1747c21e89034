"""The manifest of a bundle: what the model is, what made it, and the hashes that prove it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal, TypeVar, get_args

from adverts.advert import LabelSchema
from adverts.errors import InputError, IntegrityError
from adverts.files.bounded_reading import parse_json
from adverts.inputs.pixels import ImageLimits
from adverts.inputs.spec import InputSpec
from adverts.runtime.manifest_fields import (
    Facts,
    parse_count,
    parse_facts,
    parse_facts_list,
    parse_facts_or_none,
    parse_image_limits,
    parse_input_spec,
    parse_label_schema,
    parse_one_of,
    parse_reader_facts,
    parse_scripts,
    parse_text,
    parse_text_or_none,
    parse_texts,
)

SCHEMA_VERSION = "5.0"
"""Version ``major.minor``; a release reads every bundle of its major version. New masking or
folding rules need a new major version, since a model keeps the rules of its training."""
MANIFEST_NAME = "manifest.json"
MODEL_NAME = "model.onnx"
TOKENIZER_NAME = "tokenizer.json"
EXAMPLES_NAME = "examples.json"
COVERAGE_NAME = "coverage.json"
CARD_NAME = "README.md"
GATE_NAME = "gate.json"
PARITY_NAME = "parity.json"
BOM_NAME = "bom.cdx.json"
SEEN_NAME = "seen.json"
_TOLD_AFTERWARDS = (GATE_NAME, COVERAGE_NAME, CARD_NAME, PARITY_NAME, BOM_NAME, SEEN_NAME)

T = TypeVar("T")
Precision = Literal["fp32", "int8"]
Batching = Literal["padded", "alone"]
Audience = Literal["internal", "partner"]


@dataclass(frozen=True, slots=True)
class BundleManifest:
    """Everything about a bundle that is not a weight or a token.

    Attributes:
        name: Name of the model config.
        files: Maps the plain name of every other file, except the signature, to its sha256.
        label_schema: Tasks that the model answers, in the order of its outputs.
        input_spec: How an advert becomes model inputs, with the masking and folding versions.
        image_limits: Largest picture that is accepted.
        precision: Number format of the weights.
        batching: How the model must be run. ``padded``: several adverts in one pass. ``alone``: one
            by one, since its scores would otherwise depend on the other adverts of the pass.
        opset: ONNX operator set of the model.
        runs_on: What the bundle needs and where it was tested: ``onnxruntime`` (a range of
            versions), ``onnxruntime_proved`` (the version of the test) and ``instructions`` of the
            processor of the test, see :func:`adverts.runtime.opening.machine.instructions`.
        ocr: ``engine``, ``version``, ``weights`` (sha256 by role), ``parameters`` and ``key`` of
            the reader whose text the model was trained on; None where it reads no such text.
        dataset: Name, data hash, licence, sensitivity and provenance of the training data.
        training: Commit, tracking run and what chose the checkpoint.
        weights: Pretrained weights that training started from, with their licence.
        parity: Agreement with the checkpoint that the bundle had to show, and showed.
        created_by: Versions of the packages that wrote the bundle.
        packages: ``name``, ``version`` and ``licence`` of each package that a service needs.
        language_identifier: ``package``, ``version`` and ``sha256`` of the identifier of the
            language of adverts that come without one; None where there is no identifier.
        audience: Who the bundle is for: one for a ``partner`` reveals less about how it was made.
        derived_from: Identity of the internal bundle that a partner's was made from; otherwise
            None.
        scripts: ISO 15924 codes of the only scripts that the vocabulary covers; an advert with
            other letters is left to a person. None: the vocabulary is complete.
        schema_version: Version ``major.minor`` of this manifest.
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
    scripts: tuple[str, ...] | None = None
    schema_version: str = SCHEMA_VERSION

    def identity(self) -> str:
        """Return the sha256 of everything that decides the model's answers.

        A promotion adds evidence about a bundle, see :mod:`adverts.runtime.rules.coverage`, and
        does not change the identity. Neither do facts about how the bundle was made.
        """
        decisive: dict[str, object] = {
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
        if self.scripts is not None:  # a bundle that names none keeps the identity it always had
            decisive["scripts"] = self.scripts
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
            IntegrityError: The text is not the manifest of a bundle, or is of another schema
                version; the message names the field.
        """
        try:
            raw = parse_json(text)
        except ValueError as error:
            raise IntegrityError(
                f"{MANIFEST_NAME} is not valid JSON ({error}); copy the bundle again"
            ) from None
        if not isinstance(raw, dict):
            raise IntegrityError(f"{MANIFEST_NAME} is not the manifest of a bundle")
        _check_version(raw.get("schema_version"))
        return cls(
            name=_read(raw, "name", parse_text),
            files=_read(raw, "files", parse_texts),
            label_schema=_read(raw, "label_schema", parse_label_schema),
            input_spec=_read(raw, "input_spec", parse_input_spec),
            image_limits=_read(raw, "image_limits", parse_image_limits),
            precision=_read(raw, "precision", parse_one_of(*get_args(Precision))),
            batching=_read(raw, "batching", parse_one_of(*get_args(Batching))),
            opset=_read(raw, "opset", parse_count),
            runs_on=_read(raw, "runs_on", parse_facts),
            ocr=_read(raw, "ocr", parse_reader_facts),
            dataset=_read(raw, "dataset", parse_facts),
            training=_read(raw, "training", parse_facts),
            weights=_read(raw, "weights", parse_facts_list),
            parity=_read(raw, "parity", parse_facts),
            created_by=_read(raw, "created_by", parse_texts),
            packages=_read(raw, "packages", parse_facts_list),
            language_identifier=_read(raw, "language_identifier", parse_facts_or_none),
            audience=_read(raw, "audience", parse_one_of(*get_args(Audience))),
            derived_from=_read(raw, "derived_from", parse_text_or_none),
            scripts=_read({"scripts": None} | raw, "scripts", parse_scripts),
            schema_version=_read(raw, "schema_version", parse_text),
        )


def _check_version(found: object) -> None:
    major = SCHEMA_VERSION.partition(".")[0]
    if not isinstance(found, str) or found.partition(".")[0] != major:
        raise IntegrityError(
            f"{MANIFEST_NAME}: schema_version is {found!r}, but this release reads {major}.x; "
            "use the release of adverts that wrote the bundle, or export it again"
        )


def _read(raw: Facts, name: str, parse: Callable[[object], T]) -> T:
    if name not in raw:
        raise IntegrityError(f"{MANIFEST_NAME}: {name} is missing; export the bundle again")
    try:
        return parse(raw[name])
    except (KeyError, TypeError, ValueError, InputError) as error:
        raise IntegrityError(f"{MANIFEST_NAME}: {name} is not valid ({error})") from error
