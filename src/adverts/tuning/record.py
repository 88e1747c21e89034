"""The record of a study in ``study.json``: what it searches, on which data, where it is tracked."""

from __future__ import annotations

import dataclasses
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from adverts import __version__
from adverts.errors import InputError, IntegrityError
from adverts.files.file_lock import STUDY_LOCK
from adverts.files.staging import refuse_links
from adverts.training.runs.checkpoint_record import write_json

FILE_NAME = "study.json"
SCHEMA_VERSION = 1
# A study may go on further, faster, in another place, and with another tracking server.
_FREE = (
    *("study_dir", "trials", "processes", "keep", "prepared", "ledger", "tracking"),
    *("trainer.threads", "trainer.device"),
)
_NAMED = 4  # differences that a refusal names
_BEFORE_THE_RECORD = (STUDY_LOCK, f"{FILE_NAME}.partial")
Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """The content of ``study.json``.

    Attributes:
        config: JSON values of the config with which the study was begun, without credentials.
        data_hash: Hash of the prepared dataset.
        key: Name by which a tracking server finds the run of the study.
        mlflow_run_id: MLflow id of that run; None if it is not recorded at a server yet.
        created_by: Release that began the study.
        schema_version: Version of the format of this record.
    """

    config: Values
    data_hash: str
    key: str
    mlflow_run_id: str | None = None
    created_by: str = f"adverts {__version__}"
    schema_version: int = SCHEMA_VERSION


_ADAPTER = TypeAdapter(StudyRecord)


def decides_study(key: str) -> bool:
    """Return whether a dotted key affects which trials there are and what they learn."""
    return not any(key == free or key.startswith(f"{free}.") for free in _FREE)


def read_study(folder: Path) -> StudyRecord | None:
    """Return the record of the study in a folder; None if there is no study.

    Raises:
        IntegrityError: The record is damaged, or of another version.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        record = _ADAPTER.validate_json(path.read_bytes())
    except ValidationError as error:
        raise IntegrityError(f"{path} is damaged; choose another study_dir") from error
    if record.schema_version != SCHEMA_VERSION:
        raise IntegrityError(
            f"{path} has schema version {record.schema_version}, wanted {SCHEMA_VERSION}"
        )
    return record


def begin_or_continue(folder: Path, config: Values, data_hash: str) -> StudyRecord:
    """Return the record of a study, which is written if the folder has none.

    Args:
        folder: Folder of the study.
        config: JSON values of the config of the command, without credentials.
        data_hash: Hash of its dataset.

    Raises:
        InputError: The folder has a study with other settings or data.
        IntegrityError: The record is damaged.
    """
    known = read_study(folder)
    if known is None:
        record = StudyRecord(config, data_hash, secrets.token_hex(16))
        write_study(folder, record)
        return record
    changes = [f"{name}={new!r} here, {old!r} there" for name, old, new in _changes(known, config)]
    changes.sort(key=lambda change: not change.startswith("model.name="))
    if known.data_hash != data_hash:
        changes.insert(0, f"data_hash={data_hash[:12]} here, {known.data_hash[:12]} there")
    if len(changes) > _NAMED + 1:
        changes[_NAMED:] = [f"and {len(changes) - _NAMED} others"]
    if changes:
        raise InputError(
            f"study_dir={folder} has a study of other settings or data; give study_dir alone to go "
            f"on with it, or choose another one. Different: {'; '.join(changes)}"
        )
    return known


def refuse_foreign(folder: Path) -> None:
    """Refuse a folder with content that is no study, or with a link in it.

    Raises:
        InputError: It has content, but no study.
        IntegrityError: A link is in the folder of the study.
    """
    if not folder.exists() or (folder / FILE_NAME).is_file():
        refuse_links(folder)
        return
    if not folder.is_dir():
        raise InputError(f"study_dir={folder} is a file; choose another study_dir")
    other = sorted(one.name for one in folder.iterdir() if one.name not in _BEFORE_THE_RECORD)
    if other:
        raise InputError(
            f"study_dir={folder} is not empty and has no study ({other[0]} is in it); choose "
            "another study_dir"
        )


def write_study(folder: Path, record: StudyRecord) -> None:
    """Write the record, completely or not at all."""
    write_json(folder / FILE_NAME, _ADAPTER.dump_python(record, mode="json"))


def remember_study_run(folder: Path, record: StudyRecord, run_id: str | None) -> None:
    """Write the id of the tracked run of a study, once the server has given it."""
    if run_id is not None and run_id != record.mlflow_run_id:
        write_study(folder, dataclasses.replace(record, mlflow_run_id=run_id))


def _changes(known: StudyRecord, config: Values) -> Iterator[tuple[str, object, object]]:
    before, after = dict(leaves(known.config)), dict(leaves(config))
    for name in sorted(before.keys() | after.keys()):
        if decides_study(name) and before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def leaves(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Yield the dotted key and the value of everything that is not itself a group of keys."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", json.loads(json.dumps(value))
