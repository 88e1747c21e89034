"""Opens the source of rows that the configuration names, with one reader for each kind."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.config.data import (
    DataConfig,
    FileSource,
    HubSource,
    ImageFolderSource,
    ListedTasks,
    OneTask,
)
from adverts.data.sources.bad_rows import BadRow, RowFault
from adverts.data.sources.pictures import PICTURE_SUFFIXES
from adverts.data.sources.raw_rows import SOURCE_FILE, RawRow, Source
from adverts.data.sources.text_files import NumberedRow, csv_columns, read_csv, read_jsonl
from adverts.errors import InputError
from adverts.files.delimited import USUAL, find_dialect
from adverts.files.file_hash import file_sha256

_OTHER_PICTURES = {".avif", ".heic", ".heif", ".jxl", ".svg", ".tif", ".tiff"}
FOLDER_ID, FOLDER_IMAGE = "file", "image"  # columns that a folder of pictures has


def open_source(config: DataConfig) -> Source:
    """Open the source that ``config.source`` names.

    A synthetic corpus is opened from the files that it was written to.

    Raises:
        InputError: A file is missing, empty or of another format, or a dataset is out of reach.
    """
    root = (config.root or Path()).absolute()
    if not root.is_dir():
        raise InputError(f"data.root: {root} is not a folder; set data.root or $ADVERTS_DATA")
    match config.source:
        case FileSource() as files:
            return open_files(root, files, max_row_bytes=config.row_limits.max_bytes)
        case ImageFolderSource(path=name):
            return _open_image_folder(root, name, label_column=_folder_column(config))
        case HubSource():
            from adverts.data.sources.hub import open_hub

            return open_hub(root, config.source, max_row_bytes=config.row_limits.max_bytes)
        case _:
            raise InputError(
                "data.source.kind=synthetic cannot be read here; only adverts prepare reads it"
            )


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


def _folder_column(config: DataConfig) -> str:
    """Return the name of the column that holds the labels given by the folders."""
    task = getattr(config.source, "task", "")
    if isinstance(config.tasks, OneTask) and config.tasks.name == task:
        return config.tasks.column
    for listed in config.tasks.tasks if isinstance(config.tasks, ListedTasks) else ():
        if listed.name == task and listed.kind == "single":
            return listed.column
    raise InputError(f"data.source.task={task!r} is not a single task of data.tasks")


def _open_image_folder(root: Path, name: str, *, label_column: str) -> Source:
    folder = root / name
    if not folder.is_dir():
        raise InputError(f"data.source.path: {folder} is not a folder")
    files = [
        path.relative_to(folder)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix.lower() in PICTURE_SUFFIXES | _OTHER_PICTURES
    ]
    if not any(_folder_fault(relative) is None for relative in files):
        raise InputError(
            f"{folder} holds no picture; it needs one folder of pictures for each label"
        )

    def read(_: Sequence[str]) -> Iterator[RawRow | BadRow]:
        for number, relative in enumerate(files, start=1):
            if (fault := _folder_fault(relative)) is not None:
                yield BadRow(f"{name}/{relative}", number, "", fault)
                continue
            values: dict[str, object] = {
                FOLDER_ID: str(relative),
                FOLDER_IMAGE: str(relative),
                label_column: relative.parts[0],
            }
            yield RawRow(f"{name}/{relative}", number, values, folder)

    listing = "\n".join(map(str, files))
    return Source(
        columns=(FOLDER_ID, FOLDER_IMAGE, label_column),
        fingerprint={name: hashlib.sha256(os.fsencode(listing)).hexdigest()},
        num_bytes=0,
        folders=(folder,),
        pictures_are_files=True,
        read=read,
    )


def _folder_fault(relative: Path) -> str | None:
    """Return why a file in a folder of pictures is no row; None for a labelled picture."""
    if relative.suffix.lower() in _OTHER_PICTURES:
        return f"is a {relative.suffix} picture; convert it to PNG or JPEG"
    if len(relative.parts) < 2:
        return "is not in the folder of a label; move it into one"
    return None
