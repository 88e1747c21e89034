"""Finds where a CSV file may be cut: between records, as the reader of its rows sees them.

Only Python's ``csv`` knows where a record ends, since a quote within an unquoted cell is data.
Blocks of whole lines are therefore given to it at once, and their cells are thrown away. Where a
block holds something unusual, the reader of rows itself passes over it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO

from adverts.data.sources.formats.csv_rows import CsvReader
from adverts.data.sources.parts import Part
from adverts.files.bounded_reading import Openable
from adverts.files.delimited import DELIMITERS, USUAL, Dialect

_BLOCK_BYTES = 1_000_000
_BYTES_OF_ROW = 64  # a guess, so that a block for a few rows is small
_LEAST_BLOCK_BYTES = 16_384
_ROWS_AT_ONCE = 64  # rows that are passed over again if one of them is unusual
# In these encodings each quote and line end is one byte, and no other byte becomes one of them.
_PLAIN_ENCODINGS = {"utf-8", "utf8", "ascii", "latin-1", "cp1250", "cp1251", "cp1252", "cp1253"}
_PLAIN_ENCODINGS |= {"cp1254", "cp1256", "cp1258", "iso-8859-1", "iso-8859-9"}


def cut_csv(
    file: Openable, name: str, *, rows: int, max_bytes: int, dialect: Dialect = USUAL
) -> Iterator[Part]:
    """Yield parts of a file that have ``rows`` rows each, bad ones included, the last one fewer.

    Args:
        file: The file.
        name: Name of the file in the parts.
        rows: Number of rows of a part.
        max_bytes: Largest size of a row.
        dialect: How the file is written.

    Raises:
        InputError: The header is at fault, or a quote never closes.
    """
    with file.open("rb") as stream:
        ahead = _ReadAhead(stream)
        reader = CsvReader(ahead, file, max_bytes=max_bytes, dialect=dialect)
        reader.header()
        place = _Place(ahead, file, max_bytes, dialect, line=reader.next_line)
        record = 1
        while True:
            place.skip_empty_lines()
            start, first, count = ahead.offset, place.line, 0
            while count < rows and (passed := place.advance(rows - count)):
                count += passed
            if not count:
                return
            yield Part(
                name,
                start,
                ahead.offset,
                first,
                first_record=record,
                rows=count,
                encoding=dialect.encoding,
                delimiter=dialect.delimiter,
            )
            record += count


class _ReadAhead:
    """A stream that can be looked at before it is read.

    Attributes:
        offset: Number of bytes that were read, without those that were only looked at.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._held, self._at = stream, b"", 0
        self.offset = 0

    def whole_lines(self, most: int) -> bytes:
        """Return the whole lines in the next ``most`` bytes, which are read again later."""
        missing = most - (len(self._held) - self._at)
        if missing > 0:
            self._held, self._at = self._held[self._at :] + self._stream.read(missing), 0
        end = self._held.rfind(b"\n", self._at, self._at + most)
        return self._held[self._at : end + 1]

    def skip(self, count: int) -> None:
        """Read bytes that were looked at."""
        self._at += count
        self.offset += count

    def readline(self, limit: int, /) -> bytes:
        """Read the next line with its end, or the first ``limit`` bytes of it."""
        end = self._held.find(b"\n", self._at, self._at + limit) + 1
        line = self._held[self._at : end or self._at + limit]
        self._at += len(line)
        if not end and len(line) < limit:
            line += self._stream.readline(limit - len(line))
        self.offset += len(line)
        return line


@dataclass(frozen=True, slots=True)
class _Passed:
    """What was passed over: numbers of rows, without empty lines, of lines and of bytes."""

    rows: int = 0
    lines: int = 0
    num_bytes: int = 0


class _Place:
    """A place between two records of a file, which moves forward.

    Attributes:
        line: Number of the next line.
    """

    def __init__(
        self, ahead: _ReadAhead, file: Openable, max_bytes: int, dialect: Dialect, *, line: int
    ) -> None:
        self._ahead, self._file, self._max_bytes, self._dialect = ahead, file, max_bytes, dialect
        self._is_plain = dialect.encoding.lower() in _PLAIN_ENCODINGS and (
            dialect.delimiter in DELIMITERS
        )
        self.line = line

    def skip_empty_lines(self) -> None:
        """Move to the next line that is not empty."""
        while True:
            block = self._ahead.whole_lines(self._block_bytes(1))
            line = block[: block.find(b"\n") + 1]
            if not line or line.decode(self._dialect.encoding, "replace").strip("\r\n"):
                return
            self._move(_Passed(0, 1, len(line)))

    def advance(self, rows: int) -> int:
        """Move over ``rows`` rows or fewer, and return over how many; 0 at the end of the file."""
        block = self._ahead.whole_lines(self._block_bytes(rows)) if self._is_plain else b""
        passed = _passed(block, rows, self._dialect) if block else _Passed()
        if passed.lines:
            self._move(passed)
        return passed.rows or self._read(min(rows, _ROWS_AT_ONCE))

    def _block_bytes(self, rows: int) -> int:
        wanted = min(_BLOCK_BYTES, max(_LEAST_BLOCK_BYTES, rows * _BYTES_OF_ROW))
        return min(wanted, self._max_bytes)  # so that no row in a block is too long

    def _move(self, passed: _Passed) -> None:
        self._ahead.skip(passed.num_bytes)
        self.line += passed.lines

    def _read(self, rows: int) -> int:
        """Move over rows with the reader that reads them later."""
        reader = CsvReader(
            self._ahead,
            self._file,
            max_bytes=self._max_bytes,
            dialect=self._dialect,
            first_line=self.line,
        )
        filled = (fields for _, fields in reader.records() if fields)
        count = sum(1 for _ in islice(filled, rows))
        self.line = reader.next_line
        return count


def _passed(block: bytes, rows: int, dialect: Dialect) -> _Passed:
    """Return how far a block of whole lines holds ``rows`` usual rows or fewer."""
    is_simple = not (block[:1] in b"\r\n" or b'"' in block or b"\n\n" in block or b"\n\r" in block)
    if is_simple:  # each line is a row, whatever is wrong with it
        lines = min(rows, block.count(b"\n"))
        return _Passed(lines, lines, _bytes_of(block, lines))
    return _passed_quotes(block, rows, dialect)


def _passed_quotes(block: bytes, rows: int, dialect: Dialect) -> _Passed:
    try:
        text = block.decode(dialect.encoding)
    except UnicodeDecodeError as error:
        block = block[: block.rfind(b"\n", 0, error.start) + 1]
        text = block.decode(dialect.encoding)
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=dialect.delimiter, strict=True)
    total, count, lines = block.count(b"\n"), 0, 0
    try:
        while count < rows and lines < total:
            count += sum(map(bool, islice(reader, min(_ROWS_AT_ONCE, rows - count))))
            lines = reader.line_num
    except csv.Error:  # a bad row, or one that goes on after the block
        pass
    return _Passed(count, lines, _bytes_of(block, lines))


def _bytes_of(block: bytes, lines: int) -> int:
    """Return the size of the first lines of a block."""
    rest = block.split(b"\n", lines)[lines]
    return len(block) - len(rest)
