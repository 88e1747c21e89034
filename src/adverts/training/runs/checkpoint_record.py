"""The record of a checkpoint: everything about it that is not a tensor, as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from adverts import __version__
from adverts.advert import LabelSchema
from adverts.errors import InputError, IntegrityError
from adverts.evaluation.predictions.model_facts import Selection
from adverts.files.staging import recover
from adverts.inputs.spec import InputSpec
from adverts.models.architecture import ModelSpec

SCHEMA_VERSION = 4  # 2: ocr_key; 3: standardised features; 4: how well pictures could be read
RECORD, FROZEN = "checkpoint.json", "frozen.safetensors"


@dataclass(frozen=True, slots=True)
class CheckpointRecord:
    """Everything about a checkpoint that is not a tensor.

    Attributes:
        label_schema: The tasks that were trained; the headline is one of them.
        model_spec: The architecture.
        input_spec: How an advert becomes model inputs.
        selected_on: What chose it.
        dataset_name: Of the prepared dataset.
        data_hash: Of the prepared dataset.
        mlflow_run_id: None where the run was not recorded yet.
        commit: Of the code; None where it is not known.
        files: sha256 of each file by name.
        ocr_key: Of the reader of the pictures; None where the model reads no text of pictures.
        sources: Hashes of the files that the dataset was made from.
        training: Names what was trained, see ``training_name``; None in records of before.
        models_compared: Models known to be compared on the validation adverts when it was trained,
            this one among them; None in records of before.
        created_by: Release that wrote it.
        schema_version: Of this record.
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
    created_by: str = f"adverts {__version__}"
    schema_version: int = SCHEMA_VERSION


_ADAPTER = TypeAdapter(CheckpointRecord)


def find_checkpoint(path: Path) -> Path:
    """Return the folder of the checkpoint that ``path`` means.

    Args:
        path: A run folder, for its best checkpoint, or the folder of a checkpoint.

    Raises:
        InputError: There is none.
    """
    for folder in (path / "checkpoints" / "best", path):
        recover(folder.absolute(), marker=RECORD)
        if (folder / RECORD).is_file():
            return folder
    raise InputError(
        f"{path} is neither a run folder nor a checkpoint (no {RECORD}); give the run_dir of "
        "adverts train, and resume it if it was interrupted"
    )


def write_record(folder: Path, record: CheckpointRecord) -> None:
    """Write ``checkpoint.json`` into ``folder``."""
    write_json(folder / RECORD, _ADAPTER.dump_python(record, mode="json"))


def read_record(folder: Path) -> CheckpointRecord:
    """Read the ``checkpoint.json`` of ``folder``.

    Raises:
        IntegrityError: It is damaged, or of another schema version.
    """
    path = folder / RECORD
    try:
        version = json.loads(path.read_text(encoding="utf-8"))["schema_version"]
        if version != SCHEMA_VERSION:
            raise IntegrityError(
                f"{path} is of schema version {version}, adverts {__version__} reads "
                f"{SCHEMA_VERSION}; use the release that wrote it, or train again"
            )
        return _ADAPTER.validate_json(path.read_bytes())
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise IntegrityError(f"{path} is damaged ({type(error).__name__}); train again") from error


def write_json(path: Path, values: Mapping[str, object]) -> None:
    """Write JSON that replaces the file once it is whole."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    partial.replace(path)
