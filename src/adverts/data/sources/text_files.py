"""Rows of CSV and JSON Lines files, streamed; reading goes on after a broken row."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from adverts.data.sources.bad_rows import RowFault
from adverts.errors import InputError
from adverts.files.bounded_reading import bounded_lines
from adverts.files.delimited import USUAL, Dialect, refuse_utf16

NumberedRow = tuple[int, "dict[str, object] | RowFault"]
_MAX_COLUMNS, _MAX_DEPTH = 10_000, 20
_NAMES_SHOWN = 5


class _RowTooLongError(ValueError):
    """Raised if a row has more bytes than are read."""


def csv_columns(path: Path, *, max_bytes: int, dialect: Dialect = USUAL) -> tuple[str, ...]:
    """Return the header of a CSV file.

    Args:
        path: The file.
        max_bytes: Largest size of the header.
        dialect: How the file is written.

    Raises:
        InputError: There is no header, it is too long, or it names a column twice.
    """
    with path.open("rb") as file:
        try:
            header = next(_reader(_Lines(file, path, max_bytes, dialect), dialect), None)
        except (csv.Error, UnicodeDecodeError, _RowTooLongError) as error:
            raise InputError(f"{path}: the header cannot be read ({_reason(error)})") from None
    return check_header(header or [], path)


def check_header(header: Sequence[str], path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a file.

    Raises:
        InputError: There are none or too many, or one occurs twice.
    """
    if not any(name.strip() for name in header):
        raise InputError(f"{path} is empty; it needs a header and rows")
    if len(header) > _MAX_COLUMNS:
        raise InputError(
            f"{path}: the header has {len(header):,} columns, at most {_MAX_COLUMNS:,} are read"
        )
    twice = sorted(name for name, times in Counter(header).items() if name and times > 1)
    if twice:
        named = ", ".join(twice[:_NAMES_SHOWN]) + (", …" if len(twice) > _NAMES_SHOWN else "")
        raise InputError(f"{path}: the header names {named} twice; names must differ")
    return tuple(
        name if name.strip() else _unnamed(number, header)
        for number, name in enumerate(header, start=1)
    )


def _unnamed(number: int, header: Sequence[str]) -> str:
    """Return an unused name for a column without one, so that no cell replaces another."""
    name = f"column {number}"
    while name in header:
        name += "_"
    return name


def _reader(lines: _Lines, dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=dialect.delimiter, strict=True)


def read_csv(path: Path, *, max_bytes: int, dialect: Dialect = USUAL) -> Iterator[NumberedRow]:
    """Yield the line where each row begins, with its fields by name or its fault.

    A byte-order mark, double quotes, and line ends of LF or CRLF are understood. Empty lines are
    skipped.

    Args:
        path: The file.
        max_bytes: Largest size of a row.
        dialect: How the file is written.

    Raises:
        InputError: The header is at fault, or a quote never closes, so that all rows after it
            would be lost.
    """
    header = csv_columns(path, max_bytes=max_bytes, dialect=dialect)
    with path.open("rb") as file:
        lines = _Lines(file, path, max_bytes, dialect)
        reader = _reader(lines, dialect)
        next(reader)
        while True:
            start = lines.number + 1
            lines.begin_row()
            try:
                fields = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError, _RowTooLongError) as error:
                _refuse_open_quote(error, path, start, lines)
                yield start, RowFault("", _reason(error) + _span(start, lines.number))
                continue
            if fields:
                yield start, _named(header, fields)


def read_jsonl(path: Path, *, max_bytes: int) -> Iterator[NumberedRow]:
    """Yield the number of each line with its object or its fault; empty lines are skipped.

    Args:
        path: The file.
        max_bytes: Largest size of a line; not more than this of a longer line is held in memory.
    """
    with path.open("rb") as file:
        for number, line in enumerate(bounded_lines(file, most=max_bytes), start=1):
            if line is None:
                yield number, RowFault("", _too_long(max_bytes))
                continue
            if number == 1:
                refuse_utf16(line, path)
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield number, _json_object(line)


class _Lines:
    """Counts and decodes lines; an unusable one raises, and the next call continues after it.

    The lines of one row may have ``most`` bytes in all.
    """

    def __init__(self, file: BinaryIO, path: Path, most: int, dialect: Dialect) -> None:
        self._encoding = dialect.encoding
        self._lines, self._path, self._most = bounded_lines(file, most=most), path, most
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
            raise _RowTooLongError(_too_long(self._most))
        if self.number == 1:
            refuse_utf16(line, self._path)
            line = line.removeprefix(b"\xef\xbb\xbf")
        return line.decode(self._encoding)


def _span(start: int, end: int) -> str:
    return f"; lines {start} to {end} are lost" if end > start else ""


def _named(header: tuple[str, ...], fields: list[str]) -> dict[str, object] | RowFault:
    if len(fields) != len(header):
        return RowFault("", f"has {len(fields)} fields, the header has {len(header)}")
    return dict(zip(header, fields, strict=True))


def _json_object(line: bytes) -> dict[str, object] | RowFault:
    try:
        value = json.loads(line.decode("utf-8").rstrip())
    except (ValueError, RecursionError) as error:
        return RowFault("", _reason(error))
    if not isinstance(value, dict):
        return RowFault("", f"is a JSON {type(value).__name__}, an object is wanted")
    if line.count(b"[") + line.count(b"{") > _MAX_DEPTH and (depth := _depth(value)) > _MAX_DEPTH:
        return RowFault("", f"nests lists and objects {depth} deep, at most {_MAX_DEPTH} are read")
    return value


def _depth(value: object) -> int:
    """Return how deep lists and objects are nested in a value."""
    depth, layer = 0, [value]
    while layer:
        depth += 1
        layer = [child for one in layer for child in _inside(one)]
    return depth


def _inside(value: object) -> list[object]:
    """Return the lists and objects directly inside a value."""
    match value:
        case dict():
            children: Iterable[object] = value.values()
        case list():
            children = value
        case _:
            children = ()
    return [child for child in children if isinstance(child, dict | list)]


def _refuse_open_quote(error: Exception, path: Path, start: int, lines: _Lines) -> None:
    too_long = _is_too_long(error) and lines.number > start
    if too_long or (isinstance(error, csv.Error) and lines.ended):
        raise InputError(
            f"{path}: a quote in the row that begins on line {start} does not close (or a field is "
            f"longer than {csv.field_size_limit():,} characters); close it, or "
            "double each quote in a cell"
        ) from None


def _is_too_long(error: Exception) -> bool:
    return isinstance(error, _RowTooLongError) or (
        isinstance(error, csv.Error) and "field limit" in str(error)
    )


def _too_long(max_bytes: int) -> str:
    return f"has more than {max_bytes:,} bytes; shorten it, or raise data.row_limits.max_bytes"


def _reason(error: Exception) -> str:
    """Return what is wrong without quoting the row, as the exceptions themselves may."""
    match error:
        case _RowTooLongError():
            return str(error)
        case csv.Error():
            return _csv_reason(error)
        case UnicodeDecodeError():
            name = error.encoding.upper()
            return f"is not {name} (byte {error.start + 1} of the line); save the file as UTF-8"
        case json.JSONDecodeError():
            return f"is not JSON (column {error.colno}: {error.msg})"
        case ValueError() if "integer string" in str(error):
            return "holds a number with too many digits; write it as text"
        case _:
            return f"cannot be read ({type(error).__name__})"


def _csv_reason(error: csv.Error) -> str:
    if _is_too_long(error):
        return f"has a field of more than {csv.field_size_limit():,} characters; shorten it"
    if "new-line character" in str(error):
        return "has a line end of CR alone; save the file with LF or CRLF line ends"
    return f"is not CSV ({error})"
