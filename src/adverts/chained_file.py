"""A file of records that form a chain of hashes, which is only ever added to, and its count.

Each line states the hash of the line before and its own, so that a line which was changed, moved or
removed is noticed. A second file counts the lines, so that it is noticed too if the end of the file
was cut off. Both are checks against accidents and careless hands: whoever may write the folder can
write a whole new file. To be sure against them, note the hash of the newest line elsewhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from adverts.errors import InputError, IntegrityError, plural
from adverts.files.bounded_reading import MAX_VALUES, read_bounded
from adverts.files.durable import replace_file
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record
from adverts.record_chain import NOTHING_BEFORE, chained, first_broken, line_of, without
from adverts.record_lines import read_last_line, read_whole_lines

if TYPE_CHECKING:
    from adverts.record_chain import ChainedRecord

C = TypeVar("C", bound="ChainedRecord")
_COUNT_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class _Count:
    number: int
    hash: str


@dataclass(frozen=True, slots=True)
class ChainedFile(Generic[C]):
    """Where a chain of records is, and what it is a chain of.

    Attributes:
        kind: Class of the records.
        version: Their ``schema_version``.
        path: The file; it is created for its owner alone.
        count_path: The file that counts its lines.
        noun: What the file is called in messages, such as ``log``.
        max_values: Most values that one record may hold.
        least: Number of lines that it is known to have had, so that a file which was removed with
            its count is missed.
    """

    kind: type[C]
    version: int
    path: Path
    count_path: Path
    noun: str
    max_values: int = MAX_VALUES
    least: int = 0

    def read(self) -> tuple[C, ...]:
        """Return the records without checking the chain; none where there is no file yet.

        What is left of a line whose writer was killed is no record.

        Raises:
            IntegrityError: A line was damaged; the message names it.
            InputError: The file cannot be read.
        """
        with self._told("read"):
            return read_whole_lines(self._parsed, self.path)[0]

    def verified(self) -> tuple[C, ...]:
        """Return the records after checking the whole chain; no process adds any meanwhile.

        Raises:
            IntegrityError: A line was changed, moved or removed; the message names the first one.
            InputError: The file cannot be read.
        """
        if not self.path.exists():  # a lock would create it
            self._require_counted(None)
            return ()
        with self._told("read or written"), in_turn(self.path):
            return self._checked()[0]

    def append(self, make: Callable[[C | None], C]) -> C:
        """Add a record after the last one, and return it; it is on disk on return.

        Only the end of the file is read.

        Args:
            make: Returns the record, given the last one. Its number and hashes are set here. No
                other process adds any meanwhile.

        Raises:
            IntegrityError: The end of the file was changed or cut off.
            InputError: The file cannot be written, or the record could not be read again.
        """
        with self._told("written"), in_turn(self.path):
            last, kept = read_last_line(self._parsed, self.path, or_else=self._bring_back)
            self._count_last(last)
            record = self.after(last, make(last))
            self._write(record, kept)
            return record

    @contextmanager
    def turn(self) -> Iterator[Turn[C]]:
        """Hold the file during the block, after checking the whole chain.

        Folder and file are created where they are missing.

        Raises:
            IntegrityError: A line was changed, moved or removed; the message names the first one.
            InputError: The file cannot be read or written.
        """
        with ExitStack() as held:
            with self._told("read or written"):
                self.path.parent.mkdir(parents=True, exist_ok=True)
                held.enter_context(in_turn(self.path))
                records, kept = self._checked()
                self._count_last(records[-1] if records else None)
            yield Turn(self, records, kept)

    def erase(self, matches: Callable[[C], bool], names: Iterable[str]) -> int:
        """Erase personal fields of the records that match, and return the number changed.

        The chain holds as before. The file is replaced as a whole or not at all.

        Args:
            matches: Says of a record whether its fields are to be erased.
            names: Names of the fields.

        Raises:
            IntegrityError: A line was changed, moved or removed; the message names it.
            InputError: The file cannot be read or written.
        """
        if not self.path.exists():
            self._require_counted(None)
            return 0
        names = tuple(names)
        with self._told("read or written"), in_turn(self.path):
            records, _ = self._checked()
            erased = [without(one, names) if matches(one) else one for one in records]
            changed = sum(new != old for new, old in zip(erased, records, strict=True))
            if changed:
                lines = b"".join(line_of(one, self.version) for one in erased)
                replace_file(self.path.resolve(), lines)
            return changed

    def after(self, last: C | None, record: C) -> C:
        """Return a record as it will be read: after ``last``, with its number and hashes.

        Raises:
            InputError: What would be written could not be read again.
        """
        number, before = (1, NOTHING_BEFORE) if last is None else (last.number + 1, last.hash)
        draft: C = replace(record, number=number, before=before, hash="")
        try:
            return chained(self._parsed(line_of(draft, self.version)), self.version)
        except ValueError as error:
            raise InputError(
                f"{self.path}: the next line cannot be kept ({error}); nothing was recorded"
            ) from None

    def _parsed(self, line: bytes) -> C:
        return parse_record(self.kind, line, self.version, max_values=self.max_values)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Say in one line that the file cannot be read or written."""
        try:
            yield
        except OSError as error:
            raise InputError(f"{self.path} cannot be {what} ({error.strerror})") from None

    def _checked(self) -> tuple[tuple[C, ...], int]:
        """Return all records, and where the last ends, after checking chain and count."""
        records, kept = read_whole_lines(self._parsed, self.path)
        broken = first_broken(records, self.version)
        self._require(broken, not broken)
        count = self._count()
        if count is not None and 0 < count.number <= len(records):
            self._require(count.number, records[count.number - 1].hash == count.hash)
        self._require_counted(records[-1] if records else None)
        return records, kept

    def _require(self, number: int, holds: bool) -> None:
        if not holds:
            raise IntegrityError(
                f"{self.path}, line {number}: it is not what was written; {self._bring_back}"
            )

    @property
    def _bring_back(self) -> str:
        return f"bring back the {self.noun} as it was"

    def _count(self) -> _Count | None:
        try:
            return parse_record(
                _Count, read_bounded(self.count_path, most=_COUNT_BYTES), self.version
            )
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise IntegrityError(
                f"{self.count_path} is damaged ({error}); {self._bring_back}"
            ) from None

    def _require_counted(self, last: C | None) -> _Count | None:
        """Return the count; refuse a file that ends before it, or that was not counted."""
        count = self._count()
        lines = 0 if last is None else last.number
        counted = 0 if count is None else count.number
        if lines < self.least and counted <= lines:
            raise IntegrityError(
                f"{self.path} has {plural(lines, 'line')}, and had {self.least:,} when the bank "
                f"was built; {self._bring_back}, and {self.count_path.name} beside it"
            )
        if lines < counted:
            raise IntegrityError(
                f"{self.path} ends at line {lines} of {counted}: its end was cut off; "
                f"{self._bring_back}"
            )
        if lines > counted + 1:  # a process killed between the two leaves one line uncounted
            raise IntegrityError(
                f"{self.count_path} counts {counted} of {lines} lines of the {self.noun}; "
                f"{self._bring_back}"
            )
        if count is not None and last is not None and count.number == lines != 0:
            self._require(lines, count.hash == last.hash)
        return count

    def _count_last(self, last: C | None) -> None:
        """Count the last line, if a process was killed before it could."""
        count = self._require_counted(last)
        if last is not None and (count is None or count.number < last.number):
            self._write_count(last)

    def _write(self, record: C, kept: int) -> int:
        """Write a line after the first ``kept`` bytes, and count it; return where it ends."""
        line = line_of(record, self.version)
        with self.path.open("rb+") as file:
            file.truncate(kept)
            file.seek(kept)
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._write_count(record)
        return kept + len(line)

    def _write_count(self, record: C) -> None:
        plain = {"schema_version": self.version, **asdict(_Count(record.number, record.hash))}
        replace_file(self.count_path, json.dumps(plain).encode() + b"\n")


class Turn(Generic[C]):
    """A file that one process holds, so that no other adds to it.

    Attributes:
        records: The records that are there, those added in this turn included.
    """

    def __init__(self, file: ChainedFile[C], records: tuple[C, ...], kept: int) -> None:
        self.records = records
        self._file, self._kept = file, kept

    def after(self, record: C) -> C:
        """Return a record as the next one, with its number and hashes; nothing is written.

        Raises:
            InputError: What would be written could not be read again.
        """
        return self._file.after(self.records[-1] if self.records else None, record)

    def append(self, record: C) -> None:
        """Add the next record, as :meth:`after` returned it; it is on disk on return.

        Raises:
            InputError: The file cannot be written. Nothing more can be added in this turn.
        """
        assert self.after(record) == record, "it is not the next record"
        kept, self._kept = self._kept, -1
        if kept < 0:
            raise InputError(f"{self._file.path} could not be written before; start again")
        with self._file._told("written"):
            self._kept = self._file._write(record, kept)
        self.records = (*self.records, record)
