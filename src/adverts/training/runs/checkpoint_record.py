"""The record of a checkpoint, ``checkpoint.json``: everything about it that is not a tensor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from adverts import __version__
from adverts.advert import LabelSchema
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.decisions.calibration_choice import CalibrationEvidence
from adverts.evaluation.predictions.model_facts import DatasetName, Selection
from adverts.files.bounded_reading import MAX_BYTES, MAX_FILE_VALUES, parse_json, read_bounded
from adverts.files.staging import recover
from adverts.inputs.spec import InputSpec
from adverts.json_records import first_fault
from adverts.models.architecture import ModelSpec
from adverts.runtime.manifest_fields import parse_input_spec, parse_label_schema

SCHEMA_VERSION = 4  # 2: ocr_key; 3: standardised features; 4: how well pictures could be read
RECORD, FROZEN = "checkpoint.json", "frozen.safetensors"


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """Everything about a checkpoint that is not a tensor.

    Attributes:
        label_schema: The tasks that were trained; the headline is one of them.
        model_spec: The architecture.
        input_spec: How an advert becomes model inputs.
        selected_on: Metric, value and step by which it was chosen.
        dataset_name: Name of the prepared dataset.
        data_hash: Hash of the prepared dataset.
        mlflow_run_id: MLflow id of the run; None if the run was not recorded yet.
        commit: Commit of the code; None if unknown.
        files: Maps the name of each file to its sha256.
        ocr_key: Key of the OCR reader of the pictures; None if the model does not use OCR text.
        sources: Hashes of the files from which the dataset was made.
        training: Name of the training, see ``training_name``; None in records of older releases.
        models_compared: Number of models, with this one, known to be compared on the validation
            adverts when it was trained; None in records of older releases.
        calibrated_on: What the calibration of training rests on for each task, out of fold and on
            validation; empty where training did not calibrate the model so.
        disguises: Disguises in which training learnt from copies of its adverts.
        inverse_regularisation: C of the logistic regression of tf-idf; None for other models, and
            in records of older releases.
        encoder_learnt: Datasets that the encoder had learnt from before, in other runs.
        created_by: Release that wrote the record.
        schema_version: Version of the format of this record.
    """

    label_schema: LabelSchema
    model_spec: ModelSpec
    input_spec: InputSpec
    selected_on: Selection
    dataset_name: str
    data_hash: str
    mlflow_run_id: str | None
    commit: str | None
    files: Mapping[str, str]
    ocr_key: str | None = None
    sources: tuple[str, ...] = ()
    training: str | None = None
    models_compared: int | None = None
    calibrated_on: Mapping[str, CalibrationEvidence] = field(default_factory=dict)
    disguises: tuple[str, ...] = ()
    inverse_regularisation: float | None = None
    encoder_learnt: tuple[DatasetName, ...] = ()
    created_by: str = f"adverts {__version__}"
    schema_version: int = SCHEMA_VERSION

    @property
    def trained_on(self) -> DatasetName:
        """The dataset that the model was trained on."""
        return DatasetName(self.dataset_name, self.data_hash, frozenset(self.sources))


_ADAPTER = TypeAdapter(CheckpointRecord)


def find_checkpoint(path: Path) -> Path:
    """Return the folder of the checkpoint to which ``path`` refers.

    Args:
        path: A run folder, for its best checkpoint, or the folder of a checkpoint.

    Raises:
        InputError: There is no checkpoint.
    """
    for folder in (path / "checkpoints" / "best", path):
        recover(folder.absolute(), marker=RECORD)
        if (folder / RECORD).is_file():
            return folder
    raise InputError(
        f"{path} is neither a run folder nor a checkpoint (no {RECORD}); give the run_dir of "
        "adverts train, and resume that run first if it was interrupted"
    )


def write_record(folder: Path, record: CheckpointRecord) -> None:
    """Write ``checkpoint.json`` into ``folder``."""
    write_json(folder / RECORD, _ADAPTER.dump_python(record, mode="json"))


def read_record(folder: Path) -> CheckpointRecord:
    """Read the ``checkpoint.json`` of ``folder``.

    Raises:
        IntegrityError: The record is damaged, or of another schema version.
    """
    path = folder / RECORD
    try:
        data = read_bounded(path, most=MAX_BYTES)
        raw: Any = parse_json(data, max_values=MAX_FILE_VALUES, finite=False)
        version = raw["schema_version"]
        if version != SCHEMA_VERSION:
            raise IntegrityError(
                f"{path} has schema version {version}, but adverts {__version__} reads "
                f"{SCHEMA_VERSION}; use the release that wrote it, or train again"
            )
        record = _ADAPTER.validate_json(data)
        _require_bounded(record, raw)
    except ValidationError as error:
        raise IntegrityError(f"{path} is damaged ({first_fault(error)}); train again") from error
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"{path} is damaged ({error}); train again") from error
    return record


def _require_bounded(record: CheckpointRecord, raw: Any) -> None:  # noqa: ANN401 - any JSON value
    """Refuse a model that no training makes, before it is built: it would take all the memory.

    Raises:
        ValueError: It has more features, labels or tasks than a bundle may have.
    """
    parse_label_schema(raw["label_schema"])
    parse_input_spec(raw["input_spec"])
    tasks = raw["model_spec"]["tasks"]
    parse_label_schema({"name": "model", "tasks": tasks, "headline": tasks[0]["name"]})
    hashing, found = record.input_spec.hashing, record.model_spec.num_features
    wanted = hashing.num_features if hashing is not None else 0
    if found != wanted:
        raise ValueError(f"model_spec.num_features is {found}, wanted {wanted}")


def write_json(path: Path, values: Mapping[str, object]) -> None:
    """Write a JSON file; it replaces the former one once it is complete."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
