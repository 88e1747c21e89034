"""Rows as a source holds them, and files of rows that are opened as one source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.config.data import FileSource
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.text_files import NumberedRow, csv_columns, read_csv, read_jsonl
from adverts.errors import InputError
from adverts.files.delimited import USUAL, find_dialect
from adverts.files.file_hash import file_sha256

SOURCE_FILE = "source_file"  # name of the column that holds the file a row is from


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as the source holds it.

    Attributes:
        file: Source file, relative to the data's root, or the id of a dataset.
        row: Line where the row begins in a text file, otherwise its number; both count from 1.
        values: Maps each column to its cell; an absent cell is None or missing.
        folder: Folder that paths of pictures in the row are relative to.
        made_id: Id of the row if no column holds one.
        record: Number of the row below the header, if ``row`` is a line of CSV; otherwise None.
    """

    file: str
    row: int
    values: Mapping[str, object]
    folder: Path
    made_id: str | None = None
    record: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A source that can be read more than once.

    Attributes:
        columns: Names of its columns; None if each row names its own.
        fingerprint: Maps each name to the sha256 of its file or to the pinned revision.
        num_bytes: Size of the files.
        folders: Folders below which the pictures that rows name must lie.
        pictures_are_files: Whether rows name pictures by path, whose bytes are then not in
            ``fingerprint``.
        read: Starts reading the given columns; others may be left out.
        held: Object that must live as long as the source, such as a temporary folder.
        told: Lines that report to the user how the source is read.
        delimiter: Character between the cells of its first file; None for a file without one.
    """

    columns: tuple[str, ...] | None
    fingerprint: Mapping[str, str]
    num_bytes: int
    folders: tuple[Path, ...]
    pictures_are_files: bool
    read: Callable[[Sequence[str]], Iterator[RawRow | BadRow]]
    held: object = None
    told: tuple[str, ...] = ()
    delimiter: str | None = None


def open_files(root: Path, config: FileSource, *, max_row_bytes: int) -> Source:
    """Open files of one kind, to be read one after the other.

    The column ``source_file`` names the file that a row is from, so that files can be splits or
    groups. It is not added if the file already has such a column.

    Args:
        root: Folder that the names are relative to.
        config: Kind and names of the files, and how they are written.
        max_row_bytes: Largest size of a row; a longer one is a bad row, and is not held in memory.

    Raises:
        InputError: A file is missing, empty or of another format, or the header is wrong.
    """
    names = config.paths
    paths = [_existing(root, name) for name in names]
    files = [_opened(path, config, max_row_bytes) for path in paths]

    def read(wanted: Sequence[str]) -> Iterator[RawRow | BadRow]:
        for name, path, file in zip(names, paths, files, strict=True):
            for record, (row, values) in enumerate(file.rows(wanted), start=1):
                number = record if file.in_records else None
                if isinstance(values, RowFault):
                    yield BadRow(name, row, values.field, values.reason, number)
                else:
                    values.setdefault(SOURCE_FILE, name)
                    yield RawRow(name, row, values, path.parent, record=number)

    return Source(
        columns=_common_columns([file.columns for file in files]),
        fingerprint={name: file_sha256(path) for name, path in zip(names, paths, strict=True)},
        num_bytes=sum(path.stat().st_size for path in paths),
        folders=(root, *(path.parent for path in paths)),
        pictures_are_files=True,
        read=read,
        told=tuple(
            f"{name}: {file.told}" for name, file in zip(names, files, strict=True) if file.told
        ),
        delimiter=files[0].delimiter,
    )


def _existing(root: Path, name: str) -> Path:
    path = root / name
    if not path.is_file():
        near = _files_like(path)
        hint = f"; the folder holds {', '.join(near[:5])}" if near else ""
        raise InputError(f"data.source.paths: {path} is not a file{hint}")
    if path.stat().st_size == 0:
        raise InputError(f"{path} is empty")
    return path


def _files_like(path: Path) -> list[str]:
    """Return the names of files of the same kind in the same folder."""
    if not path.suffix or not path.parent.is_dir():
        return []
    return sorted(one.name for one in path.parent.iterdir() if one.suffix == path.suffix)


@dataclass(frozen=True, slots=True)
class _OpenFile:
    """A file whose header was read.

    Attributes:
        columns: Names of its columns; None if each row names its own.
        rows: Reads the file, at least the given columns of it.
        told: How the file is read, if that is unusual; otherwise empty.
        in_records: Whether a row may take several lines; its number is then its first line.
        delimiter: Character between its cells; None for a file without one.
    """

    columns: tuple[str, ...] | None
    rows: Callable[[Sequence[str]], Iterator[NumberedRow]]
    told: str = ""
    in_records: bool = False
    delimiter: str | None = None


def _opened(path: Path, config: FileSource, max_row_bytes: int) -> _OpenFile:
    match config.kind:
        case "csv":
            return _opened_csv(path, config, max_row_bytes)
        case "jsonl":
            return _OpenFile(None, lambda _: read_jsonl(path, max_bytes=max_row_bytes))
        case "xlsx":
            from adverts.data.sources.workbooks import open_workbook

            book = open_workbook(path, config.sheet, max_bytes=max_row_bytes)
            return _OpenFile(book.columns, lambda _: book.rows(), book.told)
        case "parquet":
            from adverts.data.sources.parquet_files import parquet_columns, read_parquet

            return _OpenFile(
                parquet_columns(path),
                lambda wanted: read_parquet(path, wanted, max_bytes=max_row_bytes),
            )


def _opened_csv(path: Path, config: FileSource, max_row_bytes: int) -> _OpenFile:
    dialect = find_dialect(
        path, max_bytes=max_row_bytes, encoding=config.encoding, delimiter=config.delimiter
    )
    told = ""
    if dialect != USUAL:
        told = (
            f"read as {dialect}; if that is wrong, set data.source.encoding= and "
            "data.source.delimiter="
        )
    return _OpenFile(
        csv_columns(path, max_bytes=max_row_bytes, dialect=dialect),
        lambda _: read_csv(path, max_bytes=max_row_bytes, dialect=dialect),
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
