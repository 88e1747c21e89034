"""Rows as a source holds them, and a source that is read whole or in parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from adverts.data.sources.bad_rows import BadRow
from adverts.data.sources.parts import Part, Stamp

if TYPE_CHECKING:
    from adverts.data.sources.locations import Location

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
    folder: Location
    made_id: str | None = None
    record: int | None = None


class ReadRows(Protocol):
    """Starts reading the given columns of a source; others may be left out."""

    def __call__(self, wanted: Sequence[str], part: Part | None, /) -> Iterator[RawRow | BadRow]:
        """Yield the rows of one part, or of the whole source if ``part`` is None."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source that can be read more than once, whole or in parts.

    Attributes:
        columns: Names of its columns; None if each row names its own.
        stamps: Maps the name of each file, dataset or folder to what was known of it when the
            source was opened.
        hashes: Reads every file, and maps each name to the sha256 of its content or to the pinned
            revision.
        num_bytes: Size of the files.
        folders: Folders below which the pictures that rows name must lie.
        pictures_are_files: Whether rows name pictures by path, whose bytes are then not in
            ``hashes``.
        rows: Starts reading the given columns.
        cut: Yields parts of about the given number of rows.
        held: Object that must live as long as the source, such as a temporary folder.
        told: Lines that report to the user how the source is read.
        delimiter: Character between the cells of its first file; None for a file without one.
    """

    columns: tuple[str, ...] | None
    stamps: Mapping[str, Stamp]
    hashes: Callable[[], Mapping[str, str]]
    num_bytes: int
    folders: tuple[Location, ...]
    pictures_are_files: bool
    rows: ReadRows
    cut: Callable[[int], Iterator[Part]]
    held: object = None
    told: tuple[str, ...] = ()
    delimiter: str | None = None

    def read(self, wanted: Sequence[str], part: Part | None = None) -> Iterator[RawRow | BadRow]:
        """Yield rows with at least the wanted columns.

        All parts one after the other give the same rows, numbers and faults as the whole source.

        Args:
            wanted: Names of columns.
            part: One of ``parts``; None reads all.

        Raises:
            InputError: A file is damaged, or can no longer be read.
        """
        return self.rows(wanted, part)

    def parts(self, rows: int) -> Iterator[Part]:
        """Yield parts that have about ``rows`` rows each, in the order of the rows.

        The same files are always cut in the same way. Text files are read for it, without keeping
        anything in memory.

        Args:
            rows: Number of rows of a part; larger for a row group or a compressed file, which are
                never divided.

        Raises:
            InputError: A file is damaged, or a quote in it never closes.
            ValueError: ``rows`` is below 1.
        """
        if rows < 1:
            raise ValueError(f"a part needs at least one row, got {rows}")
        return self.cut(rows)

    @property
    def fingerprint(self) -> Mapping[str, str]:
        """The sha256 of each file by its name, or the pinned revision; every file is read."""
        return self.hashes()
