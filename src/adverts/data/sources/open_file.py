"""Opens one file of rows, with the reader and the cut of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from adverts.config.data import FileSource
from adverts.data.sources.bad_rows import BadRow, NumberedRow, RowFault
from adverts.data.sources.find_files import FoundFile
from adverts.data.sources.formats.csv_rows import csv_columns, read_csv
from adverts.data.sources.formats.cut_csv import cut_csv
from adverts.data.sources.formats.json_lines import cut_jsonl, read_jsonl
from adverts.data.sources.formats.unpacking import PackedFile, UnpackError, is_packed
from adverts.data.sources.locations import openable
from adverts.data.sources.parts import Part, whole_file
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow
from adverts.errors import InputError
from adverts.files.bounded_reading import Openable
from adverts.files.delimited import USUAL, Dialect, find_dialect

PACKED_KINDS = {"csv", "jsonl", "tar"}
"""Kinds of files that may be compressed as a whole, such as ``posts.csv.gz``."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file whose header was read.

    Attributes:
        found: Its name in the source, and where it is.
        columns: Names of its columns; None if each row names its own.
        read: Reads the file or a part of it, at least the given columns.
        cut: Yields parts of about the given number of rows.
        told: How the file is read, if that is unusual; otherwise empty.
        in_records: Whether a row may take several lines; its number is then its first line.
        delimiter: Character between its cells; None for a file without one.
    """

    found: FoundFile
    columns: tuple[str, ...] | None
    read: Callable[[Sequence[str], Part | None], Iterator[NumberedRow]]
    cut: Callable[[int], Iterator[Part]]
    told: str = ""
    in_records: bool = False
    delimiter: str | None = None

    def rows(self, wanted: Sequence[str], part: Part | None) -> Iterator[RawRow | BadRow]:
        """Yield the rows of the file or of a part of it, at least with the wanted columns.

        Raises:
            InputError: The file is cut off or damaged, or a part has not as many rows as it had
                when the file was cut.
        """
        name, folder = self.found.name, self.found.place.parent
        row = count = 0
        before = 0 if part is None or part.first_record is None else part.first_record - 1
        try:
            for count, (row, values) in enumerate(self.read(wanted, part), start=1):
                number = before + count if self.in_records else None
                if isinstance(values, RowFault):
                    yield BadRow(name, row, values.field, values.reason, number)
                else:
                    values.setdefault(SOURCE_FILE, name)
                    yield RawRow(name, row, values, folder, record=number)
        except UnpackError as error:
            after = f" after row {row}" if row else ""
            raise InputError(f"{name} {error}{after}; {error.advice}") from None
        if part is not None and part.rows not in (None, count):
            raise InputError(
                f"{name} changed since it was cut into parts: {count:,} rows instead of "
                f"{part.rows:,}; cut it again"
            )

    def parts(self, rows: int) -> Iterator[Part]:
        """Yield parts of about ``rows`` rows.

        Raises:
            InputError: The file is cut off or damaged.
        """
        with _naming(self.found.name):
            yield from self.cut(rows)


def open_file(
    found: FoundFile, config: FileSource, *, max_row_bytes: int, part: Part | None = None
) -> OpenFile:
    """Open a file that exists.

    Args:
        found: The file.
        config: Its kind, and how it is written.
        max_row_bytes: Largest size of a row.
        part: The part of the file that alone will be read, which says how a CSV file is written;
            None finds that out.

    Raises:
        InputError: The file is of another format, or its header is wrong.
    """
    file = openable(found.place)
    if config.kind in PACKED_KINDS and is_packed(found.name):
        file = PackedFile(file, found.name)
    with _naming(found.name):
        match config.kind:
            case "csv":
                return _csv(found, file, _dialect(file, config, max_row_bytes, part), max_row_bytes)
            case "jsonl":
                return _jsonl(found, file, max_row_bytes)
            case "xlsx":
                return _workbook(found, file, config.sheet, max_row_bytes)
            case "tar":
                return _tar(found, file, max_row_bytes)
            case "parquet":
                return _parquet(found, file, max_row_bytes)


@contextmanager
def _naming(name: str) -> Iterator[None]:
    try:
        yield
    except UnpackError as error:
        raise InputError(f"{name} {error}; {error.advice}") from None


def _dialect(file: Openable, config: FileSource, max_bytes: int, part: Part | None) -> Dialect:
    if part is not None and part.encoding is not None and part.delimiter is not None:
        return Dialect(part.encoding, part.delimiter)
    return find_dialect(
        file, max_bytes=max_bytes, encoding=config.encoding, delimiter=config.delimiter
    )


def _csv(found: FoundFile, file: Openable, dialect: Dialect, max_bytes: int) -> OpenFile:
    def cut(rows: int) -> Iterator[Part]:
        if isinstance(file, PackedFile):
            return iter([whole_file(found.name, dialect.encoding, dialect.delimiter)])
        return cut_csv(file, found.name, rows=rows, max_bytes=max_bytes, dialect=dialect)

    told = ""
    if dialect != USUAL:
        told = (
            f"read as {dialect}; if that is wrong, set data.source.encoding= and "
            "data.source.delimiter="
        )
    return OpenFile(
        found,
        csv_columns(file, max_bytes=max_bytes, dialect=dialect),
        lambda _, part: read_csv(file, max_bytes=max_bytes, dialect=dialect, part=part),
        cut,
        told,
        in_records=True,
        delimiter=dialect.delimiter,
    )


def _jsonl(found: FoundFile, file: Openable, max_bytes: int) -> OpenFile:
    def cut(rows: int) -> Iterator[Part]:
        if isinstance(file, PackedFile):
            return iter([whole_file(found.name)])
        return cut_jsonl(file, found.name, rows=rows, max_bytes=max_bytes)

    return OpenFile(
        found, None, lambda _, part: read_jsonl(file, max_bytes=max_bytes, part=part), cut
    )


def _workbook(found: FoundFile, file: Openable, sheet: str | None, max_bytes: int) -> OpenFile:
    from adverts.data.sources.formats.workbooks import open_workbook

    book = open_workbook(file, sheet, max_bytes=max_bytes)
    whole = whole_file(found.name)
    return OpenFile(found, book.columns, lambda *_: book.rows(), lambda _: iter([whole]), book.told)


def _tar(found: FoundFile, file: Openable, max_bytes: int) -> OpenFile:
    from adverts.data.sources.formats.tar_samples import check_archive, cut_samples, read_samples

    def cut(rows: int) -> Iterator[Part]:
        if isinstance(file, PackedFile):
            return iter([whole_file(found.name)])
        return cut_samples(file, found.name, rows=rows)

    check_archive(file)
    return OpenFile(
        found,
        None,
        lambda wanted, part: read_samples(file, wanted, max_bytes=max_bytes, part=part),
        cut,
    )


def _parquet(found: FoundFile, file: Openable, max_bytes: int) -> OpenFile:
    from adverts.data.sources.formats.parquet_files import (
        cut_parquet,
        parquet_columns,
        read_parquet,
    )

    return OpenFile(
        found,
        parquet_columns(file),
        lambda wanted, part: read_parquet(file, wanted, max_bytes=max_bytes, part=part),
        lambda rows: cut_parquet(file, found.name, rows=rows),
    )
