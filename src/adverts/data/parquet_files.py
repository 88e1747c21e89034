"""Rows of Parquet files, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.data.text_files import NumberedRow
from adverts.errors import InputError

_BATCH_ROWS = 64  # a row may hold whole pictures
_BUFFER_BYTES = 1_000_000  # of a row group, which else is read whole: a file may be one


def parquet_columns(path: Path) -> tuple[str, ...]:
    """Return the top-level columns of a Parquet file.

    Raises:
        InputError: It is not a Parquet file, or it holds no row.
    """
    try:
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows == 0:
                raise InputError(f"{path} is empty: rows are wanted")
            return tuple(file.schema_arrow.names)
    except pa.ArrowException:
        raise InputError(f"{path} is not a Parquet file, or it is cut off") from None


def read_parquet(path: Path, wanted: Sequence[str]) -> Iterator[NumberedRow]:
    """Yield number and cells of each row; only the columns that are wanted are read.

    Raises:
        InputError: The file is damaged.
    """
    number = 0
    try:
        with pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
            names = [name for name in file.schema_arrow.names if name in wanted]
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=names):
                for values in batch.to_pylist():
                    number += 1
                    yield number, values
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path} is damaged after row {number} ({type(error).__name__}); fetch it again"
        ) from None
