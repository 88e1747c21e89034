"""Opens files of rows as one source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.config.data import FileSource
from adverts.data.sources.bad_rows import BadRow, NumberedRow, RowFault
from adverts.data.sources.find_files import FoundFile, find_file, find_files
from adverts.data.sources.formats.csv_rows import csv_columns, read_csv
from adverts.data.sources.formats.cut_csv import cut_csv
from adverts.data.sources.formats.json_lines import cut_jsonl, read_jsonl
from adverts.data.sources.formats.unpacking import PackedFile, UnpackError, is_packed
from adverts.data.sources.locations import Location, openable
from adverts.data.sources.parts import Part, Stamp, whole_file
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow, Source
from adverts.errors import InputError
from adverts.files.bounded_reading import Openable
from adverts.files.delimited import USUAL, Dialect, find_dialect
from adverts.files.file_hash import file_sha256

PACKED_KINDS = {"csv", "jsonl"}
"""Kinds of files that may be compressed as a whole, such as ``posts.csv.gz``."""


def open_files(
    root: Location, config: FileSource, *, max_row_bytes: int, part: Part | None = None
) -> Source:
    """Open files of one kind, to be read one after the other.

    The column ``source_file`` names the file that a row is from, so that files can be splits or
    groups. It is not added if the file already has such a column.

    Args:
        root: Folder that the names are relative to.
        config: Kind and names of the files, and how they are written.
        max_row_bytes: Largest size of a row; a longer one is a bad row, and is not held in memory.
        part: A part of this source: only its file is opened, and no other one is looked at; None
            opens all.

    Raises:
        InputError: A file is missing, empty or of another format, or the header is wrong.
    """
    found = _found(root, config.paths) if part is None else [find_file(root, part.file)]
    stamps = {one.name: _existing(one) for one in found}
    places = {one.name: one.place for one in found}
    files = {
        name: _opened(name, _content(name, place, config), config, max_row_bytes, part)
        for name, place in places.items()
    }

    def rows(wanted: Sequence[str], part: Part | None) -> Iterator[RawRow | BadRow]:
        for name in files if part is None else [part.file]:
            yield from files[name].raw_rows(wanted, part, places[name].parent)

    def cut(rows: int) -> Iterator[Part]:
        for file in files.values():
            yield from file.cut(rows)

    return Source(
        columns=_common_columns([file.columns for file in files.values()]),
        stamps=stamps,
        hashes=lambda: {name: file_sha256(openable(place)) for name, place in places.items()},
        num_bytes=sum(stamp.size for stamp in stamps.values()),
        folders=(root, *dict.fromkeys(place.parent for place in places.values())),
        pictures_are_files=True,
        rows=rows,
        cut=cut,
        told=tuple(f"{name}: {file.told}" for name, file in files.items() if file.told),
        delimiter=next(iter(files.values())).delimiter,
    )


def _found(root: Location, names: Sequence[str]) -> list[FoundFile]:
    """Return the files that the names mean, in the order of the names.

    Raises:
        InputError: A pattern matches no file, or two names mean the same file.
    """
    found = [one for name in names for one in find_files(root, name)]
    twice = [name for name, times in Counter(one.name for one in found).items() if times > 1]
    if twice:
        raise InputError(f"data.source.paths names {twice[0]} twice; name each file once")
    return found


def _existing(file: FoundFile) -> Stamp:
    if file.stamp is None:
        near = _files_like(file.place) if isinstance(file.place, Path) else []
        hint = f"; the folder holds {', '.join(near[:5])}" if near else ""
        raise InputError(f"data.source.paths: {file.place} is not a file{hint}")
    if file.stamp.size == 0:
        raise InputError(f"{file.place} is empty")
    return file.stamp


def _files_like(path: Path) -> list[str]:
    """Return the names of files of the same kind in the same folder."""
    if not path.suffix or not path.parent.is_dir():
        return []
    return sorted(one.name for one in path.parent.iterdir() if one.suffix == path.suffix)


def _content(name: str, place: Location, config: FileSource) -> Openable:
    """Return the unpacked file; Parquet and workbooks are compressed inside, if at all."""
    file = openable(place)
    return PackedFile(file, name) if config.kind in PACKED_KINDS and is_packed(name) else file


@dataclass(frozen=True, slots=True)
class _OpenFile:
    """A file whose header was read.

    Attributes:
        name: Its name in the source.
        columns: Names of its columns; None if each row names its own.
        rows: Reads the file or a part of it, at least the given columns.
        cut: Yields parts of about the given number of rows.
        told: How the file is read, if that is unusual; otherwise empty.
        in_records: Whether a row may take several lines; its number is then its first line.
        delimiter: Character between its cells; None for a file without one.
    """

    name: str
    columns: tuple[str, ...] | None
    rows: Callable[[Sequence[str], Part | None], Iterator[NumberedRow]]
    cut: Callable[[int], Iterator[Part]]
    told: str = ""
    in_records: bool = False
    delimiter: str | None = None

    def raw_rows(
        self, wanted: Sequence[str], part: Part | None, folder: Location
    ) -> Iterator[RawRow | BadRow]:
        """Yield the rows of the file, or of a part of it, whose pictures are in ``folder``.

        Raises:
            InputError: The file is cut off or damaged.
        """
        first, row = 1, 0
        if part is not None and part.first_record is not None:
            first = part.first_record
        try:
            for record, (row, values) in enumerate(self.rows(wanted, part), start=first):
                number = record if self.in_records else None
                if isinstance(values, RowFault):
                    yield BadRow(self.name, row, values.field, values.reason, number)
                else:
                    values.setdefault(SOURCE_FILE, self.name)
                    yield RawRow(self.name, row, values, folder, record=number)
        except UnpackError as error:
            raise InputError(f"{self.name} {error} after row {row}; fetch it again") from None


def _opened(
    name: str, file: Openable, config: FileSource, max_bytes: int, part: Part | None
) -> _OpenFile:
    match config.kind:
        case "csv":
            return _opened_csv(name, file, config, max_bytes, part)
        case "jsonl":
            return _OpenFile(
                name,
                None,
                lambda _, part: read_jsonl(file, max_bytes=max_bytes, part=part),
                lambda rows: (
                    iter([whole_file(name)])
                    if isinstance(file, PackedFile)
                    else cut_jsonl(file, name, rows=rows, max_bytes=max_bytes)
                ),
            )
        case "xlsx":
            from adverts.data.sources.formats.workbooks import open_workbook

            book = open_workbook(file, config.sheet, max_bytes=max_bytes)
            return _OpenFile(
                name,
                book.columns,
                lambda *_: book.rows(),
                lambda _: iter([whole_file(name)]),
                book.told,
            )
        case "parquet":
            from adverts.data.sources.formats.parquet_files import (
                cut_parquet,
                parquet_columns,
                read_parquet,
            )

            return _OpenFile(
                name,
                parquet_columns(file),
                lambda wanted, part: read_parquet(file, wanted, max_bytes=max_bytes, part=part),
                lambda rows: cut_parquet(file, name, rows=rows),
            )


def _opened_csv(
    name: str, file: Openable, config: FileSource, max_bytes: int, part: Part | None
) -> _OpenFile:
    if part is not None and part.encoding is not None and part.delimiter is not None:
        dialect = Dialect(part.encoding, part.delimiter)
    else:
        dialect = find_dialect(
            file, max_bytes=max_bytes, encoding=config.encoding, delimiter=config.delimiter
        )
    told = ""
    if dialect != USUAL:
        told = (
            f"read as {dialect}; if that is wrong, set data.source.encoding= and "
            "data.source.delimiter="
        )
    whole = whole_file(name, encoding=dialect.encoding, delimiter=dialect.delimiter)
    return _OpenFile(
        name,
        csv_columns(file, max_bytes=max_bytes, dialect=dialect),
        lambda _, part: read_csv(file, max_bytes=max_bytes, dialect=dialect, part=part),
        lambda rows: (
            iter([whole])
            if isinstance(file, PackedFile)
            else cut_csv(file, name, rows=rows, max_bytes=max_bytes, dialect=dialect)
        ),
        told,
        in_records=True,
        delimiter=dialect.delimiter,
    )


def _common_columns(of_files: Sequence[tuple[str, ...] | None]) -> tuple[str, ...] | None:
    """Return the columns that every file has, in the order of the first, plus ``source_file``."""
    known = [names for names in of_files if names is not None]
    if not known:
        return None
    common = set.intersection(*map(set, known))
    return tuple(dict.fromkeys([*(name for name in known[0] if name in common), SOURCE_FILE]))
