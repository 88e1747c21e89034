"""The record of a run in ``run.json``: its model, dataset, code, and result."""

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
from adverts.evaluation.predictions.model_facts import DatasetName, Selection
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
    """The code and the machine that made a run.

    Attributes:
        commit: Commit of the code; None outside a git checkout.
        dirty: Whether a file below ``src`` or ``configs`` was changed, or added untracked.
        versions: Maps each installed package to its version.
        python: Version of the Python interpreter.
        machine: Architecture and operating system.
    """

    commit: str | None
    dirty: bool
    versions: dict[str, str]
    python: str
    machine: str


def find_provenance() -> Provenance:
    """Return the code and the machine that run now."""
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
    """The result of a run.

    Attributes:
        seconds: Wall time of training and fitting; for a resumed run, only of its last part.
        steps: Number of optimiser steps done.
        train_adverts: Number of adverts trained on in each epoch.
        validation_adverts: Number of validation adverts that chose the checkpoint.
        selected_on: Metric, value and step by which the checkpoint was chosen.
        validation: Figures of the chosen checkpoint on validation.
        baseline: The same figures of tf-idf; None if it was not fitted.
        weights_sha256: Hash of the learning tensors after the last step.
        disk_bytes: Size of the run folder in bytes.
        pruned: Whether a study ended the training early, since other trials were better so far.
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
    pruned: bool = False


@dataclass(frozen=True, slots=True)
class RunRecord:
    """The content of ``run.json``.

    Attributes:
        model: Name of the model config.
        dataset_name: Name of the prepared dataset.
        data_hash: Hash of the prepared dataset.
        provenance: The code and the machine that made the run.
        started: Time at which the run started, in UTC.
        resumed: Times at which the run was resumed, in UTC.
        mlflow_run_id: MLflow id of the run; None if it is not recorded at a server yet.
        sources: Hashes of the files from which the dataset was made.
        outcome: Result of the run; None until the model is trained.
        key: Name by which a tracking server finds the run; empty in records of older releases.
        handed_in: Whether the outcome was recorded, or saved to be sent to a server later. None if
            that is unknown, in records of older releases.
        models_compared: Number of models, with its own, known to be compared on the validation
            adverts when the run started; None in records of older releases.
        encoder_learnt: Datasets that the encoder had learnt from before, in other runs.
        created_by: Release that wrote the record.
        schema_version: Version of the format of this record.
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
    encoder_learnt: tuple[DatasetName, ...] = ()
    created_by: str = f"adverts {__version__}"
    schema_version: int = SCHEMA_VERSION

    @property
    def finished(self) -> bool:
        """Whether no work is left; a trained model whose outcome was never recorded needs some."""
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
    """Return the record of a checkpoint of a run.

    Args:
        record: Record of the run.
        schema: The tasks that are trained.
        model: Model in the checkpoint.
        selection: Metric, value and step by which the checkpoint was chosen.
        ocr_key: Key of the OCR reader of the dataset's pictures; None if they were not read.
        training: Name of the training, see :func:`training_name`.
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
        encoder_learnt=record.encoder_learnt if model.input_spec.tokens else (),
    )


def training_name(record: RunRecord, config: Mapping[str, object]) -> str:
    """Return the name of a training; equal config, data and commit give the same name.

    If the code has no commit or differs from it, the name also contains the start time of the run.
    Only a copy of the run then has the same name.

    Args:
        record: Record of the run.
        config: JSON values of the config that affect the model, without places and hardware.
    """
    code = record.provenance.commit
    if code is None or record.provenance.dirty:
        code = f"{code} {record.started}"
    text = json.dumps([record.data_hash, code, dict(config)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read_run(path: Path) -> RunRecord:
    """Read the record of a run.

    Raises:
        InputError: The folder has no ``run.json``.
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
            f"{file} has schema version {record.schema_version}, wanted {SCHEMA_VERSION}"
        )
    return record


def no_run(path: Path, *, lacks: str) -> InputError:
    """Return the error for a folder without ``lacks``, a file that every run writes first."""
    return InputError(
        f"{path} is not the folder of a run (no {lacks}); a run that was killed "
        "before it wrote that starts again with its own command, without resume="
    )


def write_run(path: Path, record: RunRecord) -> None:
    """Write the record into the folder of its run, completely or not at all."""
    write_json(path / RECORD, _ADAPTER.dump_python(record, mode="json"))


def utc_now() -> str:
    """Return the current UTC time in ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
