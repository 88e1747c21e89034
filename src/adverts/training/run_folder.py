"""The folder of one run: its config, its record, and the places of its files."""

from __future__ import annotations

import dataclasses
import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from adverts import __version__
from adverts.errors import InputError, IntegrityError
from adverts.training.provenance import Provenance
from adverts.training.records import Selection, write_json

SCHEMA_VERSION = 1
CONFIG, RECORD = "config.yaml", "run.json"
# A run may go on elsewhere, on other hardware, and be recorded elsewhere.
_FREE = ("run_dir", "resume", "prepared", "tracking", "trainer.threads", "trainer.device")


@dataclass(frozen=True, slots=True)
class Outcome:
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
        outcome: None until the run is finished.
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
    outcome: Outcome | None = None
    created_by: str = field(default=f"adverts {__version__}")
    schema_version: int = SCHEMA_VERSION


_ADAPTER = TypeAdapter(RunRecord)


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where the files of a run stand."""

    path: Path

    @property
    def config(self) -> Path:
        """The config, credentials taken out."""
        return self.path / CONFIG

    @property
    def record(self) -> Path:
        """What :class:`RunRecord` holds."""
        return self.path / RECORD

    @property
    def log(self) -> Path:
        """The curve, one JSON line for each log interval and validation."""
        return self.path / "log.jsonl"

    @property
    def spool(self) -> Path:
        """Records that wait for a tracking server."""
        return self.path / "spool.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Parent of ``best`` and ``last``."""
        return self.path / "checkpoints"

    @property
    def best(self) -> Path:
        """The checkpoint that validation chose."""
        return self.checkpoints / "best"

    @property
    def last(self) -> Path:
        """What an interrupted run goes on from."""
        return self.checkpoints / "last"

    @property
    def baseline(self) -> Path:
        """The checkpoint of tf-idf."""
        return self.path / "baseline"

    def disk_bytes(self) -> int:
        """Return the size of all files."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())


def begin_run(path: Path, config: Mapping[str, object], record: RunRecord) -> RunFolder:
    """Make the folder of a new run.

    Args:
        path: New, or an empty folder.
        config: JSON values of the config, without credentials.
        record: Written as ``run.json``.

    Raises:
        InputError: The folder holds something.
    """
    run = RunFolder(path)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        hint = f"resume={path} goes on with it, or " if run.record.is_file() else ""
        raise InputError(f"run_dir={path} exists and is not empty; {hint}choose another run_dir")
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    partial = run.config.with_name(CONFIG + ".partial")
    partial.write_text(yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True), "utf-8")
    partial.replace(run.config)
    write_run(run, record)
    return run


def resume_run(path: Path, config: Mapping[str, object], data_hash: str) -> tuple[RunFolder, RunRecord]:
    """Take up a run that was interrupted.

    Args:
        path: Its folder.
        config: JSON values of the config it would go on with; must be the config of the run, but
            for places, hardware and tracking.
        data_hash: Of the dataset it would go on with.

    Raises:
        InputError: There is no run, or config or data differ; names every difference.
        IntegrityError: Its record is damaged.
    """
    run = RunFolder(path)
    record = read_run(path)
    stored = yaml.safe_load(run.config.read_text(encoding="utf-8"))
    changes = [
        f"{name}={new!r} here, {old!r} there" for name, old, new in _differences(stored, config)
    ]
    if record.data_hash != data_hash:
        changes.append(f"data_hash={data_hash[:12]} here, {record.data_hash[:12]} there")
    if changes:
        raise InputError(
            f"resume={path} needs the config and data of that run; repeat its command and add "
            f"resume=. Different: {'; '.join(changes)}"
        )
    now = utc_now()
    record = dataclasses.replace(record, resumed=(*record.resumed, now))
    write_run(run, record)
    return run, record


def read_run(path: Path) -> RunRecord:
    """Read the record of a run.

    Raises:
        InputError: The folder is not that of a run.
        IntegrityError: The record is damaged, or of another version.
    """
    file = path / RECORD
    if not file.is_file() or not (path / CONFIG).is_file():
        raise InputError(f"{path} is not the folder of a run (no {RECORD} and {CONFIG})")
    try:
        record = _ADAPTER.validate_json(file.read_bytes())
    except ValidationError as error:
        raise IntegrityError(f"{file} is damaged; train again") from error
    if record.schema_version != SCHEMA_VERSION:
        raise IntegrityError(
            f"{file} is of schema version {record.schema_version}, wanted {SCHEMA_VERSION}"
        )
    return record


def write_run(run: RunFolder, record: RunRecord) -> None:
    """Write ``run.json``, whole or not at all."""
    write_json(run.record, json.loads(_ADAPTER.dump_json(record)))


def utc_now() -> str:
    """Return the time in ISO 8601, UTC, seconds."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _differences(
    old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    before, after = dict(_flat(old)), dict(_flat(new))
    for name in sorted(before.keys() | after.keys()):
        free = any(name == key or name.startswith(f"{key}.") for key in _FREE)
        if not free and before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _flat(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
