"""Parts of a source that are read by themselves, and stamps by which a changed file is known."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adverts.errors import InputError

_TO_THE_END = -1


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one file that can be read without the others.

    A part holds everything that reading needs, so that nobody looks at the rest of the file.

    Attributes:
        file: Name of the file, as rows of the source have it.
        start: Where the part begins: an offset in bytes (CSV, JSON Lines, tar), the number of a row
            group from 0 (Parquet), or the place of a row from 0 (folder of pictures, dataset of the
            hub). A workbook and a compressed file are one part each, from 0 to -1.
        stop: Where the part ends, in the same unit and exclusive; -1 is the end of the file.
        first_row: The number that the first row of the part has in messages. It is 1 for a part to
            the end of the file, where the numbers of the file itself are counted.
        first_record: The number of the first row below the header of a CSV file, otherwise None.
        rows: Number of rows, bad ones included; None if it is unknown before the part is read.
        encoding: Encoding of a CSV file, otherwise None.
        delimiter: Character between the cells of a CSV file, otherwise None.
    """

    file: str
    start: int
    stop: int
    first_row: int
    first_record: int | None = None
    rows: int | None = None
    encoding: str | None = None
    delimiter: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether the part is a whole file that is read from its beginning to its end."""
        return self.stop == _TO_THE_END


def whole_file(name: str, encoding: str | None = None, delimiter: str | None = None) -> Part:
    """Return the part that is all of a file, of an unknown number of rows."""
    return Part(name, 0, _TO_THE_END, 1, encoding=encoding, delimiter=delimiter)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a store says of a file without reading it; another stamp means another content.

    Attributes:
        size: Size in bytes.
        modified_ns: Time of the last change in nanoseconds since 1970; None if the store has none.
        version: Version, etag or hash by the store, or the revision of a dataset; otherwise None.
    """

    size: int
    modified_ns: int | None = None
    version: str | None = None


def stamp_of_files(files: Iterable[tuple[str, Stamp]]) -> Stamp:
    """Return one stamp for many files, from the name and the stamp of each."""
    size, digest = 0, hashlib.sha256()
    for name, stamp in files:
        size += stamp.size
        digest.update(os.fsencode(f"{name} {stamp}\n"))
    return Stamp(size, version=digest.hexdigest())


def refuse_beyond(stop: int, count: int, name: object) -> None:
    """Refuse a part that ends after the last of what it counts.

    Args:
        stop: Where the part ends.
        count: How many row groups or rows there are.
        name: Name of the file, for the message.

    Raises:
        InputError: The file is no longer the one that was cut.
    """
    if stop > count:
        raise InputError(f"{name} changed since it was cut into parts; cut it again")


def cut_places(name: str, count: int, rows: int) -> Iterator[Part]:
    """Yield parts of ``count`` rows that can be reached by their places, the last part shorter."""
    for start in range(0, count, rows):
        stop = min(start + rows, count)
        yield Part(name, start, stop, start + 1, rows=stop - start)
