"""Rows of Parquet files, read in batches whose unpacked size is bounded beforehand."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.data.sources.bad_rows import NumberedRow, RowFault
from adverts.data.sources.formats.arrow_rows import RowWeights, unfold, weigh
from adverts.data.sources.formats.parquet_pages import ChunkPages, PageError, read_pages
from adverts.data.sources.parts import Part, refuse_beyond
from adverts.errors import InputError
from adverts.files.bounded_reading import Openable

MAX_RATIO = 200
"""Largest allowed ratio of a file's unpacked size to its own size."""
_NEVER_A_BOMB_BYTES, _NEVER_A_BOMB_ROWS = 32_000_000, 100_000
_MAX_SKIPPED_BYTES = 1_000_000_000  # of rows that are too large: they take time, but no memory
_BATCH_ROWS = 512  # fewer if values may be long: a row may hold whole pictures
_BATCH_BYTES = 256_000_000
_MAX_PAGE_BYTES = 400_000_000
_MAX_LISTED = 20_000_000  # values of lists in one row group
_BUFFER_BYTES = 1_000_000  # otherwise a row group is read whole, which may be the whole file
_LONG_VALUES = ("BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY")
_BROKEN = (pa.ArrowException, PageError, OSError, ValueError, OverflowError)


def parquet_columns(file: Openable) -> tuple[str, ...]:
    """Return the top-level columns of a Parquet file.

    Raises:
        InputError: It is not a Parquet file, or it holds no row.
    """
    try:
        with _opened(file) as table:
            if table.metadata.num_rows == 0:
                raise InputError(f"{file} is empty; it needs at least one row")
            return tuple(table.schema_arrow.names)
    except InputError:
        raise
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # an error of the disk, not of the file
        raise InputError(f"{file} is not a Parquet file, or it is cut off") from None


def read_parquet(
    file: Openable, wanted: Sequence[str], *, max_bytes: int, part: Part | None = None
) -> Iterator[NumberedRow]:
    """Yield the number and the cells of each row; only the wanted columns are read.

    Args:
        file: The file.
        wanted: Names of columns.
        max_bytes: Largest size of a row without its pictures; a larger one is never unpacked.
        part: The row groups to read; None reads all.

    Raises:
        InputError: The file is damaged, or its unpacked size is far larger than the file.
    """
    number = [0 if part is None else part.first_row - 1]
    with _naming_damage(file, number):
        groups = None if part is None else range(part.start, part.stop)
        plan, unpacked = _plan(file, wanted, groups), _Unpacked(file, _size(file))
        with _opened(
            file, buffer_size=_BUFFER_BYTES, pre_buffer=False, read_dictionary=plan.as_dictionary
        ) as table:
            names = [name for name in table.schema_arrow.names if name in wanted]
            for batch in table.iter_batches(
                batch_size=plan.batch_rows,
                columns=names,
                row_groups=None if groups is None else list(groups),
            ):
                weights = weigh(batch)
                unpacked.add(weights, max_bytes=max_bytes)
                for values in unfold(batch, weights, max_bytes=max_bytes):
                    number[0] += 1
                    yield number[0], values


def cut_parquet(file: Openable, name: str, *, rows: int) -> Iterator[Part]:
    """Yield parts of whole row groups, as many as have ``rows`` rows, but at least one.

    Args:
        file: The file.
        name: Name of the file in the parts.
        rows: Largest number of rows of a part of several row groups.

    Raises:
        InputError: The file is damaged.
    """
    with _naming_damage(file, [0]), _opened(file) as table:
        about = table.metadata
        counts = [about.row_group(group).num_rows for group in range(about.num_row_groups)]
    if any(count < 0 for count in counts):
        raise InputError(f"{file} is damaged (a row group has {min(counts)} rows); fetch it again")
    start, first, held = 0, 1, 0
    for group, count in enumerate(counts):
        if held and held + count > rows:
            yield Part(name, start, group, first, rows=held)
            start, first, held = group, first + held, 0
        held += count
    if held:
        yield Part(name, start, len(counts), first, rows=held)


def check_parquet(file: Openable, *, max_bytes: int) -> None:
    """Refuse a file that another reader could not read in bounded memory.

    Raises:
        InputError: A row takes more than ``max_bytes``, the file is damaged, or its unpacked size
            is far larger than the file.
    """
    for number, values in read_parquet(file, parquet_columns(file), max_bytes=max_bytes):
        if isinstance(values, RowFault):
            raise InputError(f"{file}, row {number}: {values.reason}")


@contextmanager
def _opened(file: Openable, **options: object) -> Iterator[pq.ParquetFile]:
    """Open a file; Arrow itself opens a local one, which is faster."""
    if isinstance(file, Path):
        with pq.ParquetFile(file, **options) as table:
            yield table
    else:
        with file.open("rb") as stream, pq.ParquetFile(stream, **options) as table:
            yield table


def _size(file: Openable) -> int:
    with file.open("rb") as stream:
        return stream.seek(0, os.SEEK_END)


class _Unpacked:
    """Counts the unpacked bytes of the rows of a file that were read so far."""

    def __init__(self, file: Openable, file_bytes: int) -> None:
        self._file, self._read, self._skipped = file, 0, 0
        self._most = max(_NEVER_A_BOMB_BYTES, MAX_RATIO * file_bytes)

    def add(self, weights: RowWeights, *, max_bytes: int) -> None:
        """Add the rows of a batch to the count.

        Raises:
            InputError: The unpacked size is far larger than the file.
        """
        read = weights.within(max_bytes=max_bytes).total
        self._read += read
        self._skipped += weights.total - read
        if self._read > self._most or self._skipped > max(self._most, _MAX_SKIPPED_BYTES):
            raise InputError(
                f"{self._file} unpacks to more than {MAX_RATIO} times its size: "
                f"{self._read + self._skipped:,} bytes and more; write it without long texts that "
                "many rows repeat"
            )


@contextmanager
def _naming_damage(file: Openable, number: Sequence[int]) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(
            f"{file} is damaged after row {number[0]} ({type(error).__name__}); fetch it again"
        ) from None


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a file is read so that no batch is large.

    Attributes:
        batch_rows: Number of rows in a batch.
        as_dictionary: Paths of columns in lists that are read dictionary-encoded, so that equal
            long values are held once.
    """

    batch_rows: int
    as_dictionary: list[str]


def _plan(file: Openable, wanted: Collection[str], groups: range | None) -> _Plan:
    """Look at all pages of the wanted columns, and return how to read the row groups.

    Raises:
        InputError: A page or the number of rows is far too large for the file.
    """
    longest, as_dictionary = 1, set[str]()
    with _opened(file) as table, file.open("rb") as raw:
        about = table.metadata
        _refuse_many_rows(file, about.num_rows, raw.seek(0, os.SEEK_END))
        if groups is not None:
            refuse_beyond(groups.stop, about.num_row_groups, file)
        leaves = [(place, table.schema.column(place)) for place in range(about.num_columns)]
        columns = [(place, one) for place, one in leaves if _is_part(one.path, wanted)]
        for group in range(about.num_row_groups) if groups is None else groups:
            row_group, long_values = about.row_group(group), 0
            for place, column in columns:
                chunk = row_group.column(place)
                pages = read_pages(raw, _first_page(chunk), num_values=chunk.num_values)
                _refuse_large(file, column, pages)
                if column.physical_type not in _LONG_VALUES:
                    continue
                if not column.max_repetition_level:
                    long_values += pages.largest_bytes
                elif pages.values * pages.largest_bytes > _BATCH_BYTES:
                    _refuse_shared_prefixes(file, column, pages)
                    as_dictionary.add(column.path)
            longest = max(longest, long_values)
    return _Plan(max(1, min(_BATCH_ROWS, _BATCH_BYTES // longest)), sorted(as_dictionary))


def _is_part(path: str, wanted: Collection[str]) -> bool:
    """Return whether a path names a wanted column or a part of one."""
    return any(path == name or path.startswith(f"{name}.") for name in wanted)


def _first_page(chunk: pq.ColumnChunkMetaData) -> int:
    """Return the offset of the first page of a column, as Arrow finds it."""
    dictionary, data = chunk.dictionary_page_offset, chunk.data_page_offset
    first = dictionary if chunk.has_dictionary_page and 0 < dictionary < data else data
    return int(first)


def _refuse_many_rows(file: Openable, rows: int, size: int) -> None:
    if rows > _NEVER_A_BOMB_ROWS + size:
        raise InputError(
            f"{file} says that it holds {rows:,} rows in {size:,} bytes; different adverts need "
            "more bytes, so check how it was made"
        )


def _refuse_large(file: Openable, column: pq.ColumnSchema, pages: ChunkPages) -> None:
    if pages.largest_grown_bytes > _MAX_PAGE_BYTES:
        raise InputError(
            f"{file}, column {column.path}: a page unpacks to {pages.largest_grown_bytes:,} bytes, "
            f"at most {_MAX_PAGE_BYTES:,} are read; write smaller row groups"
        )
    if column.max_repetition_level and pages.values > _MAX_LISTED:
        raise InputError(
            f"{file}, column {column.path}: lists of {pages.values:,} values in one row group, at "
            f"most {_MAX_LISTED:,} are read; write smaller row groups"
        )


def _refuse_shared_prefixes(file: Openable, column: pq.ColumnSchema, pages: ChunkPages) -> None:
    if pages.shares_prefixes:
        raise InputError(
            f"{file}, column {column.path}: lists in the encoding DELTA_BYTE_ARRAY may unpack to "
            "any size; write the column in the encoding PLAIN"
        )
