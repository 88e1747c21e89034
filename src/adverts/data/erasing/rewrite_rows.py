"""Writes single files of a prepared dataset again without some adverts, by row group."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Callable, Container, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from adverts.advert import LabelSchema
from adverts.data.dataset.prepared_rows import (
    QUALITY_COLUMNS,
    TARGET_PREFIX,
    PreparedRow,
    StoredImage,
    qualities_of,
)
from adverts.data.sources.bad_rows import BadRow, ids_named, read_bad_rows, write_bad_rows
from adverts.files.staging import open_private

OpenWriter = Callable[[BinaryIO, pa.Schema], pq.ParquetWriter]
_OTHER_IDS = ("first", "second")  # of the links


def facts_of_rows(shard: Path, schema: LabelSchema) -> Iterator[PreparedRow]:
    """Yield the rows of a shard with only what is counted: without texts, with empty pictures."""
    targets = [TARGET_PREFIX + task.name for task in schema.tasks]
    plain = ["id", "split", "cluster", "lang", "reviewed"]
    with pq.ParquetFile(shard) as file:
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=[*plain, *targets])
            qualities = qualities_of(file.read_row_group(group, columns=[*QUALITY_COLUMNS]))
            paths = file.read_row_group(group, columns=["images.list.element.path"])["images"]
            counts = pc.fill_null(pc.list_value_length(paths), 0).to_pylist()
            for row, count, quality in zip(rows.to_pylist(), counts, qualities, strict=True):
                found = {name: row.pop(name) for name in targets}
                yield PreparedRow(
                    **row,
                    images=(StoredImage(b""),) * count,
                    ocr_quality=quality,
                    targets={
                        name.removeprefix(TARGET_PREFIX): values
                        for name, values in found.items()
                        if values is not None
                    },
                )


def id_columns(path: Path) -> list[str]:
    """Return the columns of a Parquet file that hold ids of adverts."""
    names = pq.read_schema(path).names
    return [n for n in names if n == "id" or n.endswith("_id") or n in _OTHER_IDS]


def write_table_without(
    source: Path,
    target: Path,
    values: pa.Array,
    *,
    columns: Sequence[str],
    open_writer: OpenWriter,
) -> int:
    """Write a Parquet file again without the rows that hold one of the values.

    Every other row keeps its values, its order and its row group. Only one group is in memory.

    Args:
        source: File to read.
        target: New file.
        values: Values to look for, such as ids; none is null.
        columns: Columns in which the values are looked for, at least one.
        open_writer: Opens the writer of the new file.

    Returns:
        The number of rows that are left out.
    """
    left_out = 0
    with (
        pq.ParquetFile(source) as file,
        open_private(target) as out,
        open_writer(out, file.schema_arrow) as writer,
    ):
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            named = functools.reduce(pc.or_, (holds_any(table[name], values) for name in columns))
            kept = table.filter(pc.invert(named))
            left_out += len(table) - len(kept)
            if len(kept):
                writer.write_table(_only_used(kept), row_group_size=len(kept))
    return left_out


def write_bad_rows_without(source: Path, target: Path, ids: Container[str]) -> list[BadRow]:
    """Write bad rows again without those whose place names one of the ids.

    Returns:
        The rows that are left out. If no other row remains, no file is written.
    """
    kept: list[BadRow] = []
    out: list[BadRow] = []
    for row in read_bad_rows(source):
        (out if any(name in ids for name in ids_named(row)) else kept).append(row)
    if kept:
        write_bad_rows(target, kept)
    return out


def link_or_copy(source: Path, target: Path) -> None:
    """Link an unchanged file to a second path, or copy it if the file system has no links."""
    try:
        os.link(source, target)
    except OSError:  # a file system without links
        with source.open("rb") as file, open_private(target) as out:
            shutil.copyfileobj(file, out)


def holds_any(column: pa.ChunkedArray, ids: pa.Array) -> pa.ChunkedArray:
    """Return which cells of a column hold one of the ids; an empty cell holds none."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    return pc.is_in(column, value_set=ids.cast(column.type))


def _only_used(table: pa.Table) -> pa.Table:
    """Drop the values from the dictionaries of a table that none of its rows has."""
    for i, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            values = table[column.name].cast(column.type.value_type)
            table = table.set_column(i, column, values.dictionary_encode().cast(column.type))
    return table
