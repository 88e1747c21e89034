"""Create the database of a local MLflow store, once and by one process at a time."""

from __future__ import annotations

import os
import re
from pathlib import Path

from adverts.files.file_lock import in_turn

_SQLITE = re.compile(r"(?P<scheme>sqlite(?:\+\w+)?:///)(?P<file>[^?]+)(?P<query>.*)")
_LEAVINGS = ("", "-journal", "-wal", "-shm")


def database_file(uri: str) -> Path | None:
    """Return the SQLite file that ``uri`` names; None for a server or a store in memory."""
    found = _SQLITE.fullmatch(uri)
    return None if found is None else Path(found["file"]).absolute()


def make_database(uri: str) -> None:
    """Create the database of a local store that does not exist yet; change no other store.

    MLflow creates it in dozens of migrations. Two processes at once would collide, and a killed one
    would leave a database that cannot be opened again. So it is created under a lock, in a file
    that gets its name only when it is complete.

    Raises:
        OSError: The folder cannot be written.
    """
    path = database_file(uri)
    if path is None or path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with in_turn(path.with_name(f".{path.name}.lock")):
        if path.exists():
            return
        partial = path.with_name(f".{path.name}.partial")
        _remove(partial)
        try:
            _make(uri, partial)
            os.replace(partial, path)
        finally:
            _remove(partial)


def _make(uri: str, partial: Path) -> None:
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore

    found = _SQLITE.fullmatch(uri)
    assert found is not None, "the caller has looked"
    store = SqlAlchemyStore(f"{found['scheme']}{partial.as_posix()}{found['query']}", "./mlruns")
    store.engine.dispose()


def _remove(partial: Path) -> None:
    for suffix in _LEAVINGS:
        partial.with_name(partial.name + suffix).unlink(missing_ok=True)
