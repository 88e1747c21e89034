"""The spool file: records of a run that wait for a tracking server, one JSON line each."""

from __future__ import annotations

import dataclasses
import math
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from adverts.errors import IntegrityError
from adverts.files.file_lock import exclusive
from adverts.tracking.events import (
    Artifact,
    Begin,
    Event,
    IncompleteError,
    LoggedBundle,
    RecordRefusedError,
    Sink,
    from_line,
    to_line,
)

FILE_NAME = "spool.jsonl"


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

    Args:
        path: The spool.
        sink: Sink that the events are sent to.
        report: Called with one line for a person to read.
        patience_s: Number of seconds after which no further event is sent.

    Raises:
        InputError: Another process is sending the spool.
        IntegrityError: The file is not a spool.
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
    if isinstance(event, Artifact | LoggedBundle) and not Path(event.path).exists():
        report(f"tracking: {event.path} no longer exists and was not sent")
        return
    if isinstance(event, Begin):
        return
    try:
        sink.send(event)
    except RecordRefusedError as refusal:
        report(f"tracking: {refusal}")


def _read(path: Path) -> list[Event]:
    """Read every whole line; an incomplete last line is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")
    try:
        events = [from_line(line) for line in lines[:-1] if line]
    except ValueError as error:
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
    return os.open(name, flags, 0o600)
