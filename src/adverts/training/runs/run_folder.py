"""The folder of one run: its config, its record, and the places of its files."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from adverts.errors import InputError, IntegrityError
from adverts.files.file_lock import RUN_LOCK, exclusive
from adverts.training.runs.checkpoint_record import FROZEN
from adverts.training.runs.run_record import RECORD, RunRecord, no_run, read_run, utc_now, write_run

CONFIG = "config.yaml"
_BEFORE_THE_RECORD = {RUN_LOCK, CONFIG, f"{CONFIG}.partial", f"{RECORD}.partial"}
# A run may go on elsewhere, on other hardware, and be recorded elsewhere.
_FREE = ("run_dir", "resume", "prepared", "ledger", "tracking", "trainer.threads", "trainer.device")


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
    def frozen(self) -> Path:
        """The tensors that training never changes."""
        return self.checkpoints / FROZEN

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


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Hold a run for the length of the block, so that one process at a time trains it.

    Args:
        path: Folder of the run; made where there is none.

    Raises:
        InputError: Another process trains it, or the folder holds something that is no run.
    """
    run = RunFolder(path)
    if not run.record.is_file() and not _is_beginning(path):
        raise InputError(_taken(path))
    path.mkdir(parents=True, exist_ok=True)
    busy = (
        f"{path} is being trained by another process; wait for it, or choose another run_dir. "
        "(After a kill the lock is free at once.)"
    )
    with exclusive(path / RUN_LOCK, busy=busy):
        yield


def begin_run(path: Path, config: Mapping[str, object], record: RunRecord) -> RunFolder:
    """Make the folder of a new run.

    Args:
        path: New, empty, or what a run left that was killed while it began.
        config: JSON values of the config, without credentials.
        record: Written as ``run.json``.

    Raises:
        InputError: The folder holds something.
    """
    run = RunFolder(path)
    if run.record.is_file() or not _is_beginning(path):
        raise InputError(_taken(path))
    run.checkpoints.mkdir(parents=True, exist_ok=True)
    partial = run.config.with_name(CONFIG + ".partial")
    partial.write_text(yaml.safe_dump(dict(config), sort_keys=False, allow_unicode=True), "utf-8")
    partial.replace(run.config)
    write_run(path, record)
    return run


def unfinished_run(
    path: Path, config: Mapping[str, object], data_hash: str
) -> tuple[RunFolder, RunRecord] | None:
    """Take up the run that the same command began before it was interrupted.

    Args:
        path: The ``run_dir`` of the command.
        config: JSON values of its config.
        data_hash: Of its dataset.

    Returns:
        None where no run was begun at ``path``.

    Raises:
        InputError: A run is there that is finished, or has another config or other data.
        IntegrityError: Its record is damaged.
    """
    run = RunFolder(path)
    if not run.record.is_file():
        return None
    if read_run(path).finished:
        raise InputError(_taken(path))
    return resume_run(path, config, data_hash, asked=f"run_dir={path} holds an unfinished run and")


def refuse_taken(path: Path) -> None:
    """Refuse early a folder in which no run can begin or go on.

    Raises:
        InputError: It holds a finished run, or something that is no run.
        IntegrityError: The record of its run is damaged.
    """
    is_run = RunFolder(path).record.is_file()
    if (is_run and read_run(path).finished) or (not is_run and not _is_beginning(path)):
        raise InputError(_taken(path))


def _is_beginning(path: Path) -> bool:
    """Is nothing at ``path``, or only what a run writes before its record?"""
    if not path.is_dir():
        return not path.exists()
    for found in path.iterdir():
        empty = found.name == "checkpoints" and found.is_dir() and not any(found.iterdir())
        if not empty and found.name not in _BEFORE_THE_RECORD:
            return False
    return True


def _taken(path: Path) -> str:
    hint = ""
    if (path / RECORD).is_file():
        done = read_run(path).finished
        hint = "its run is finished, " if done else f"resume={path} goes on with it, or "
    return f"run_dir={path} exists and is not empty; {hint}choose another run_dir"


@contextmanager
def withdrawn_if_refused(run: RunFolder, *, new: bool) -> Iterator[None]:
    """Take away the folder of a new run that fails before it has learnt anything.

    So the command can be repeated, mended, with the same ``run_dir``. A run that has a curve, a
    checkpoint or records that wait for a server keeps its folder.
    """
    try:
        yield
    except Exception:
        if new and not any(path.exists() for path in (run.log, run.last, run.best, run.spool)):
            shutil.rmtree(run.path)
        raise


def resume_run(
    path: Path, config: Mapping[str, object], data_hash: str, *, asked: str = ""
) -> tuple[RunFolder, RunRecord]:
    """Take up a run that was interrupted.

    Args:
        path: Its folder.
        config: JSON values of the config it would go on with; must be the config of the run, but
            for places, hardware and tracking.
        data_hash: Of the dataset it would go on with.
        asked: Begins the message where they differ; empty: it was asked for by ``resume=``.

    Raises:
        InputError: There is no run, or config or data differ; names every difference.
        IntegrityError: Its record is damaged.
    """
    run = RunFolder(path)
    record = read_run(path)
    stored = read_config(run)
    changes = [
        f"{name}={new!r} here, {old!r} there" for name, old, new in _differences(stored, config)
    ]
    if record.data_hash != data_hash:
        changes.append(f"data_hash={data_hash[:12]} here, {record.data_hash[:12]} there")
    if changes:
        how = f"repeat its command{'' if asked else ' and add resume='}"
        if record.data_hash != data_hash:
            how = "its data was prepared anew since, so train in another run_dir"
        raise InputError(
            f"{asked or f'resume={path}'} needs the config and data of that run; {how}. "
            f"Different: {'; '.join(changes)}"
        )
    record = dataclasses.replace(record, resumed=(*record.resumed, utc_now()))
    write_run(path, record)
    return run, record


def read_config(run: RunFolder) -> dict[str, object]:
    """Return the JSON values of the config that a run was begun with.

    Raises:
        InputError: There is none.
        IntegrityError: It is damaged.
    """
    if not run.config.is_file():
        raise no_run(run.path, lacks=CONFIG)
    try:
        values = yaml.safe_load(run.config.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        values = None
    if not isinstance(values, dict):
        raise IntegrityError(f"{run.config} is damaged; train again")
    return values


def decides(key: str) -> bool:
    """Tell whether a dotted key of a config decides the model."""
    return not any(key == free or key.startswith(f"{free}.") for free in _FREE)


def decisive(config: Mapping[str, object]) -> dict[str, object]:
    """Return what of a config decides the model: all but places, hardware and tracking."""
    return {name: value for name, value in _flat(config) if decides(name)}


def _differences(
    old: Mapping[str, object], new: Mapping[str, object]
) -> Iterator[tuple[str, object, object]]:
    before, after = decisive(old), decisive(new)
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)


def _flat(values: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
