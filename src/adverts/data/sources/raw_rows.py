"""What every source gives: rows as it holds them, and what is known of the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.sources.bad_rows import BadRow

SOURCE_FILE = "source_file"  # column in which rows of files tell which file they are from


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as the source holds it.

    Attributes:
        file: Source file, relative to the data's root, or a dataset's id.
        row: Line where the row begins in a text file, else its number; both count from 1.
        values: Cell by column; a cell that is absent is None or missing.
        folder: Folder that paths of pictures in the row are relative to.
        made_id: Id where no column holds one.
        record: Number of the row below the header, where ``row`` is a line of CSV; else None.
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
        columns: Names of its columns; None where each row names its own.
        fingerprint: By name, the sha256 of each file or the pinned revision.
        num_bytes: Size of the files.
        folders: Folders below which the pictures that rows name must lie.
        pictures_are_files: Rows name pictures by path; their bytes are not in ``fingerprint``.
        read: Start reading these columns; others may be left out.
        held: What must live as long as the source, such as a temporary folder.
        told: What a person should know of how it is read, a line for each.
        delimiter: Between the cells of its first file; None of a file without.
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
