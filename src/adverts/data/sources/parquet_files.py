"""Rows of Parquet files, read in batches whose unpacked size is bounded beforehand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.data.sources.arrow_rows import RowWeights, unfold, weigh
from adverts.data.sources.bad_rows import RowFault
from adverts.data.sources.parquet_pages import ChunkPages, PageError, read_pages
from adverts.data.sources.text_files import NumberedRow
from adverts.errors import InputError

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


def parquet_columns(path: Path) -> tuple[str, ...]:
    """Return the top-level columns of a Parquet file.

    Raises:
        InputError: It is not a Parquet file, or it holds no row.
    """
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows == 0:
                raise InputError(f"{path} is empty; it needs at least one row")
            return tuple(file.schema_arrow.names)
    except InputError:
        raise
    except _BROKEN as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # an error of the disk, not of the file
        raise InputError(f"{path} is not a Parquet file, or it is cut off") from None


def read_parquet(path: Path, wanted: Sequence[str], *, max_bytes: int) -> Iterator[NumberedRow]:
    """Yield the number and the cells of each row; only the wanted columns are read.

    Args:
        path: The file.
        wanted: Names of columns.
        max_bytes: Largest size of a row without its pictures; a larger one is never unpacked.

    Raises:
        InputError: The file is damaged, or its unpacked size is far larger than the file.
    """
    number = [0]
    with _naming_damage(path, number):
        plan, unpacked = _plan(path, wanted), _Unpacked(path, path.stat().st_size)
        with pq.ParquetFile(
            path, buffer_size=_BUFFER_BYTES, pre_buffer=False, read_dictionary=plan.as_dictionary
        ) as file:
            names = [name for name in file.schema_arrow.names if name in wanted]
            for batch in file.iter_batches(batch_size=plan.batch_rows, columns=names):
                weights = weigh(batch)
                unpacked.add(weights, max_bytes=max_bytes)
                for values in unfold(batch, weights, max_bytes=max_bytes):
                    number[0] += 1
                    yield number[0], values


def check_parquet(path: Path, *, max_bytes: int) -> None:
    """Refuse a file that another reader could not read in bounded memory.

    Raises:
        InputError: A row takes more than ``max_bytes``, the file is damaged, or its unpacked size
            is far larger than the file.
    """
    for number, values in read_parquet(path, parquet_columns(path), max_bytes=max_bytes):
        if isinstance(values, RowFault):
            raise InputError(f"{path}, row {number}: {values.reason}")


class _Unpacked:
    """Counts the unpacked bytes of the rows of a file that were read so far."""

    def __init__(self, path: Path, file_bytes: int) -> None:
        self._path, self._read, self._skipped = path, 0, 0
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
                f"{self._path} unpacks to more than {MAX_RATIO} times its size: "
                f"{self._read + self._skipped:,} bytes and more; write it without long texts that "
                "many rows repeat"
            )


@contextmanager
def _naming_damage(path: Path, number: Sequence[int]) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except _BROKEN as error:
        raise InputError(
            f"{path} is damaged after row {number[0]} ({type(error).__name__}); fetch it again"
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


def _plan(path: Path, wanted: Collection[str]) -> _Plan:
    """Look at all pages of the wanted columns, and return how to read the file.

    Raises:
        InputError: A page or the number of rows is far too large for the file.
    """
    longest, as_dictionary = 1, set[str]()
    with pq.ParquetFile(path) as file, path.open("rb") as raw:
        _refuse_many_rows(path, file.metadata.num_rows)
        leaves = [(place, file.schema.column(place)) for place in range(file.metadata.num_columns)]
        columns = [(place, one) for place, one in leaves if _is_part(one.path, wanted)]
        for group in range(file.metadata.num_row_groups):
            row_group, long_values = file.metadata.row_group(group), 0
            for place, column in columns:
                chunk = row_group.column(place)
                pages = read_pages(raw, _first_page(chunk), num_values=chunk.num_values)
                _refuse_large(path, column, pages)
                if column.physical_type not in _LONG_VALUES:
                    continue
                if not column.max_repetition_level:
                    long_values += pages.largest_bytes
                elif pages.values * pages.largest_bytes > _BATCH_BYTES:
                    _refuse_shared_prefixes(path, column, pages)
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


def _refuse_many_rows(path: Path, rows: int) -> None:
    size = path.stat().st_size
    if rows > _NEVER_A_BOMB_ROWS + size:
        raise InputError(
            f"{path} says that it holds {rows:,} rows in {size:,} bytes; different adverts need "
            "more bytes, so check how it was made"
        )


def _refuse_large(path: Path, column: pq.ColumnSchema, pages: ChunkPages) -> None:
    if pages.largest_grown_bytes > _MAX_PAGE_BYTES:
        raise InputError(
            f"{path}, column {column.path}: a page unpacks to {pages.largest_grown_bytes:,} bytes, "
            f"at most {_MAX_PAGE_BYTES:,} are read; write smaller row groups"
        )
    if column.max_repetition_level and pages.values > _MAX_LISTED:
        raise InputError(
            f"{path}, column {column.path}: lists of {pages.values:,} values in one row group, at "
            f"most {_MAX_LISTED:,} are read; write smaller row groups"
        )


def _refuse_shared_prefixes(path: Path, column: pq.ColumnSchema, pages: ChunkPages) -> None:
    if pages.shares_prefixes:
        raise InputError(
            f"{path}, column {column.path}: lists in the encoding DELTA_BYTE_ARRAY may unpack to "
            "any size; write the column in the encoding PLAIN"
        )
