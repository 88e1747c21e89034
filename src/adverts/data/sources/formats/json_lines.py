"""Rows of JSON Lines files, streamed; reading goes on after a broken line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from adverts.data.sources.bad_rows import NumberedRow, RowFault
from adverts.data.sources.formats.faults import too_long
from adverts.data.sources.formats.json_object import read_object
from adverts.data.sources.parts import Part
from adverts.files.bounded_reading import Openable, bounded_lines
from adverts.files.delimited import refuse_utf16

_MARK = b"\xef\xbb\xbf"


def read_jsonl(
    file: Openable, *, max_bytes: int, part: Part | None = None
) -> Iterator[NumberedRow]:
    """Yield the number of each line with its object or its fault; empty lines are skipped.

    Args:
        file: The file.
        max_bytes: Largest size of a line; not more than this of a longer line is held in memory.
        part: The part to read; None reads all.
    """
    first, length = 1, None
    with file.open("rb") as stream:
        if part is not None and not part.is_whole:
            stream.seek(part.start)
            first, length = part.first_row, part.stop - part.start
        for number, line in _lines(stream, file, max_bytes, first=first, length=length):
            if line is None:
                yield number, RowFault("", too_long(max_bytes))
            elif line.strip():
                yield number, read_object(line)


def cut_jsonl(file: Openable, name: str, *, rows: int, max_bytes: int) -> Iterator[Part]:
    """Yield parts of a file that have ``rows`` rows each, the last one fewer.

    Args:
        file: The file.
        name: Name of the file in the parts.
        rows: Number of rows of a part.
        max_bytes: Largest size of a line.
    """
    with file.open("rb") as stream:
        start, first, count = 0, 1, 0
        for number, line in _lines(stream, file, max_bytes):
            if line is None or line.strip():
                count += 1
            elif not count:  # an empty line before the first row of a part
                start, first = stream.tell(), number + 1
            if count == rows:
                stop = stream.tell()
                yield Part(name, start, stop, first, rows=count)
                start, first, count = stop, number + 1, 0
        if count:
            yield Part(name, start, stream.tell(), first, rows=count)


def _lines(
    stream: BinaryIO, file: Openable, most: int, *, first: int = 1, length: int | None = None
) -> Iterator[tuple[int, bytes | None]]:
    """Yield numbered lines without a byte-order mark; None for a line that is too long."""
    for number, line in enumerate(bounded_lines(stream, most=most, length=length), start=first):
        if number == 1 and line is not None:
            refuse_utf16(line, file)
            yield number, line.removeprefix(_MARK)
        else:
            yield number, line
