"""Types that every source returns: its rows, and facts about the source as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.sources.bad_rows import BadRow

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
