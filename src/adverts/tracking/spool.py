"""The spool file: records of a run that wait for a tracking server, one JSON line each."""

from __future__ import annotations

import dataclasses
import math
import os
import stat
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from adverts.errors import AdvertsError, IntegrityError, shown
from adverts.files.bounded_reading import MAX_BYTES, read_bounded
from adverts.files.file_lock import exclusive
from adverts.tracking.events import (
    Artifact,
    Begin,
    Event,
    IncompleteError,
    LoggedBundle,
    RecordRefusedError,
    Sink,
    TextFile,
    from_line,
    to_line,
)

FILE_NAME = "spool.jsonl"
FOLDER_SUFFIX = ".tracking"
"""End of the folder whose spool is of the report or the bundle beside it, of the same name."""
_PAGES = (".html", ".md", ".json")
"""Files that are sent of a report beside the spool; its predictions are of single adverts."""


def append_events(path: Path, begin: Begin, events: Sequence[Event]) -> None:
    """Add events to a spool; a new spool starts with the run that they belong to.

    An incomplete last line, left by a killed process or a full disk, is removed first.

    Raises:
        OSError: The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a+b", opener=_private) as file:
        if _cut_torn_line(file) == 0:
            events = [begin, *events]
        file.write("".join(to_line(event) + "\n" for event in events).encode())


def _cut_torn_line(file: BinaryIO) -> int:
    """Cut a file after its last whole line, and return its new size."""
    file.seek(0)
    text = file.read()
    whole = text.rfind(b"\n") + 1
    if whole < len(text):
        file.truncate(whole)
    return whole


def sync_file(
    path: Path, sink: Sink, *, report: Callable[[str], None], patience_s: float = math.inf
) -> Begin:
    """Send a spool event by event, delete it, and return its run with the run's id.

    After a failure, the next call does not repeat the events that were sent, except after an
    ``IncompleteError``. Missing files are reported and left out.

    A spool may come from a stranger, so it names only what is its own: plain files of the folder in
    which it is, and for ``NAME.tracking/`` the pages or the bundle in the folder ``NAME`` beside
    it. No link is followed there. Otherwise nothing of it is sent.

    Args:
        path: The spool.
        sink: Sink that the events are sent to.
        report: Called with one line for a person to read.
        patience_s: Number of seconds after which no further event is sent.

    Raises:
        InputError: Another process is sending the spool.
        IntegrityError: The file is not a spool, or names what is not its own.
        TimeoutError: The time is up; the rest of the spool stays.
        Exception: Any error of the sink; the rest of the spool stays.
    """
    with exclusive(path, busy=f"{path} is being sent by another process; wait for it"):
        return _send(path, sink, report=report, until_s=time.monotonic() + patience_s)


def _send(path: Path, sink: Sink, *, report: Callable[[str], None], until_s: float) -> Begin:
    events = _read(path)
    begin = events[0]
    if not isinstance(begin, Begin):
        raise IntegrityError(f"{path} does not begin with a run; delete it or repair it")
    for event in events:
        _require_own(path, event)
    if sink.run_id is None:
        sink.send(begin)
    begin = dataclasses.replace(begin, run_id=sink.run_id)
    for sent, event in enumerate(events[1:], 1):
        try:
            if time.monotonic() > until_s:
                raise TimeoutError("the server is too slow; the rest is still waiting")
            _send_one(event, sink, report=report)
        except IncompleteError:
            _rewrite(path, [begin, *events[1:]])
            raise
        except Exception:
            _rewrite(path, [begin, *events[sent:]])
            raise
    path.unlink()
    return begin


def _send_one(event: Event, sink: Sink, *, report: Callable[[str], None]) -> None:
    if isinstance(event, Artifact | LoggedBundle) and not os.path.lexists(event.path):
        report(f"tracking: {event.path} no longer exists and was not sent")
        return
    if isinstance(event, Begin):
        return
    try:
        sink.send(event)
    except RecordRefusedError as refusal:
        report(f"tracking: {refusal}")


def _require_own(spool: Path, event: Event) -> None:
    """Refuse an event that names a file which is not of the run of the spool.

    Raises:
        IntegrityError: It does; the message says why.
    """
    path, wrong = "", None
    match event:
        case Artifact(path=path, folder=folder):
            wrong = _wrong_place(folder) or _wrong_file(spool, Path(path))
        case TextFile(path=path):
            wrong = _wrong_place(path)
        case LoggedBundle(path=path):
            wrong = _wrong_bundle(spool, Path(path))
    if wrong is not None:
        raise IntegrityError(
            f"{spool} is not sent: it names {shown(path, 200)!r}, {wrong}; delete the spool, or "
            "that line of it"
        )


def _wrong_place(place: str) -> str | None:
    inside = not place.startswith("/") and ".." not in PurePosixPath(place).parts
    return None if inside and "\\" not in place else "to be stored outside the run at the server"


def _wrong_file(spool: Path, path: Path) -> str | None:
    if not os.path.lexists(path):
        return None
    folder, beside = _own_folders(spool)
    parts = _parts_below(folder, path)
    if not parts:
        parts = None if beside is None else _parts_below(beside, path)
        if not parts or beside is None:
            return f"which is not inside {folder}"
        if path.suffix not in _PAGES:
            return f"which is no page ({', '.join(_PAGES)}) of {beside}"
        folder = beside
    return _no_plain_file(folder, parts)


def _wrong_bundle(spool: Path, path: Path) -> str | None:
    from adverts.runtime.opening.bundle import open_bundle

    if not os.path.lexists(path):
        return None
    found = ((one, _parts_below(one, path)) for one in _own_folders(spool) if one is not None)
    folder, parts = next(((one, parts) for one, parts in found if parts is not None), (None, None))
    if folder is None or parts is None:
        return f"which is not the bundle that {spool.parent} is of"
    wrong = _no_plain_file(folder, parts)
    if wrong is not None:
        return wrong
    try:
        if path.is_dir():
            open_bundle(path)
            return None
    except AdvertsError as error:
        return f"which is no whole bundle ({error})"
    return "which is no folder of a bundle"


def _own_folders(spool: Path) -> tuple[Path, Path | None]:
    """Return the folder of a spool, and the one beside it that it is of, if there is one."""
    folder = spool.absolute().parent
    name = folder.name.removesuffix(FOLDER_SUFFIX)
    beside = folder.with_name(name) if name not in {"", folder.name} else None
    is_folder = beside is not None and beside.is_dir() and not beside.is_symlink()
    return folder, beside if is_folder else None


def _parts_below(folder: Path, path: Path) -> tuple[str, ...] | None:
    """Return the names that lead from a folder to a path; None if it is not in the folder.

    What is above the folder may be a link, such as ``runs`` to another disk.
    """
    if not path.is_absolute() or ".." in path.parts:
        return None
    for above in (*reversed(path.parents), path):
        if above.exists() and above.samefile(folder):
            return path.relative_to(above).parts
    return None


def _no_plain_file(folder: Path, parts: Sequence[str]) -> str | None:
    """Say why a path below a folder is neither a plain file nor a folder of them; None: it is."""
    for number, part in enumerate(parts, 1):
        folder = folder / part
        mode = folder.lstat().st_mode
        if stat.S_ISREG(mode) and number == len(parts):
            return None
        if not stat.S_ISDIR(mode):
            return "which is, or is behind, a link, a pipe or a device"
    for below in folder.rglob("*"):
        mode = below.lstat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            return f"which holds a link, a pipe or a device: {shown(below.name, 100)!r}"
    return None


def _read(path: Path) -> list[Event]:
    """Read every whole line; an incomplete last line is left out."""
    data = read_bounded(path, most=MAX_BYTES)
    try:
        lines = data.decode("utf-8").split("\n")
        events = [from_line(line) for line in lines[:-1] if line]
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{path} is not a spool of this version; delete it") from error
    if not events:
        raise IntegrityError(f"{path} is an empty spool; delete it")
    return events


def _rewrite(path: Path, events: Iterable[Event]) -> None:
    partial = path.with_name(path.name + ".partial")
    with open(partial, "w", encoding="utf-8", opener=_private) as file:
        file.write("".join(to_line(event) + "\n" for event in events))
    os.replace(partial, path)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, 0o600)
