"""Create, resume and read the folder of a run, which holds its config, record and other files."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from adverts.data.dataset.dataset_manifest import FILE_NAME as MANIFEST_NAME
from adverts.errors import InputError, IntegrityError
from adverts.files.file_lock import RUN_LOCK, exclusive
from adverts.files.staging import refuse_links
from adverts.training.runs.checkpoint_record import FROZEN
from adverts.training.runs.run_record import RECORD, RunRecord, no_run, read_run, utc_now, write_run

CONFIG = "config.yaml"
_BEFORE_THE_RECORD = {RUN_LOCK, CONFIG, f"{CONFIG}.partial", f"{RECORD}.partial"}
# A run may be resumed in another place, on other hardware, and with another tracking server.
_FREE = ("run_dir", "resume", "prepared", "ledger", "tracking", "trainer.threads", "trainer.device")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The paths of the files of a run."""

    path: Path

    @property
    def config(self) -> Path:
        """File of the config, without credentials."""
        return self.path / CONFIG

    @property
    def record(self) -> Path:
        """File with the content of :class:`RunRecord`."""
        return self.path / RECORD

    @property
    def log(self) -> Path:
        """File of the curve, with one JSON line for each log interval and validation."""
        return self.path / "log.jsonl"

    @property
    def spool(self) -> Path:
        """File of records that are not yet sent to a tracking server."""
        return self.path / "spool.jsonl"

    @property
    def checkpoints(self) -> Path:
        """Folder that contains ``best`` and ``last``."""
        return self.path / "checkpoints"

    @property
    def frozen(self) -> Path:
        """File of the tensors that training never changes."""
        return self.checkpoints / FROZEN

    @property
    def best(self) -> Path:
        """Folder of the checkpoint that validation chose."""
        return self.checkpoints / "best"

    @property
    def last(self) -> Path:
        """Folder of the state from which an interrupted run resumes."""
        return self.checkpoints / "last"

    @property
    def baseline(self) -> Path:
        """Folder of the tf-idf checkpoint."""
        return self.path / "baseline"

    def disk_bytes(self) -> int:
        """Return the total size of all files, in bytes."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Lock a run during the block, so that only one process trains it.

    Args:
        path: Folder of the run; it is created if it does not exist.

    Raises:
        InputError: Another process trains the run, or the folder has content that is not a run.
    """
    run = RunFolder(path)
    if not run.record.is_file() and not _is_beginning(path):
        raise InputError(_taken(path))
    path.mkdir(parents=True, exist_ok=True)
    busy = (
        f"{path} is being trained by another process; wait for it, or choose another run_dir. "
        "(If it is killed, the lock is released at once.)"
    )
    with exclusive(path / RUN_LOCK, busy=busy):
        yield


def begin_run(path: Path, config: Mapping[str, object], record: RunRecord) -> RunFolder:
    """Create the folder of a new run, with its config and record.

    Args:
        path: Folder that is new, empty, or left by a run that was killed while it started.
        config: JSON values of the config, without credentials.
        record: Record that is written as ``run.json``.

    Raises:
        InputError: The folder has other content.
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
    """Resume the run that the same command started before it was interrupted.

    Args:
        path: The ``run_dir`` of the command.
        config: JSON values of the config of the command.
        data_hash: Hash of the dataset of the command.

    Returns:
        Folder and record of the run; None if no run was started at ``path``.

    Raises:
        InputError: The run at ``path`` is finished, or has another config or other data.
        IntegrityError: Its record is damaged.
    """
    run = RunFolder(path)
    if not run.record.is_file():
        return None
    if read_run(path).finished:
        raise InputError(_taken(path))
    return resume_run(path, config, data_hash, asked=f"run_dir={path} has an unfinished run and")


def refuse_taken(path: Path) -> None:
    """Raise an error if no run can start or resume in a folder.

    Raises:
        InputError: The folder has a finished run, or content that is not a run.
        IntegrityError: The record of its run is damaged.
    """
    is_run = RunFolder(path).record.is_file()
    if (is_run and read_run(path).finished) or (not is_run and not _is_beginning(path)):
        raise InputError(_taken(path))


def _is_beginning(path: Path) -> bool:
    """Return whether ``path`` has no content, or only what a run writes before its record."""
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
        hint = "its run is finished; " if done else f"resume={path} continues it, or "
    return f"run_dir={path} exists and is not empty; {hint}choose another run_dir"


@contextmanager
def withdrawn_if_refused(run: RunFolder, *, new: bool) -> Iterator[None]:
    """Remove the folder of a new run if the block fails before anything was learnt.

    The corrected command can then be repeated with the same ``run_dir``. The folder stays if it has
    a curve, a checkpoint, or records that are not yet sent to a server.
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
    """Resume a run that was interrupted.

    Args:
        path: Folder of the run.
        config: JSON values of the config to resume with. It must equal the config of the run,
            except for places, hardware and tracking.
        data_hash: Hash of the dataset to resume with.
        asked: Start of the error message if they differ; empty for a run named by ``resume=``.

    Returns:
        Folder and record of the run; the record contains the time of this call.

    Raises:
        InputError: There is no run, or config or data differ; the message names all differences.
        IntegrityError: The record is damaged, or a link is in the folder.
    """
    refuse_links(path)
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
            how = "its data has been prepared again since, so train in another run_dir"
        raise InputError(
            f"{asked or f'resume={path}'} needs the config and data of that run; {how}. "
            f"Different: {'; '.join(changes)}"
        )
    record = dataclasses.replace(record, resumed=(*record.resumed, utc_now()))
    write_run(path, record)
    return run, record


def read_config(run: RunFolder) -> dict[str, object]:
    """Return the JSON values of the config with which a run was started.

    Keys that an earlier release did not have are given the values that it trained by.

    Raises:
        InputError: The folder has no config.
        IntegrityError: The config is damaged.
    """
    if not run.config.is_file():
        raise no_run(run.path, lacks=CONFIG)
    try:
        values = yaml.safe_load(run.config.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError):
        values = None
    if not isinstance(values, dict):
        raise IntegrityError(f"{run.config} is damaged; train again")
    return _with_new_keys(values)


def _with_new_keys(values: dict[str, object]) -> dict[str, object]:
    """Add keys that runs of an earlier release lack, with the values of what they trained."""
    model, trainer = values.get("model"), values.get("trainer")
    if isinstance(trainer, dict):
        values["trainer"] = {"method": "fine_tune", **trainer}
        values.setdefault("augment", {"share": 0.0, "disguises": []})
    if isinstance(model, dict) and model.get("kind") == "neural":
        model = {"ngrams": None, "fusion": "gated", **model}
        if isinstance(model.get("encoder"), dict):
            model["encoder"] = {"read_layers": "last", "text_form": "raw", **model["encoder"]}
        values["model"] = model
    return values


def decides(key: str) -> bool:
    """Return whether a dotted key of a config affects the trained model."""
    return not any(key == free or key.startswith(f"{free}.") for free in _FREE)


def decisive(config: Mapping[str, object]) -> dict[str, object]:
    """Return the config without places, hardware and tracking, as dotted keys and values."""
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


def dataset_of_run(run: Path) -> Path:
    """Return the folder of the dataset that a run was trained on, where the run found it.

    A path that the run names from its working folder is looked for beside the folders it lies in,
    then here.

    Raises:
        InputError: There is no run.
        IntegrityError: Its config is damaged.
    """
    named = Path(str(read_config(RunFolder(run))["prepared"]))
    places = [above / named for above in run.resolve().parents]
    return next((one for one in places if (one / MANIFEST_NAME).is_file()), named)
