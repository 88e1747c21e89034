"""Rows of one sheet of an Excel workbook, whose first row is the header."""

from __future__ import annotations

import datetime
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adverts.data.sources.bad_rows import NumberedRow, RowFault
from adverts.data.sources.formats.faults import too_long
from adverts.data.sources.formats.header import check_header
from adverts.errors import InputError, MissingExtraError
from adverts.files.bounded_reading import Openable

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


def open_workbook(file: Openable, sheet: str | None, *, max_bytes: int) -> Workbook:
    """Open a sheet of a workbook; a formula counts as the value that was saved with it.

    Args:
        file: An ``.xlsx`` file.
        sheet: Name of the sheet; None for the first one.
        max_bytes: Largest size of the texts of a row in bytes.

    Raises:
        InputError: The file is no workbook or too large, or has no such sheet or no header.
        MissingExtraError: The package that reads workbooks is not installed.
    """
    _refuse_large(file)
    names = _sheet_names(file)
    chosen = sheet or names[0]
    if chosen not in names:
        raise InputError(
            f"data.source.sheet: {file} has no sheet {chosen!r}; it has {', '.join(names)}"
        )
    first = next(_cells(file, chosen), None)
    header = [] if first is None else ["" if one is None else str(one).strip() for one in first[1]]
    while header and not header[-1]:
        header.pop()
    columns = check_header(header, file)
    several = (
        f"sheet {chosen!r} is read, of {', '.join(names)}; for another, set data.source.sheet=, or "
        "give adverts init --sheet"
    )
    return Workbook(
        columns,
        lambda: _rows(file, chosen, columns, max_bytes),
        several if sheet is None and len(names) > 1 else "",
    )


def _refuse_large(file: Openable) -> None:
    try:
        with file.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            size = sum(one.file_size for one in archive.infolist())
    except zipfile.BadZipFile:
        raise InputError(
            f"{file} is not an .xlsx workbook; save it as one, or as CSV UTF-8"
        ) from None
    if size > _MOST_BYTES:
        raise InputError(
            f"{file} holds {size:,} bytes once it is unpacked, at most {_MOST_BYTES:,} are read; "
            "save it as CSV UTF-8"
        )


@contextmanager
def _loaded(file: Openable) -> Iterator[openpyxl.Workbook]:
    try:
        from openpyxl import load_workbook
    except ModuleNotFoundError:
        raise MissingExtraError("openpyxl", "train") from None
    with file.open("rb") as stream:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about styles, which are not used here
                book = load_workbook(stream, read_only=True, data_only=True)
        except Exception as error:  # from the library, from XML or from zip
            raise InputError(
                f"{file} cannot be read as a workbook ({type(error).__name__}); save it again"
            ) from None
        try:
            yield book
        finally:
            book.close()


def _sheet_names(file: Openable) -> list[str]:
    with _loaded(file) as book:
        names = [one.title for one in book.worksheets]
    if not names:
        raise InputError(f"{file} has no sheet with cells")
    return names


def _cells(file: Openable, sheet: str) -> Iterator[tuple[int, tuple[object, ...]]]:
    with _loaded(file) as book:
        try:
            yield from enumerate(book[sheet].iter_rows(values_only=True), start=1)
        except InputError:
            raise
        except Exception as error:
            raise InputError(
                f"{file}, sheet {sheet!r} is damaged ({type(error).__name__}); save it again"
            ) from None


def _rows(file: Openable, sheet: str, columns: tuple[str, ...], most: int) -> Iterator[NumberedRow]:
    for number, cells in _cells(file, sheet):
        if number == 1 or all(one is None for one in cells):
            continue
        if any(one is not None for one in cells[len(columns) :]):
            yield number, RowFault("", f"has more cells than the {len(columns)} of the header")
            continue
        values = [_plain(one) for one in cells[: len(columns)]]
        size = sum(len(one.encode("utf-8", "replace")) for one in values if isinstance(one, str))
        if size > most:
            yield number, RowFault("", too_long(most))
            continue
        values += [None] * (len(columns) - len(values))
        yield number, dict(zip(columns, values, strict=True))


def _plain(cell: object) -> object:
    if isinstance(cell, datetime.datetime) and cell.time() == datetime.time():
        cell = cell.date()
    return cell.isoformat() if isinstance(cell, datetime.date | datetime.time) else cell
