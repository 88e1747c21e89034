"""The record of a run: what ran on what, made by what, and what came of it; ``run.json``."""

from __future__ import annotations

import datetime
import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter, ValidationError

from adverts import __version__
from adverts.advert import LabelSchema
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.predictions.model_facts import Selection
from adverts.files.file_hash import ask_git, code_is_changed
from adverts.training.runs.checkpoint_record import CheckpointRecord, write_json

if TYPE_CHECKING:
    from adverts.models.built_model import BuiltModel

_PACKAGES = (
    "adverts",
    "torch",
    "transformers",
    "tokenizers",
    "accelerate",
    "timm",
    "safetensors",
    "datasets",
    "pyarrow",
    "numpy",
    "scipy",
    "scikit-learn",
    "Pillow",
    "easyocr",
    "rapidocr",
    "tesserocr",
    "onnxruntime",
    "mlflow",
)
SCHEMA_VERSION = 1
RECORD = "run.json"


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a run.

    Attributes:
        commit: Of the code; None outside a git checkout.
        dirty: Was a tracked file changed, or an untracked one added, below ``src`` or ``configs``?
        versions: By package; those that are not installed are left out.
        python: Version of the interpreter.
        machine: Architecture and system.
    """

    commit: str | None
    dirty: bool
    versions: dict[str, str]
    python: str
    machine: str


def find_provenance() -> Provenance:
    """Look up what runs now."""
    commit = ask_git("rev-parse", "HEAD")
    return Provenance(
        commit=commit,
        dirty=commit is not None and code_is_changed(),
        versions={name: version for name in _PACKAGES if (version := _version(name))},
        python=platform.python_version(),
        machine=f"{platform.machine()} {platform.system()}",
    )


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What came of a run.

    Attributes:
        seconds: Wall time of training and fitting, of the last part of a resumed run.
        steps: Optimiser steps done.
        train_adverts: Adverts trained on in each epoch.
        validation_adverts: Adverts that chose the checkpoint.
        selected_on: What chose the checkpoint.
        validation: Figures of the chosen checkpoint on validation.
        baseline: The same figures of tf-idf; None where none was fitted.
        weights_sha256: Of the learning tensors after the last step.
        disk_bytes: Size of the run folder.
    """

    seconds: float
    steps: int
    train_adverts: int
    validation_adverts: int
    selected_on: Selection
    validation: Mapping[str, float]
    baseline: Mapping[str, float] | None
    weights_sha256: str
    disk_bytes: int = 0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What ``run.json`` says.

    Attributes:
        model: Name of the model config.
        dataset_name: Of the prepared dataset.
        data_hash: Of the prepared dataset.
        provenance: What code ran.
        started: UTC.
        resumed: UTC of every time it was taken up again.
        mlflow_run_id: None where the run is not recorded at a server yet.
        sources: Hashes of the files that the dataset was made from.
        outcome: None until the model is trained.
        key: Name under which a tracking server finds the run again; empty in runs of before.
        handed_in: Was the outcome recorded, or put where it waits for a server? None where that is
            not known, in runs of before.
        models_compared: Models known to be compared on the validation adverts when the run began,
            its own among them; None in records of before.
        created_by: Release that wrote it.
        schema_version: Of this record.
    """

    model: str
    dataset_name: str
    data_hash: str
    provenance: Provenance
    started: str
    resumed: tuple[str, ...] = ()
    mlflow_run_id: str | None = None
    sources: tuple[str, ...] = ()
    outcome: RunOutcome | None = None
    key: str = ""
    handed_in: bool | None = None
    models_compared: int | None = None
    created_by: str = f"adverts {__version__}"
    schema_version: int = SCHEMA_VERSION

    @property
    def finished(self) -> bool:
        """Is nothing left to do? A model may be trained whose outcome was never recorded."""
        return self.outcome is not None and self.handed_in is not False


_ADAPTER = TypeAdapter(RunRecord)


def checkpoint_record(
    record: RunRecord,
    schema: LabelSchema,
    model: BuiltModel,
    *,
    selection: Selection,
    ocr_key: str | None,
    training: str,
) -> CheckpointRecord:
    """Return what a checkpoint of a run says of itself.

    Args:
        record: Of the run.
        schema: The tasks that are trained.
        model: That the checkpoint holds.
        selection: What chose it.
        ocr_key: Of the reader of the dataset's pictures; None where nobody read them.
        training: Names what was trained, see :func:`training_name`.
    """
    return CheckpointRecord(
        label_schema=schema,
        model_spec=model.spec,
        input_spec=model.input_spec,
        selected_on=selection,
        dataset_name=record.dataset_name,
        data_hash=record.data_hash,
        mlflow_run_id=record.mlflow_run_id,
        commit=record.provenance.commit,
        files={},
        sources=record.sources,
        ocr_key=ocr_key if "ocr" in model.input_spec.inputs else None,
        training=training,
        models_compared=record.models_compared,
    )


def training_name(record: RunRecord, config: Mapping[str, object]) -> str:
    """Return what names a training: equal config, data and commit train one and the same model.

    Where the code is not that of a commit, the start of the run takes its place: only a copy of
    the run has the same name then.

    Args:
        record: Of the run.
        config: JSON values of all that decides the model, without places and hardware.
    """
    code = record.provenance.commit
    if code is None or record.provenance.dirty:
        code = f"{code} {record.started}"
    text = json.dumps([record.data_hash, code, dict(config)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_run(path: Path) -> RunRecord:
    """Read the record of a run.

    Raises:
        InputError: The folder is not that of a run.
        IntegrityError: The record is damaged, or of another version.
    """
    file = path / RECORD
    if not file.is_file():
        raise no_run(path, lacks=RECORD)
    try:
        record = _ADAPTER.validate_json(file.read_bytes())
    except ValidationError as error:
        raise IntegrityError(f"{file} is damaged; train again") from error
    if record.schema_version != SCHEMA_VERSION:
        raise IntegrityError(
            f"{file} is of schema version {record.schema_version}, wanted {SCHEMA_VERSION}"
        )
    return record


def no_run(path: Path, *, lacks: str) -> InputError:
    """Return what is raised where a folder lacks a file that every run begins with."""
    return InputError(
        f"{path} is not the folder of a run (no {lacks}); one that was killed before it wrote that "
        "is begun anew by its own command, without resume="
    )


def write_run(path: Path, record: RunRecord) -> None:
    """Write the record into the folder of its run, whole or not at all."""
    write_json(path / RECORD, _ADAPTER.dump_python(record, mode="json"))


def utc_now() -> str:
    """Return the time in ISO 8601, UTC, seconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
