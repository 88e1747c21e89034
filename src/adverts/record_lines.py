"""Files of JSON records, one a line, that are only ever added to, by one process at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from adverts.errors import IntegrityError
from adverts.files.bounded_reading import open_file, read_bounded
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R")
T = TypeVar("T", bound="DataclassInstance")
_TAIL_BYTES = 1 << 20
MOST_BYTES = 1 << 31
"""Largest file of records that is read."""


def read_lines(
    kind: type[T], path: Path, version: int, *, may_lack: frozenset[str] = frozenset()
) -> tuple[T, ...]:
    """Return the records of a file in the order of its lines; none where there is no file yet.

    What is left of a line whose writer was killed is no record.

    Args:
        kind: Class of the records.
        path: The file.
        version: The only ``schema_version`` that is read.
        may_lack: Fields that an earlier release did not write.

    Raises:
        IntegrityError: A line was damaged; the message names it.
        OSError: The file cannot be read.
    """
    try:
        return _parsed(kind, path, read_bounded(path, most=MOST_BYTES), version, may_lack)[0]
    except FileNotFoundError:
        return ()


def append_lines(
    kind: type[T],
    path: Path,
    version: int,
    *,
    new: Callable[[Sequence[T]], Sequence[T]],
    may_lack: frozenset[str] = frozenset(),
) -> int:
    """Append records and return their number; they are on disk on return.

    The file is created for its owner alone. All records are written in one piece after the last
    whole line: what a killed writer left is removed.

    Args:
        kind: Class of the records.
        path: The file.
        version: Their ``schema_version``.
        new: Returns the records to add, given those that are there; no other process adds any
            meanwhile. If it raises an error, nothing is added.
        may_lack: Fields that an earlier release did not write.

    Raises:
        IntegrityError: A line was damaged; the message names it.
        OSError: The file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with in_turn(path):
        data = read_bounded(path, most=MOST_BYTES)
        known, kept = _parsed(kind, path, data, version, may_lack)
        added = new(known)
        if added:
            lines = b"".join(_line(one, version) for one in added)
            is_ended = not kept or data[:kept].endswith(b"\n")
            write_after(path, lines if is_ended else b"\n" + lines, kept)
        return len(added)


def read_whole_lines(parse: Callable[[bytes], R], path: Path) -> tuple[R, ...]:
    """Return what stands in each line that has an end; the rest of a killed writer is left out.

    Args:
        parse: Returns what is in a line; it raises an error where there is none.
        path: The file.

    Raises:
        IntegrityError: A line was damaged; the message names it.
        OSError: The file cannot be read.
    """
    *lines, _ = read_bounded(path, most=MOST_BYTES).split(b"\n")
    found: list[R] = []
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                found.append(parse(line))
        except ValueError as error:
            raise damaged_line(path, number, error) from None
    return tuple(found)


def read_last_line(
    parse: Callable[[bytes], R], path: Path, *, or_else: str
) -> tuple[R | None, int]:
    """Return the record of the last line that has an end, and the place where that is.

    Only the end of the file is read.

    Args:
        parse: Returns the record of a line; it raises an error where there is none.
        path: The file.
        or_else: What to do about a damaged line.

    Raises:
        IntegrityError: The line was damaged.
        OSError: The file cannot be read.
    """
    with open_file(path) as file:
        size, length = file.seek(0, os.SEEK_END), _TAIL_BYTES
        while True:
            start = file.seek(max(0, size - length))
            tail = file.read()
            end = tail.rfind(b"\n") + 1
            begin = tail.rfind(b"\n", 0, max(0, end - 1)) + 1
            if begin or not start:
                break
            length *= 4
    if not end:
        return None, 0
    try:
        return parse(tail[begin : end - 1]), start + end
    except ValueError as error:
        raise IntegrityError(f"{path}, last line: {error}; {or_else}") from None


def damaged_line(path: Path, number: int, error: Exception) -> IntegrityError:
    """Return the error of a line that holds no record, with what to do about it."""
    advice = "bring back the line as it was written"
    if str(error).startswith("schema_version"):
        advice += ", or use the release that wrote it"
    return IntegrityError(f"{path}, line {number}: {error}; {advice}")


def write_after(path: Path, lines: bytes, kept: int) -> None:
    """Write lines in one piece after the first ``kept`` bytes of a file; the rest was torn off.

    Raises:
        OSError: They cannot be written, or not all of them.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        os.ftruncate(descriptor, kept)
        if os.write(descriptor, lines) != len(lines):
            raise OSError("the disk is full")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _line(record: DataclassInstance, version: int) -> bytes:
    plain = {"schema_version": version, **asdict(record)}
    return json.dumps(plain, ensure_ascii=False).encode() + b"\n"


def _parsed(
    kind: type[T], path: Path, data: bytes, version: int, may_lack: frozenset[str]
) -> tuple[tuple[T, ...], int]:
    """Return the records of a file, and the number of its bytes before a line that was torn off."""
    records, kept = [], 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                records.append(parse_record(kind, line, version, may_lack=may_lack))
        except ValueError as error:
            if number == len(lines):
                break
            raise damaged_line(path, number, error) from None
        kept = min(kept + len(line) + 1, len(data))
    return tuple(records), kept
