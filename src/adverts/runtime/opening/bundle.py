"""Open a bundle, but only if every byte of it is as it was exported."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adverts.advert import LabelSchema
from adverts.errors import InputError, IntegrityError
from adverts.inputs.encoding import TextTokenizer
from adverts.runtime.manifest import (
    COVERAGE_NAME,
    GATE_NAME,
    MANIFEST_NAME,
    MODEL_NAME,
    SEEN_NAME,
    TOKENIZER_NAME,
    BundleManifest,
)
from adverts.runtime.opening.files import BundleFiles, is_plain, open_files
from adverts.runtime.opening.gate_summary import require_passed
from adverts.runtime.opening.network.onnx_check import NetworkFacts, check_model
from adverts.runtime.opening.signature import SIGNATURE_NAME, PublicKey, check_signature
from adverts.runtime.opening.tokenizer.tokenizer_check import read_tokenizer
from adverts.runtime.rules.calibration import FILE_NAME as CALIBRATION_NAME
from adverts.runtime.rules.calibration import Calibration
from adverts.runtime.rules.coverage import Coverage
from adverts.runtime.rules.decision_rules import FILE_NAMES as RULES_NAMES
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.early_exit import FILE_NAME as EXIT_NAME
from adverts.runtime.rules.early_exit import ExitRule
from adverts.runtime.rules.label_facts import FILE_NAME as LABELS_NAME
from adverts.runtime.rules.label_facts import LabelFacts, require_labels
from adverts.runtime.rules.seen_facts import SeenFacts
from adverts.runtime.rules.thresholds import FILE_NAME as THRESHOLDS_NAME
from adverts.runtime.rules.thresholds import Thresholds

_NOT_LISTED = {MANIFEST_NAME, SIGNATURE_NAME}
_NOT_KEPT = {MODEL_NAME, TOKENIZER_NAME}


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle.

    Attributes:
        folder: Path of the bundle: a folder, or a zip archive.
        manifest: Facts about the bundle.
        tokenizer: Tokenizer of the model; None where it reads no tokens.
        rules: Calibration and thresholds of the model.
        label_facts: What a service may do with the labels.
        coverage: What a gate found about languages; empty before the bundle was promoted.
        seen: What the adverts were like that it was judged on; None in a partner's bundle, and in
            one of an earlier release.
        texts: Verified bytes of every other file, by name, e.g. of its examples.
    """

    folder: Path
    manifest: BundleManifest
    tokenizer: TextTokenizer | None
    rules: DecisionRules
    label_facts: LabelFacts
    coverage: Coverage
    seen: SeenFacts | None
    texts: Mapping[str, bytes] = field(repr=False)
    _held: list[bytes] = field(default_factory=list, repr=False, compare=False)
    _source: BundleFiles | None = field(default=None, repr=False)

    def model_bytes(self) -> bytes:
        """Return the content of the ONNX file: the same bytes that were checked.

        Only the first call returns them from memory, so that half a gigabyte can be freed. A later
        call reads and hashes the file again.

        Raises:
            IntegrityError: On a later call, the file has changed.
        """
        try:
            return self._held.pop()
        except IndexError:
            assert self._source is not None, "only an exported model is read from a file"
            return _read_verified(self._source, MODEL_NAME, self.manifest.files[MODEL_NAME])


def open_bundle(
    path: Path, *, public_key: PublicKey | None = None, require_gate: bool = False
) -> Bundle:
    """Read a bundle, each file once: what is hashed is what is checked and what is used.

    Args:
        path: Path of a folder, or of a zip archive of its files, which is never unpacked to disk.
        public_key: Key that must have signed the bundle, see
            :mod:`adverts.runtime.opening.signature`. Without one a signature proves nothing and is
            ignored.
        require_gate: Whether to refuse a bundle that no gate passed.

    Raises:
        InputError: There is no bundle at ``path``, or ``public_key`` is not a public key.
        IntegrityError: A file is missing, differs, is malformed, is not listed in the manifest, is
            too large, or is not an ordinary file; the model or the tokenizer holds more than a
            bundle may; the signature or the gate's record is missing or of another bundle. The
            message names the file.
    """
    source = open_files(path)
    try:
        return _open(source, public_key, require_gate=require_gate)
    except IntegrityError as error:
        if str(error).startswith(str(path)):
            raise
        raise IntegrityError(f"{path}: {error}") from error


def _open(source: BundleFiles, public_key: PublicKey | None, *, require_gate: bool) -> Bundle:
    present = set(source.sizes())
    if MANIFEST_NAME not in present:
        raise InputError(f"{source.path} is not a bundle: it has no {MANIFEST_NAME}")
    manifest_bytes = source.read(MANIFEST_NAME)
    if public_key is not None:
        signature = source.read(SIGNATURE_NAME) if SIGNATURE_NAME in present else None
        check_signature(manifest_bytes, signature, public_key)
    manifest = BundleManifest.from_json(manifest_bytes)
    _check_names(manifest, present)
    texts = {
        name: _read_verified(source, name, sha256)
        for name, sha256 in sorted(manifest.files.items())
        if name not in _NOT_KEPT
    }
    if require_gate:
        require_passed(manifest, texts.get(GATE_NAME))
    model = _read_verified(source, MODEL_NAME, manifest.files[MODEL_NAME])
    facts = check_model(model, manifest.input_spec)
    _check_pictures(manifest, facts)
    return Bundle(
        folder=source.path,
        manifest=manifest,
        tokenizer=_tokenizer(source, manifest, facts),
        rules=_rules(texts, manifest),
        label_facts=_label_facts(texts, manifest.label_schema),
        coverage=_coverage(texts),
        seen=SeenFacts.from_json(texts[SEEN_NAME]) if SEEN_NAME in texts else None,
        texts=texts,
        _held=[model],
        _source=source,
    )


def _read_verified(source: BundleFiles, name: str, sha256: str) -> bytes:
    data = source.read(name)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise IntegrityError(f"{name} is not the file that was exported; copy it again")
    return data


def _rules(texts: Mapping[str, bytes], manifest: BundleManifest) -> DecisionRules:
    """Return the rules; refuse those of another model, which would silently apply to nothing."""
    schema, text = manifest.label_schema, texts.get(EXIT_NAME)
    rules = DecisionRules(
        Calibration.from_json(texts[CALIBRATION_NAME]),
        Thresholds.from_json(texts[THRESHOLDS_NAME]),
        None if text is None else ExitRule.from_json(text),
    )
    labels = {(task.name, label) for task in schema.tasks for label in task.labels}
    rules.calibration.check(schema.tasks)
    require_labels(THRESHOLDS_NAME, rules.thresholds.safeguarding, schema)
    for threshold in rules.thresholds.thresholds:
        if (threshold.task, threshold.label) not in labels:
            raise IntegrityError(
                f"a threshold is for the label {threshold.label!r} of the task "
                f"{threshold.task!r}, which the model does not have"
            )
    if rules.early_exit is not None:
        rules.early_exit.check(schema)
        if not manifest.input_spec.branches:
            raise IntegrityError(f"{EXIT_NAME} is of a model with n-grams, which this one lacks")
    return rules


def _label_facts(texts: Mapping[str, bytes], schema: LabelSchema) -> LabelFacts:
    facts = LabelFacts.from_json(texts[LABELS_NAME])
    facts.check(schema)
    return facts


def _coverage(texts: Mapping[str, bytes]) -> Coverage:
    text = texts.get(COVERAGE_NAME)
    return Coverage() if text is None else Coverage.from_json(text)


def _check_names(manifest: BundleManifest, present: set[str]) -> None:
    listed = set(manifest.files)
    for name in sorted(listed):
        if not is_plain(name) or name in _NOT_LISTED:
            raise IntegrityError(
                f"{MANIFEST_NAME} lists {name[:100]!r}, which is outside the bundle or not "
                "allowed there"
            )
    wanted = {MODEL_NAME, LABELS_NAME, *RULES_NAMES}
    wanted |= {TOKENIZER_NAME} if manifest.input_spec.tokens else set()
    for name in sorted((listed | wanted) - present):
        raise IntegrityError(f"{name} is missing; copy the bundle again")
    for name in sorted((present | wanted) - listed - _NOT_LISTED):
        raise IntegrityError(f"{name} is not listed in {MANIFEST_NAME}; remove it")


def _check_pictures(manifest: BundleManifest, facts: NetworkFacts) -> None:
    image, sizes = manifest.input_spec.image, facts.shapes.get("pixel_values", ())
    if image is not None and any(side not in {0, image.image_px} for side in sizes[-2:]):
        raise IntegrityError(
            f"{MODEL_NAME} takes pictures of {sizes[-2:]} pixels, but {MANIFEST_NAME} says "
            f"{image.image_px}; export the bundle again"
        )


def _tokenizer(
    source: BundleFiles, manifest: BundleManifest, facts: NetworkFacts
) -> TextTokenizer | None:
    """Return the tokenizer if the model reads tokens; verify the file wherever it is listed."""
    sha256 = manifest.files.get(TOKENIZER_NAME)
    if sha256 is None:
        return None
    data = _read_verified(source, TOKENIZER_NAME, sha256)
    tokens, rows = manifest.input_spec.tokens, facts.rows.get("input_ids")
    if tokens is None:
        return None
    if rows is not None and tokens.pad_id >= rows:
        raise IntegrityError(
            f"{MANIFEST_NAME}: pad_id is {tokens.pad_id}, but the model's table has {rows} rows; "
            "export the bundle again"
        )
    return read_tokenizer(data, rows)
