"""The list of final estimates beside the reviews, by which a sample has one final figure.

A line is on disk before the folder of its estimate appears. If the writer is killed in between, the
same command gives the same record, since it takes the time from the line, and ends what was begun.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from adverts.errors import InputError, IntegrityError
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record

FINALS = "finals.jsonl"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Final:
    """A final estimate.

    Attributes:
        samples: Seals of the samples that it is made from, in alphabetical order.
        folder: Name of its folder.
        replaces: Id of the record that it revises; None if it is the first.
        id: Id of its record; empty where it is not made yet.
        at: When it was made, ISO 8601 in UTC.
    """

    samples: tuple[str, ...]
    folder: str
    replaces: str | None
    id: str = ""
    at: str = ""


def read_finals(path: Path) -> tuple[Final, ...]:
    """Return the lines of a list of finals, in their order; none where there is no file yet.

    Raises:
        InputError: The file cannot be read.
        IntegrityError: A line was damaged; the message names it.
    """
    try:
        return _parsed(path, path.read_bytes())[0]
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from error


def time_begun(path: Path, wanted: Final, *, final: bool) -> str | None:
    """Return when a final estimate was made whose line is there, and whose folder may not be.

    Args:
        path: The list.
        wanted: The estimate that is to be made.
        final: Whether it is to be final.

    Returns:
        The time of its line; None if it has none, or is to be provisional.

    Raises:
        InputError: There is another final estimate of the samples, or another revision.
        IntegrityError: A line was damaged; the message names it.
    """
    finals = read_finals(path)
    found = [one.at for one in finals if replace(one, id="", at="") == wanted]
    if final and found:
        return found[-1]
    refuse_second(finals, wanted, final=final)
    return None


def refuse_second(finals: Sequence[Final], wanted: Final, *, final: bool = True) -> None:
    """Refuse a second final estimate of the same samples, and a second revision of a record.

    Args:
        finals: The lines.
        wanted: The estimate that is to be made.
        final: Whether it is to be final; a provisional one may stand beside a final one.

    Raises:
        InputError: There is one already.
    """
    for one in finals:
        if one.replaces is not None and one.replaces == wanted.replaces:
            raise InputError(
                f"the estimate {one.replaces[:12]} was revised already: {_named(one)}; revise that "
                f"one, with replaces= its folder. {_UNFINISHED}"
            )
    latest = _latest(finals, wanted.samples)
    if final and latest is not None and latest.id != wanted.replaces:
        raise InputError(
            f"there is a final estimate of this sample: {_named(latest)}; a sample has one final "
            f"figure: revise that one, with replaces= its folder and reason=WHY. {_UNFINISHED}"
        )


_UNFINISHED = (
    "If that folder never appeared, run the command that was to write it again; if labels changed "
    f"since, first take its line out of {FINALS}, beside the reviews"
)


def _named(one: Final) -> str:
    return f"{one.folder} ({one.id[:12]}, made {one.at})"


def _latest(finals: Sequence[Final], samples: tuple[str, ...]) -> Final | None:
    """Return the last final estimate of samples, or the last one that revises it."""
    latest = None
    for one in finals:
        if one.samples == samples or (latest is not None and one.replaces == latest.id):
            latest = one
    return latest


def add_final(path: Path, wanted: Final) -> None:
    """Append the line of a final estimate unless it is there; it is on disk on return.

    The file is created for its owner alone. Of several processes, one adds the final of a sample.

    Raises:
        InputError: There is another final of the samples, or the file cannot be written.
        IntegrityError: A line of it was damaged; the message names it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with in_turn(path):
            data = path.read_bytes()
            finals, kept = _parsed(path, data)
            if wanted in finals:
                return
            refuse_second(finals, wanted)
            _append(path, wanted, data[:kept])
    except OSError as error:
        raise InputError(
            f"{path} cannot be written ({error.strerror or error}); nothing was published"
        ) from error


def _append(path: Path, wanted: Final, kept: bytes) -> None:
    """Write a line after what is whole in the file; the rest was torn off."""
    record = {"schema_version": SCHEMA_VERSION, **asdict(wanted)}
    line = json.dumps(record, ensure_ascii=False).encode() + b"\n"
    if kept and not kept.endswith(b"\n"):
        line = b"\n" + line
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    try:
        os.ftruncate(descriptor, len(kept))
        if os.write(descriptor, line) != len(line):
            raise OSError("the disk is full")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _parsed(path: Path, data: bytes) -> tuple[tuple[Final, ...], int]:
    """Return the lines, and the number of bytes before a line that was torn off."""
    found, kept = [], 0
    lines = data.split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            if line.strip():
                found.append(parse_record(Final, line, SCHEMA_VERSION))
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                break
            raise IntegrityError(
                f"{path}, line {number}: {error}; bring back the line as it was written"
            ) from None
        kept = min(kept + len(line) + 1, len(data))
    return tuple(found), kept
