"""Rows of CSV files, streamed; reading goes on after a broken row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NoReturn

from adverts.data.sources.bad_rows import NumberedRow, RowFault
from adverts.data.sources.formats.faults import (
    RowTooLongError,
    is_too_long,
    reason_without_quote,
    too_long,
)
from adverts.data.sources.formats.header import check_header
from adverts.data.sources.formats.unpacking import UnpackError
from adverts.data.sources.parts import Part
from adverts.errors import InputError
from adverts.files.bounded_reading import Lines, Openable, bounded_lines
from adverts.files.delimited import USUAL, Dialect, refuse_utf16

_FAULTS = (csv.Error, UnicodeDecodeError, RowTooLongError)


def csv_columns(file: Openable, *, max_bytes: int, dialect: Dialect = USUAL) -> tuple[str, ...]:
    """Return the header of a CSV file.

    Args:
        file: The file.
        max_bytes: Largest size of the header.
        dialect: How the file is written.

    Raises:
        InputError: There is no header, it is too long, or it names a column twice.
    """
    with file.open("rb") as stream:
        return CsvReader(stream, file, max_bytes=max_bytes, dialect=dialect).header()


def read_csv(
    file: Openable, *, max_bytes: int, dialect: Dialect = USUAL, part: Part | None = None
) -> Iterator[NumberedRow]:
    """Yield the line where each row begins, with its fields by name or its fault.

    A byte-order mark, double quotes, and line ends of LF or CRLF are understood. Empty lines are
    skipped.

    Args:
        file: The file.
        max_bytes: Largest size of a row.
        dialect: How the file is written.
        part: The part to read; None reads all.

    Raises:
        InputError: The header is at fault, or a quote never closes, so that all rows after it
            would be lost.
    """
    with file.open("rb") as stream:
        reader = CsvReader(stream, file, max_bytes=max_bytes, dialect=dialect)
        header = reader.header()
        if part is not None and not part.is_whole:
            stream.seek(part.start)
            reader = CsvReader(
                stream,
                file,
                max_bytes=max_bytes,
                dialect=dialect,
                first_line=part.first_row,
                length=part.stop - part.start,
            )
        for line, fields in reader.records():
            if fields:
                yield line, _named(header, fields)


class CsvReader:
    """Reads the records of a CSV file one by one, from a line at which a record begins.

    This one class reads rows and finds where a file may be cut, so that both always agree.
    """

    def __init__(
        self,
        stream: Lines,
        file: Openable,
        *,
        max_bytes: int,
        dialect: Dialect,
        first_line: int = 1,
        length: int | None = None,
    ) -> None:
        """Start to read; nothing is read yet.

        Args:
            stream: The open file, at the beginning of a record.
            file: The same file, for messages.
            max_bytes: Largest size of a record.
            dialect: How the file is written.
            first_line: Number of the first line.
            length: Number of bytes to read; None reads all.
        """
        self._file = file
        self._lines = _Lines(
            bounded_lines(stream, most=max_bytes, length=length), file, max_bytes, dialect
        )
        self._lines.number = first_line - 1
        self._reader = csv.reader(self._lines, delimiter=dialect.delimiter, strict=True)

    @property
    def next_line(self) -> int:
        """Number of the line that is read next."""
        return self._lines.number + 1

    def header(self) -> tuple[str, ...]:
        """Read the first record, and return the names of the columns.

        Raises:
            InputError: There is no header, it is too long, or it names a column twice.
        """
        try:
            header = next(self._reader, None)
        except _FAULTS as error:
            reason = reason_without_quote(error)
            raise InputError(f"{self._file}: the header cannot be read ({reason})") from None
        except UnpackError as error:
            raise InputError(f"{self._file} {error} in its header; {error.advice}") from None
        return check_header(header or [], self._file)

    def records(self) -> Iterator[tuple[int, list[str] | RowFault]]:
        """Yield the line where each record begins, with its fields or its fault.

        An empty line is a record without fields.

        Raises:
            InputError: A quote never closes.
        """
        lines, reader = self._lines, self._reader
        while True:
            start = lines.number + 1
            lines.begin_row()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except _FAULTS as error:
                too_many = is_too_long(error) and lines.number > start
                if too_many or (isinstance(error, csv.Error) and lines.ended):
                    self._refuse_open_quote(start)
                reason = reason_without_quote(error)
                yield start, RowFault("", reason + _span(start, lines.number))
            else:
                yield start, fields

    def _refuse_open_quote(self, start: int) -> NoReturn:
        raise InputError(
            f"{self._file}: a quote in the row that begins on line {start} does not close (or a "
            f"field is longer than {csv.field_size_limit():,} characters); close it, or "
            "double each quote in a cell"
        ) from None


class _Lines:
    """Counts and decodes lines; an unusable one raises, and the next call continues after it.

    The lines of one row may have ``most`` bytes in all.
    """

    def __init__(
        self, lines: Iterator[bytes | None], file: Openable, most: int, dialect: Dialect
    ) -> None:
        self._lines, self._file, self._most = lines, file, most
        self._encoding = dialect.encoding
        self.number, self.ended, self._bytes = 0, False, 0

    def begin_row(self) -> None:
        """Count the bytes of a new row from here on."""
        self._bytes = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        try:
            line = next(self._lines)
        except StopIteration:
            self.ended = True
            raise
        self.number += 1
        self._bytes += len(line or b"")
        if line is None or self._bytes > self._most + 1:  # the last line end is not counted
            raise RowTooLongError(too_long(self._most))
        if self.number == 1:
            refuse_utf16(line, self._file)
            line = line.removeprefix(b"\xef\xbb\xbf")
        return line.decode(self._encoding)


def _span(start: int, end: int) -> str:
    return f"; lines {start} to {end} are lost" if end > start else ""


def _named(header: tuple[str, ...], fields: list[str] | RowFault) -> dict[str, object] | RowFault:
    if isinstance(fields, RowFault):
        return fields
    if len(fields) != len(header):
        return RowFault("", f"has {len(fields)} fields, the header has {len(header)}")
    return dict(zip(header, fields, strict=True))
