"""A file of records that form a chain of hashes, which is only ever added to, and its count.

Each line states the hash of the line before and its own, so that a line which was changed, moved or
removed is noticed. A second file counts the lines, so that it is noticed too if the end of the file
was cut off. Both are checks against accidents and careless hands: whoever may write the folder can
write a whole new file. To be sure against them, note the hash of the newest line elsewhere, as a
bank does of the reviews and judgements that it was built with.

Before lines are added, the count says what will be there: after a kill either the lines before or
all are right, and nothing else is. Several lines are added by replacing the file as a whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from adverts.errors import InputError, IntegrityError, plural, say
from adverts.files.bounded_reading import MAX_VALUES, read_bounded
from adverts.files.durable import replace_file, sync
from adverts.files.file_lock import in_turn
from adverts.json_records import parse_record
from adverts.moments import fault_of_time
from adverts.record_chain import (
    CHAIN,
    NOTHING_BEFORE,
    chained,
    first_broken,
    later_fields,
    line_of,
    without,
)
from adverts.record_lines import MOST_BYTES, damaged_line, read_last_line, write_after

if TYPE_CHECKING:
    from adverts.record_chain import ChainedRecord

C = TypeVar("C", bound="ChainedRecord")
_COUNT_BYTES = 10_000


@dataclass(frozen=True, slots=True)
class _Count:
    """How many lines there are and the hash of the last; also of those that are being written.

    Earlier releases wrote no ``next_number``, and counted a line after writing it.
    """

    number: int
    hash: str
    next_number: int = 0
    next_hash: str = ""


@dataclass(frozen=True, slots=True)
class ChainedFile(Generic[C]):
    """Where a chain of records is, and what it is a chain of.

    Attributes:
        kind: Class of the records.
        version: Their ``schema_version``.
        path: The file; it is created for its owner alone.
        noun: What the file is called in messages, such as ``log``.
        max_values: Most values that one record may hold.
        least: Number of lines that it is known to have had, so that a file which was removed with
            its count is missed.
        later: Fields that an earlier release did not write.
        times: Fields that hold when something was said; none may be in the future.
        adds: What adds lines, where earlier releases wrote the file without a chain: such a file is
            taken over once. Empty where they never did.
    """

    kind: type[C]
    version: int
    path: Path
    noun: str
    max_values: int = MAX_VALUES
    least: int = 0
    later: frozenset[str] = frozenset()
    times: tuple[str, ...] = ()
    adds: str = ""

    @property
    def count_path(self) -> Path:
        """The file beside it that counts its lines."""
        return self.path.with_name(f"{self.path.stem}_count.json")

    def read(self) -> tuple[C, ...]:
        """Return the records without checking the chain; none where there is no file yet.

        What is left of a line whose writer was killed is no record.

        Raises:
            IntegrityError: A line was damaged; the message names it.
            InputError: The file cannot be read.
        """
        with self._told("read"):
            return tuple(self._lines()[0])

    def verified(self) -> tuple[C, ...]:
        """Return the records after checking the whole chain; no process adds any meanwhile.

        A file that an earlier release wrote without a chain gets one, which is said.

        Raises:
            IntegrityError: A line was changed, moved or removed; the message names the first one.
            InputError: The file cannot be read.
        """
        if not self.path.exists():  # a lock would create it
            self._require_counted(None)
            return ()
        with self._told("read or written"):
            may_write = os.access(self.path, os.W_OK)  # otherwise nobody here adds any
            with in_turn(self.path) if may_write else nullcontext():
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
            self._write([record], kept)
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
                locked = self.path.stat()
                records, kept = self._checked()
                if not os.path.samestat(locked, self.path.stat()):  # it was taken over
                    held.enter_context(in_turn(self.path))
                    records, kept = self._checked()
                self._count_last(records[-1] if records else None)
            yield Turn(self, records, kept)

    def extend(self, make: Callable[[tuple[C, ...]], Sequence[C]]) -> tuple[C, ...]:
        """Add records and return them; they are on disk on return, and after a kill all or none.

        Args:
            make: Returns the records to add, given those that are there. Their numbers and hashes
                are set here. No other process adds any meanwhile. If it raises an error, nothing
                is added.

        Raises:
            IntegrityError: A line was changed, moved or removed; the message names the first one.
            InputError: The file cannot be read or written, or a record could not be read again.
        """
        with self.turn() as turn:
            last, added = turn.last, list[C]()
            for one in make(turn.records):
                last = self.after(last, one)
                added.append(last)
            if added:
                with self._told("written"):
                    self._write(added, turn.kept)
            return tuple(added)

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
                replace_file(self.path.resolve(), self._bytes(erased))
            return changed

    def after(self, last: C | None, record: C) -> C:
        """Return a record as it will be read: after ``last``, with its number and hashes.

        Raises:
            InputError: What would be written could not be read again.
        """
        number, before = (1, NOTHING_BEFORE) if last is None else (last.number + 1, last.hash)
        draft: C = replace(record, number=number, before=before, hash="")
        fault = self._fault_of_times(record)
        if fault:
            raise InputError(f"{self.path}: {fault}; nothing was recorded")
        try:
            return chained(self._parsed(line_of(draft, self.version)), self.version)
        except ValueError as error:
            raise InputError(
                f"{self.path}: the next line cannot be kept ({error}); nothing was recorded"
            ) from None

    def _parsed(self, line: bytes) -> C:
        may_lack = self.later | later_fields(self.kind)
        if self.adds:
            may_lack |= set(CHAIN)
        return parse_record(
            self.kind, line, self.version, max_values=self.max_values, may_lack=may_lack
        )

    def _fault_of_times(self, record: C) -> str:
        said = {name: getattr(record, name) for name in self.times}
        faults = ((name, fault_of_time(text)) for name, text in said.items() if text)
        return next((f"{name}: {fault}" for name, fault in faults if fault), "")

    def _bytes(self, records: Sequence[C]) -> bytes:
        return b"".join(line_of(one, self.version) for one in records)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        """Say in one line that the file cannot be read or written."""
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            raise InputError(
                f"{self.path} cannot be {what} ({why}); nothing is lost: free the path or give "
                "another one, and run the same command again"
            ) from None

    def _lines(self) -> tuple[list[C], list[int]]:
        """Return all records and where each ends; what is left of a killed writer is none."""
        try:
            data = read_bounded(self.path, most=MOST_BYTES)
        except FileNotFoundError:
            return [], []
        *lines, torn = data.split(b"\n")
        records: list[C] = []
        ends: list[int] = []
        end = 0
        for number, line in enumerate(lines, start=1):
            end += len(line) + 1
            if not line.strip():
                continue
            try:
                records.append(self._parsed(line))
            except ValueError as error:
                raise damaged_line(self.path, number, error) from None
            ends.append(end)
        if self.adds and torn:
            with suppress(ValueError):
                whole = self._parsed(torn)
                if not whole.hash:  # of other tools, which may leave out the end of the line
                    records.append(whole)
                    ends.append(end + len(torn))
        return records, ends

    def _checked(self) -> tuple[tuple[C, ...], int]:
        """Return all records, and where the last ends, after checking chain and count."""
        records, ends = self._lines()
        count = self._count()
        was_plain = bool(records) and not any(one.hash for one in records)
        if self.adds and was_plain and (count is None or not count.number):
            records, ends = self._take_over(records)
            count = self._count()
        broken = first_broken(records, self.version)
        if broken and not records[broken - 1].hash:
            once = f"; or is it of an earlier release? Then move {self.count_path.name} away"
            raise IntegrityError(
                f"{self.path}, line {broken}: it has no hash, so it is not what was written, or "
                f"another tool wrote it; {self.adds or self._bring_back}{once * was_plain}"
            )
        self._require(broken, not broken)
        if count is not None and 0 < count.number <= len(records):
            self._require(count.number, records[count.number - 1].hash == count.hash)
        self._require_counted(records[-1] if records else None)
        self._require_times(records)
        return tuple(records), ends[-1] if ends else 0

    def _require_times(self, records: Sequence[C]) -> None:
        for number, one in enumerate(records, start=1):
            fault = self._fault_of_times(one)
            if fault:
                raise IntegrityError(f"{self.path}, line {number}: {fault}; {self._bring_back}")

    def _take_over(self, records: Sequence[C]) -> tuple[list[C], list[int]]:
        """Give a chain to a file that an earlier release wrote without one, or leave it alone."""
        self._require_times(records)
        new: list[C] = []
        for one in records:
            new.append(self.after(new[-1] if new else None, one))
        self._replace(self._bytes(new), new[-1])
        say(
            f"{self.path}: {plural(len(new), 'line')} of an earlier release have a chain of hashes "
            f"from now on, and {self.count_path.name} beside it; keep both together"
        )
        return self._lines()

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
            data = read_bounded(self.count_path, most=_COUNT_BYTES)
            may_lack = frozenset(("next_number", "next_hash"))
            return parse_record(_Count, data, self.version, may_lack=may_lack)
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
        begun = 0 if count is None else count.next_number
        legal = (counted, begun) if begun else (counted, counted + 1)
        if lines not in legal:
            raise IntegrityError(
                f"{self.count_path} counts {counted} of {lines} lines of the {self.noun}; "
                f"{self._bring_back}, and move or copy both together"
            )
        if count is not None and last is not None:
            self._require(lines, count.number != lines or count.hash == last.hash)
            self._require(lines, begun != lines or count.next_hash == last.hash)
        return count

    def _count_last(self, last: C | None) -> None:
        """Count the last line, if a process was killed before it could."""
        count = self._require_counted(last)
        if last is not None and (count is None or count.number < last.number):
            self._count_as_last(last)

    def _write(self, records: Sequence[C], kept: int) -> int:
        """Write lines after the first ``kept`` bytes, and count them; return where they end."""
        lines, last = self._bytes(records), records[-1]
        if len(records) > 1:
            self._replace(read_bounded(self.path, most=MOST_BYTES)[:kept] + lines, last)
        else:
            self._begin(last)
            write_after(self.path, lines, kept)
            self._count_as_last(last)
        return kept + len(lines)

    def _replace(self, data: bytes, last: C) -> None:
        """Put a file in the place of this one, which ends with ``last``; it is locked meanwhile."""
        path = self.path.resolve()
        new = path.with_name(f"{path.name}.new")
        self._begin(last)
        with in_turn(new):
            try:
                new.write_bytes(data)
                sync(new)
                os.replace(new, path)
            except BaseException:
                new.unlink(missing_ok=True)
                raise
            sync(path.parent)
            self._count_as_last(last)

    def _begin(self, last: C) -> None:
        """Let the count say what will be there: after a kill, nothing else is taken for it."""
        before = self._count() or _Count(0, "")
        self._write_count(replace(before, next_number=last.number, next_hash=last.hash))

    def _count_as_last(self, last: C) -> None:
        self._write_count(_Count(last.number, last.hash, last.number, last.hash))

    def _write_count(self, count: _Count) -> None:
        plain = {name: one for name, one in asdict(count).items() if one or name == "number"}
        data = json.dumps({"schema_version": self.version, "hash": "", **plain}).encode()
        replace_file(self.count_path, data + b"\n")


class Turn(Generic[C]):
    """A file that one process holds, so that no other adds to it.

    Attributes:
        records: The records that are there, those added in this turn included.
        kept: Where the last of them ends; below 0 once one could not be written.
    """

    def __init__(self, file: ChainedFile[C], records: tuple[C, ...], kept: int) -> None:
        self.records, self.kept = records, kept
        self._file = file

    @property
    def last(self) -> C | None:
        """The last record; None if there is none."""
        return self.records[-1] if self.records else None

    def after(self, record: C) -> C:
        """Return a record as the next one, with its number and hashes; nothing is written.

        Raises:
            InputError: What would be written could not be read again.
        """
        return self._file.after(self.last, record)

    def append(self, record: C) -> None:
        """Add the next record, as :meth:`after` returned it; it is on disk on return.

        Raises:
            InputError: The file cannot be written. Nothing more can be added in this turn.
        """
        assert self.after(record) == record, "it is not the next record"
        kept, self.kept = self.kept, -1
        if kept < 0:
            raise InputError(f"{self._file.path} could not be written before; start again")
        with self._file._told("written"):
            self.kept = self._file._write([record], kept)
        self.records = (*self.records, record)
