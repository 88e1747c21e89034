"""CSV files that people open and save in a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from adverts.errors import InputError
from adverts.files.bounded_reading import read_bounded

_DELIMITERS = (",", ";", "\t")
MAX_BYTES = 32_000_000
"""How large a file is read; a spreadsheet itself opens no larger one."""
_MAX_COLUMNS = 1_000
# A spreadsheet takes these for a formula; and a long number, or one with an e, for a measurement.
_FORMULA = re.compile(r"[=+\-@\t\r\n'＝＋－＠]")
_NUMBER = re.compile(r"\d[\d.,:/eE+-]*")
# Where a computer separates cells by semicolons, what follows one begins a cell, quoted or not.
_INNER = re.compile(r"([,;\t\r\n|][\s\"]*)('*[=+\-@＝＋－＠])")
_INNER_GUARDED = re.compile(r"([,;\t\r\n|][\s\"]*)'('*[=+\-@＝＋－＠])")


def guarded(cell: str, *, numbers: bool = True) -> str:
    """Return a cell that no spreadsheet takes for a formula, a number or a date.

    Such a cell gets an apostrophe in front, and after each separator that a formula could follow;
    :func:`unguarded` takes them away.

    Args:
        cell: The text of the cell.
        numbers: Whether numbers and dates are guarded, too: a spreadsheet may shorten them.
    """
    inner = _INNER.sub(r"\1'\2", cell)
    is_number = numbers and _NUMBER.fullmatch(cell)
    return f"'{inner}" if _FORMULA.match(cell) or is_number else inner


def unguarded(cell: str) -> str:
    """Return what a cell of :func:`guarded` held."""
    return _INNER_GUARDED.sub(r"\1\2", cell.removeprefix("'"))


def read_spreadsheet(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the header, and number and cells of each row that holds something.

    UTF-8 with or without a byte-order mark, any line end, and commas, semicolons or tabs between
    cells. Cells are stripped; rows are counted as a spreadsheet does, and each has as many cells as
    the header.

    Raises:
        InputError: There is no such file, it is too large, not UTF-8 or no CSV, or a row has too
            many cells.
    """
    try:
        text = read_bounded(path, most=MAX_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8; save it as “CSV UTF-8”") from None
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(f"{path} is not a review sheet; give the review.csv of an audit") from None
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InputError(f"{path} cannot be read as CSV ({error}); save it again") from None
    header = [name.strip() for name in rows[0]] if rows else []
    while header and not header[-1]:
        header.pop()
    if len(header) > _MAX_COLUMNS:
        raise InputError(f"{path} has {len(header):,} columns; at most {_MAX_COLUMNS:,} are read")
    return header, _filled(path, header, rows[1:])


def _filled(
    path: Path, header: Sequence[str], rows: Sequence[list[str]]
) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(rows, start=2):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            raise InputError(
                f"{path}, row {number}: has more cells than the {len(header)} columns of the "
                "header; is a separator in a cell without quotes?"
            )
        yield number, (cells + [""] * len(header))[: len(header)]
