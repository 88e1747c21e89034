"""The log of a bank: who looked up, exported or judged what, when and why, as a chain of hashes.

Each line states the hash of the line before and its own, so that a line which was changed, moved or
removed is noticed. A second file counts the lines, so that it is noticed too if the end of the log
was cut off, and the pointer of the bank says how many there were with the current build, so that it
is noticed if log and count are gone. These are checks against accidents and careless hands: whoever
may write the folder can write a whole new log. To be sure against them, note the hash of the newest
line elsewhere.

What names a person stands beside a random salt. The chain covers a hash of both. Salt and value can
be erased and the chain still holds; what was erased can then not be guessed from the hash.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from adverts.errors import InputError, IntegrityError, plural
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record
from adverts.linking.bank.bank_files import read_pointer, replace_file
from adverts.linking.bank.log_entry import (
    LOG_VERSION,
    NOTHING_BEFORE,
    PERSONAL,
    Act,
    LogEntry,
    PersonalField,
    chained,
    is_as_written,
    line_of,
    salted,
    without,
)
from adverts.record_lines import read_lines

LOG, COUNT = "log.jsonl", "log_count.json"
MOST_LETTERS = 10_000
"""Most letters of each personal field."""
_TAIL_BYTES = 1 << 20
_BRING_BACK = "bring back the log as it was"


@dataclass(frozen=True, slots=True)
class _Count:
    number: int
    hash: str


def record_access(
    folder: Path, act: Act, *, build: int, who: str, asked: str, why: str, at: datetime
) -> LogEntry:
    """Add a line to the log; it is on disk on return, so call this before the act itself.

    Args:
        folder: Folder of the bank.
        act: What is done.
        build: Number of the build that it is done with.
        who: Who does it.
        asked: What is asked for or made; tokens rather than contacts.
        why: Why, in words.
        at: When, with its time zone.

    Raises:
        InputError: Nobody or no reason is named, a text is too long, or the log cannot be written.
        IntegrityError: The end of the log was changed or cut off.
    """
    _require_said(who=who, asked=asked, why=why)
    path = folder / LOG
    try:
        with in_turn(path):
            last, kept = _last_entry(path)
            _count_last(folder, last)
            entry = LogEntry(
                number=1 if last is None else last.number + 1,
                at=at.astimezone(UTC).isoformat(),
                act=act,
                build=build,
                who=salted(who),
                asked=salted(asked),
                why=salted(why),
                before=NOTHING_BEFORE if last is None else last.hash,
                hash="",
            )
            entry = chained(entry)
            _append(path, entry, kept=kept)
            _write_count(folder, entry)
            return entry
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror})") from None


def _require_said(**texts: str) -> None:
    for name in ("who", "why"):
        if not texts[name].strip():
            raise InputError(f"the log of the bank needs to know {name}; give {name}=…")
    for name, text in texts.items():
        if len(text) > MOST_LETTERS:
            raise InputError(f"{name} has {len(text):,} letters, at most {MOST_LETTERS:,} are kept")


def _last_entry(path: Path) -> tuple[LogEntry | None, int]:
    """Return the last whole line, and where it ends; what a killed writer left is no line."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        start = file.seek(max(0, size - _TAIL_BYTES))
        tail = file.read()
    end = tail.rfind(b"\n") + 1
    if not end:
        return None, 0
    line = tail[: end - 1].rpartition(b"\n")[2]
    try:
        return parse_record(LogEntry, line, LOG_VERSION), start + end
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{path}, last line: {error}; {_BRING_BACK}") from None


def _append(path: Path, entry: LogEntry, *, kept: int) -> None:
    """Write a line after the first ``kept`` bytes of the log; what follows them was torn off."""
    with path.open("rb+") as file:
        file.truncate(kept)
        file.seek(kept)
        file.write(line_of(entry))
        file.flush()
        os.fsync(file.fileno())


def _write_count(folder: Path, entry: LogEntry) -> None:
    plain = {"schema_version": LOG_VERSION, **asdict(_Count(entry.number, entry.hash))}
    replace_file(folder / COUNT, json.dumps(plain).encode() + b"\n")


def _read_count(folder: Path) -> _Count | None:
    path = folder / COUNT
    try:
        return parse_record(_Count, path.read_bytes(), LOG_VERSION)
    except FileNotFoundError:
        return None
    except (ValueError, RecursionError) as error:
        raise IntegrityError(f"{path} is damaged ({error}); {_BRING_BACK}") from None


def _count_last(folder: Path, last: LogEntry | None) -> None:
    """Count the last line, if a process was killed before it could."""
    count = _require_counted(folder, last)
    if last is not None and (count is None or count.number < last.number):
        _write_count(folder, last)


def _require_counted(folder: Path, last: LogEntry | None) -> _Count | None:
    """Return the count; refuse a log that ends before it, or that was not counted."""
    pointer, count = read_pointer(folder), _read_count(folder)
    lines = 0 if last is None else last.number
    counted = 0 if count is None else count.number
    with_build = 0 if pointer is None else pointer.log_lines
    if lines < with_build and counted <= lines:
        raise IntegrityError(
            f"{folder / LOG} has {plural(lines, 'line')}, and had {with_build:,} when the bank was "
            f"built; {_BRING_BACK}, and {COUNT} beside it"
        )
    if lines < counted:
        raise IntegrityError(
            f"{folder / LOG} ends at line {lines} of {counted}: its end was cut off; {_BRING_BACK}"
        )
    if lines > counted + 1:  # a process killed between the two leaves one line uncounted
        raise IntegrityError(
            f"{folder / COUNT} counts {counted} of {lines} lines of the log; {_BRING_BACK}"
        )
    if count is not None and last is not None and count.number == lines != 0:
        _require(folder, lines, count.hash == last.hash)
    return count


def verify_log(folder: Path) -> int:
    """Return the number of lines of the log after checking its whole chain; nobody adds meanwhile.

    Raises:
        IntegrityError: A line was changed, moved or removed; the message names the first such line.
        InputError: The log cannot be read.
    """
    return len(_in_turn(folder, lambda: _verified(folder)))


def _in_turn(folder: Path, act: Callable[[], Sequence[LogEntry]]) -> Sequence[LogEntry]:
    path = folder / LOG
    if not path.exists():  # a lock would create it
        _require_counted(folder, None)
        return ()
    try:
        with in_turn(path):
            return act()
    except OSError as error:
        raise InputError(f"{path} cannot be read or written ({error.strerror})") from None


def _verified(folder: Path) -> tuple[LogEntry, ...]:
    entries = read_log(folder)
    before = NOTHING_BEFORE
    for number, entry in enumerate(entries, start=1):
        follows = entry.number == number and entry.before == before
        _require(folder, number, follows and is_as_written(entry))
        before = entry.hash
    count = _read_count(folder)
    if count is not None and 0 < count.number <= len(entries):
        _require(folder, count.number, entries[count.number - 1].hash == count.hash)
    _require_counted(folder, entries[-1] if entries else None)
    return entries


def _require(folder: Path, number: int, holds: bool) -> None:
    if not holds:
        raise IntegrityError(
            f"{folder / LOG}, line {number}: it is not what was written; {_BRING_BACK}"
        )


def read_log(folder: Path) -> tuple[LogEntry, ...]:
    """Return the lines of the log without checking the chain; none where there is no log yet.

    Raises:
        IntegrityError: A line was damaged; the message names it.
        InputError: The log cannot be read.
    """
    try:
        return read_lines(LogEntry, folder / LOG, LOG_VERSION)
    except OSError as error:
        raise InputError(f"{folder / LOG} cannot be read ({error.strerror})") from None


def erase_personal(
    folder: Path,
    matches: Callable[[LogEntry], bool],
    *,
    fields: Sequence[PersonalField] = PERSONAL,
) -> int:
    """Erase fields of the lines that match, and return the number of lines changed.

    The chain holds as before. The log is replaced as a whole or not at all.

    Args:
        folder: Folder of the bank.
        matches: Says of a line whether its fields are to be erased.
        fields: The fields.

    Raises:
        IntegrityError: A line was changed, moved or removed; the message names it.
        InputError: The log cannot be read or written.
    """

    def erase() -> Sequence[LogEntry]:
        entries = _verified(folder)
        erased = [without(one, fields) if matches(one) else one for one in entries]
        changed = [new for new, old in zip(erased, entries, strict=True) if new != old]
        if changed:
            replace_file(folder / LOG, b"".join(map(line_of, erased)))
        return changed

    return len(_in_turn(folder, erase))
