"""Open a bundle only if every byte of it is the byte that was exported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer

from adverts.advert import LabelSchema
from adverts.errors import InputError, IntegrityError
from adverts.file_hash import file_sha256
from adverts.runtime.coverage import FILE_NAME as COVERAGE_NAME
from adverts.runtime.coverage import Coverage
from adverts.runtime.decision_rules import FILE_NAMES as RULES_NAMES
from adverts.runtime.decision_rules import DecisionRules, read_rules
from adverts.runtime.label_facts import FILE_NAME as LABELS_NAME
from adverts.runtime.label_facts import LabelFacts
from adverts.runtime.manifest import (
    MANIFEST_NAME,
    MODEL_NAME,
    TOKENIZER_NAME,
    BundleManifest,
)

_MAX_MANIFEST_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Bundle:
    """A verified bundle.

    Attributes:
        folder: Where it stands.
        manifest: Facts about it.
        tokenizer: None where the model reads no tokens.
        rules: Calibration and thresholds.
        label_facts: What a service may do with its labels.
        coverage: What a gate found about languages; empty before it was promoted.
    """

    folder: Path
    manifest: BundleManifest
    tokenizer: Tokenizer | None
    rules: DecisionRules
    label_facts: LabelFacts
    coverage: Coverage

    @property
    def model(self) -> Path:
        """The ONNX file."""
        return self.folder / MODEL_NAME


def open_bundle(folder: Path) -> Bundle:
    """Read a bundle after hashing every file of it.

    Raises:
        InputError: There is no bundle at ``folder``.
        IntegrityError: A file is missing, differs, is not listed in the manifest, or is not an
            ordinary file; or the manifest or tokenizer is malformed. The message names the file.
    """
    if not (folder / MANIFEST_NAME).is_file():
        raise InputError(f"{folder} is not a bundle: it has no {MANIFEST_NAME}")
    present = _ordinary_files(folder)
    manifest = BundleManifest.from_json(_manifest_bytes(folder))
    _check_names(folder, manifest, present)
    for name, sha256 in sorted(manifest.files.items()):
        if file_sha256(folder / name) != sha256:
            raise IntegrityError(
                f"{folder}: {name} is not the file that was exported; copy it again"
            )
    return _read(folder, manifest)


def _read(folder: Path, manifest: BundleManifest) -> Bundle:
    try:
        rules = read_rules(folder)
        _check_rules(rules, manifest.label_schema)
        label_facts = LabelFacts.from_json((folder / LABELS_NAME).read_bytes())
        coverage = Coverage()
        if COVERAGE_NAME in manifest.files:
            coverage = Coverage.from_json((folder / COVERAGE_NAME).read_bytes())
    except IntegrityError as error:
        raise IntegrityError(f"{folder}: {error}") from error
    tokenizer = _tokenizer(folder, manifest)
    return Bundle(folder, manifest, tokenizer, rules, label_facts, coverage)


def _check_rules(rules: DecisionRules, schema: LabelSchema) -> None:
    """Refuse rules of another model: they would be applied to nothing, without a word."""
    labels = {(task.name, label) for task in schema.tasks for label in task.labels}
    rules.calibration.check(schema.tasks)
    for threshold in rules.thresholds.thresholds:
        if (threshold.task, threshold.label) not in labels:
            raise IntegrityError(
                f"a threshold is of the label {threshold.label!r} of the task "
                f"{threshold.task!r}, which it lacks"
            )


def _ordinary_files(folder: Path) -> set[str]:
    """Names of what lies in the folder; a link, a folder or a device is refused."""
    with os.scandir(folder) as entries:
        found = {entry.name: entry.is_file(follow_symlinks=False) for entry in entries}
    for name, ordinary in sorted(found.items()):
        if not ordinary:
            raise IntegrityError(
                f"{folder}: {name!r} is a link or a folder; a bundle holds files only"
            )
    return set(found)


def _manifest_bytes(folder: Path) -> bytes:
    with (folder / MANIFEST_NAME).open("rb") as file:
        data = file.read(_MAX_MANIFEST_BYTES + 1)
    if len(data) > _MAX_MANIFEST_BYTES:
        raise IntegrityError(
            f"{folder}: {MANIFEST_NAME} is larger than {_MAX_MANIFEST_BYTES} bytes"
        )
    return data


def _check_names(folder: Path, manifest: BundleManifest, present: set[str]) -> None:
    listed = set(manifest.files)
    for name in sorted(listed):
        if name in {"", ".", ".."} or "/" in name or "\\" in name:
            raise IntegrityError(f"{folder}: {MANIFEST_NAME} lists {name!r}, outside the bundle")
    wanted = {MODEL_NAME, LABELS_NAME, *RULES_NAMES}
    wanted |= {TOKENIZER_NAME} if manifest.input_spec.tokens else set()
    for name in sorted((listed | wanted) - present):
        raise IntegrityError(f"{folder}: {name} is missing; copy the bundle again")
    for name in sorted((present | wanted) - listed - {MANIFEST_NAME}):
        raise IntegrityError(f"{folder}: {name} is not listed in {MANIFEST_NAME}; take it away")


def _tokenizer(folder: Path, manifest: BundleManifest) -> Tokenizer | None:
    if manifest.input_spec.tokens is None:
        return None
    try:
        return Tokenizer.from_file(str(folder / TOKENIZER_NAME))
    except Exception as error:  # the library raises nothing narrower
        raise IntegrityError(f"{folder}: {TOKENIZER_NAME} is malformed") from error
