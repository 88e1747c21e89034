"""The spool: records of a run that wait for a tracking server, one JSON line each."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from adverts.errors import IntegrityError
from adverts.tracking.events import (
    Artifact,
    Begin,
    BundleModel,
    Event,
    RefusedError,
    Sink,
    from_line,
    to_line,
)

FILE_NAME = "spool.jsonl"


def append_events(path: Path, begin: Begin, events: Sequence[Event]) -> None:
    """Add events to a spool; a new spool starts with the run they belong to.

    Raises:
        OSError: The file cannot be written.
    """
    lines = [to_line(event) for event in events]
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        lines.insert(0, to_line(begin))
    with open(path, "a", encoding="utf-8", opener=_private) as file:
        file.write("".join(line + "\n" for line in lines))


def sync_file(path: Path, sink: Sink, *, report: Callable[[str], None]) -> Begin:
    """Send a spool event by event and delete it; returns the run, with its id.

    What was sent before a failure is not sent again by the next call. Files that are no longer
    where they were are reported and left out.

    Raises:
        IntegrityError: The file is not a spool.
        Exception: Whatever the sink raises; the rest of the spool stays.
    """
    events = _read(path)
    begin = events[0]
    if not isinstance(begin, Begin):
        raise IntegrityError(f"{path} does not begin with a run; delete it or mend it")
    if sink.run_id is not None:
        begin = dataclasses.replace(begin, run_id=sink.run_id)
    else:
        sink.send(begin)
        begin = dataclasses.replace(begin, run_id=sink.run_id)
    for sent, event in enumerate(events[1:], 1):
        try:
            if isinstance(event, Artifact | BundleModel) and not Path(event.path).exists():
                report(f"tracking: {event.path} is gone and was not sent")
            elif not isinstance(event, Begin):
                sink.send(event)
        except RefusedError as refusal:
            report(f"tracking: {refusal}")
        except Exception:
            _rewrite(path, [begin, *events[sent:]])
            raise
    path.unlink()
    return begin


def _read(path: Path) -> list[Event]:
    """Read every whole line; a last line that was cut off by a crash is left out."""
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
