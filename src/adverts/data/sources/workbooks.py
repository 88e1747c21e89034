"""Rows of one sheet of an Excel workbook, whose first row is the header."""

from __future__ import annotations

import datetime
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.text_files import NumberedRow, check_header
from adverts.errors import InputError, MissingExtraError

if TYPE_CHECKING:
    import openpyxl

_MOST_BYTES = 1_000_000_000
"""Largest unpacked size of a workbook in bytes: all its texts are in memory at once."""


@dataclass(frozen=True, slots=True)
class Workbook:
    """A sheet whose header was read.

    Attributes:
        columns: Names of its columns.
        rows: Yields the number of each row as Excel shows it, with its cells by name.
        told: Which sheet is read, if there are several; otherwise empty.
    """

    columns: tuple[str, ...]
    rows: Callable[[], Iterator[NumberedRow]]
    told: str


def open_workbook(path: Path, sheet: str | None, *, max_bytes: int) -> Workbook:
    """Open a sheet of a workbook; a formula counts as the value that was saved with it.

    Args:
        path: An ``.xlsx`` file.
        sheet: Name of the sheet; None for the first one.
        max_bytes: Largest size of the texts of a row in bytes.

    Raises:
        InputError: The file is no workbook or too large, or has no such sheet or no header.
        MissingExtraError: The package that reads workbooks is not installed.
    """
    _refuse_large(path)
    names = _sheet_names(path)
    chosen = sheet or names[0]
    if chosen not in names:
        raise InputError(
            f"data.source.sheet: {path} has no sheet {chosen!r}; it has {', '.join(names)}"
        )
    first = next(_cells(path, chosen), None)
    header = [] if first is None else ["" if one is None else str(one).strip() for one in first[1]]
    while header and not header[-1]:
        header.pop()
    columns = check_header(header, path)
    several = (
        f"sheet {chosen!r} is read, of {', '.join(names)}; for another, set data.source.sheet=, or "
        "give adverts init --sheet"
    )
    return Workbook(
        columns,
        lambda: _rows(path, chosen, columns, max_bytes),
        several if sheet is None and len(names) > 1 else "",
    )


def _refuse_large(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(one.file_size for one in archive.infolist())
    except zipfile.BadZipFile:
        raise InputError(
            f"{path} is not an .xlsx workbook; save it as one, or as CSV UTF-8"
        ) from None
    if size > _MOST_BYTES:
        raise InputError(
            f"{path} holds {size:,} bytes once it is unpacked, at most {_MOST_BYTES:,} are read; "
            "save it as CSV UTF-8"
        )


def _load(path: Path) -> openpyxl.Workbook:
    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError:
        raise MissingExtraError("openpyxl", "train") from None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles, which are not used here
            return load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # from the library, from XML or from zip
        raise InputError(
            f"{path} cannot be read as a workbook ({type(error).__name__}); save it again"
        ) from None


def _sheet_names(path: Path) -> list[str]:
    book = _load(path)
    try:
        names = [one.title for one in book.worksheets]
    finally:
        book.close()
    if not names:
        raise InputError(f"{path} has no sheet with cells")
    return names


def _cells(path: Path, sheet: str) -> Iterator[tuple[int, tuple[object, ...]]]:
    book = _load(path)
    try:
        yield from enumerate(book[sheet].iter_rows(values_only=True), start=1)
    except InputError:
        raise
    except Exception as error:
        raise InputError(
            f"{path}, sheet {sheet!r} is damaged ({type(error).__name__}); save it again"
        ) from None
    finally:
        book.close()


def _rows(path: Path, sheet: str, columns: tuple[str, ...], most: int) -> Iterator[NumberedRow]:
    for number, cells in _cells(path, sheet):
        if number == 1 or all(one is None for one in cells):
            continue
        if any(one is not None for one in cells[len(columns) :]):
            yield number, RowFault("", f"has more cells than the {len(columns)} of the header")
            continue
        values = [_plain(one) for one in cells[: len(columns)]]
        size = sum(len(one.encode("utf-8", "replace")) for one in values if isinstance(one, str))
        if size > most:
            reason = f"has more than {most:,} bytes; shorten it, or raise data.row_limits.max_bytes"
            yield number, RowFault("", reason)
            continue
        values += [None] * (len(columns) - len(values))
        yield number, dict(zip(columns, values, strict=True))


def _plain(cell: object) -> object:
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else cell
