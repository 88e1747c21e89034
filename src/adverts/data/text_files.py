"""Rows of CSV and JSON Lines files, streamed; a broken row does not hide the next one."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from adverts.data.bad_rows import RowFault
from adverts.errors import InputError

NumberedRow = tuple[int, "dict[str, object] | RowFault"]
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def csv_columns(path: Path) -> tuple[str, ...]:
    """Return the header of a CSV file.

    Raises:
        InputError: There is no header, or a name stands in it twice.
    """
    with path.open("rb") as file:
        try:
            header = next(csv.reader(_Lines(file.readline, path), strict=True), None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"{path}: the header cannot be read ({_reason(error)})") from None
    if not header or not any(name.strip() for name in header):
        raise InputError(f"{path} is empty: a header and rows are wanted")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(f"{path}: the header names {', '.join(twice)} twice; names must differ")
    return tuple(header)


def read_csv(path: Path) -> Iterator[NumberedRow]:
    """Yield the line where each row begins, with its fields by name or what is wrong with it.

    UTF-8 with or without a byte-order mark, comma, double quotes, lines that end in LF or CRLF,
    empty lines passed over.

    Raises:
        InputError: The header is at fault, or a quote never closes, so that all rows after it
            would be lost.
    """
    header = csv_columns(path)
    with path.open("rb") as file:
        lines = _Lines(file.readline, path)
        reader = csv.reader(lines, strict=True)
        next(reader)
        while True:
            start = lines.number + 1
            try:
                fields = next(reader)
            except StopIteration:
                return
            except (csv.Error, UnicodeDecodeError) as error:
                _refuse_open_quote(error, path, start, lines)
                yield start, RowFault("", _reason(error) + _span(start, lines.number))
                continue
            if fields:
                yield start, _named(header, fields)


def read_jsonl(path: Path) -> Iterator[NumberedRow]:
    """Yield each line's number with its object or its fault; empty lines are passed over."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if number == 1:
                _refuse_utf16(line, path)
                line = line.removeprefix(b"\xef\xbb\xbf")
            if line.strip():
                yield number, _json_object(line)


class _Lines:
    """Decoded lines, counted; one that is not UTF-8 raises, and the next call goes on after it."""

    def __init__(self, readline: Callable[[], bytes], path: Path) -> None:
        self._readline, self._path = readline, path
        self.number, self.ended = 0, False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._readline()
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        if self.number == 1:
            _refuse_utf16(line, self._path)
            line = line.removeprefix(b"\xef\xbb\xbf")
        return line.decode("utf-8")


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
    return value


def _refuse_open_quote(error: Exception, path: Path, start: int, lines: _Lines) -> None:
    too_long = _is_too_long(error) and lines.number > start
    if isinstance(error, csv.Error) and (lines.ended or too_long):
        raise InputError(
            f"{path}: a quote in the row that begins on line {start} does not close (or a field is "
            f"longer than {csv.field_size_limit():,} characters); close it, or double quotes within"
        ) from None


def _is_too_long(error: Exception) -> bool:
    return isinstance(error, csv.Error) and "field limit" in str(error)


def _refuse_utf16(line: bytes, path: Path) -> None:
    if line.startswith(_UTF16_MARKS):
        raise InputError(f"{path} is UTF-16; save it as UTF-8")


def _reason(error: Exception) -> str:
    """Say what is wrong without quoting the row, as the exceptions themselves may."""
    match error:
        case UnicodeDecodeError():
            return f"is not UTF-8 (byte {error.start + 1} of the line); save the file as UTF-8"
        case json.JSONDecodeError():
            return f"is not JSON (column {error.colno}: {error.msg})"
        case csv.Error() if _is_too_long(error):
            return f"has a field of more than {csv.field_size_limit():,} characters; shorten it"
        case csv.Error() if "new-line character" in str(error):
            return "has a line end of CR alone; save the file with LF or CRLF line ends"
        case csv.Error():
            return f"is not CSV ({error})"
        case _:
            return f"cannot be read ({type(error).__name__})"
