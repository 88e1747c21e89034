"""How tables of the bank are stored: their SQL, the order of rows, and a hash of the content."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.bank_tables import SCHEMA_VERSION, TABLES, tables_of

ABOUT = "about"
ABOUT_COLUMNS = pa.schema(
    [("table", pa.string()), ("rows", pa.int64()), ("sha256", pa.string()), ("version", pa.int32())]
)
"""The table that says what is in the others: rows, hash, and the version of all columns."""
ORDER: Mapping[str, tuple[str, ...]] = {
    "adverts": ("id",),
    "restricted": ("id",),
    "candidates": ("id", "source"),
    "barred": ("item", "source"),
    "collected": ("source", "week", "platform", "language"),
    "identities": ("identity",),
    "edges": ("edge",),
    "campaigns": ("campaign",),
    "bridges": ("campaign", "probability", "edge"),
    "listed": ("kind", "value"),
    "replaced": ("build", "level", "old", "new"),
    "said": ("judgement",),
    "judged": ("judgement",),
    "builds": ("build",),
}
"""Columns by which the rows of each table are stored, in ascending order, missing values last."""
_BLOCK_ROWS = 65_536
_NUMBERS = {
    pa.int32(): ("INTEGER", "<i4"),
    pa.int64(): ("BIGINT", "<i8"),
    pa.float64(): ("DOUBLE", "<f8"),
    pa.date32(): ("DATE", "<i4"),
    pa.timestamp("us", "UTC"): ("TIMESTAMP WITH TIME ZONE", "<i8"),
}
_OTHERS = {pa.string(): "VARCHAR", pa.binary(): "BLOB", pa.bool_(): "BOOLEAN"}


def create_statement(name: str, version: int = SCHEMA_VERSION) -> str:
    """Return the SQL statement that creates a table of the bank, or the table about them.

    Args:
        name: Name of the table.
        version: Version of the bank, which has such a table.
    """
    schema = ABOUT_COLUMNS if name == ABOUT else tables_of(version)[name]
    columns = ", ".join(f'"{field.name}" {_sql(field.type)}' for field in schema)
    return f'CREATE TABLE "{name}"({columns})'


def _sql(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return _sql(kind.value_type) + "[]"
    return _OTHERS[kind] if kind in _OTHERS else _NUMBERS[kind][0]


def as_stored(name: str, table: pa.Table) -> pa.Table:
    """Return a table with the columns of the bank and its rows in the order of :data:`ORDER`.

    Raises:
        ValueError: A column is missing, is not of the bank, or is of another type.
    """
    schema = TABLES[name]
    unlike = sorted(set(schema.names) ^ set(table.column_names))
    if unlike:
        raise ValueError(f"table {name}: missing or unknown columns {', '.join(unlike)}")
    cast = table.select(schema.names).cast(schema)
    order = [(column, "ascending") for column in ORDER[name]]
    places = pc.sort_indices(cast, order).to_numpy()
    is_sorted = np.array_equal(places, np.arange(len(places)))
    return cast if is_sorted else cast.take(pa.array(places))


def content_sha256(table: pa.Table) -> str:
    """Return the hex sha256 of what a table holds, row by row and column by column.

    It depends on names, types, values and the order of rows, and on nothing else: not on how the
    table is divided into pieces, nor on what lies in memory under a missing value.
    """
    digest = hashlib.sha256()
    for field in table.schema:
        digest.update(f"{field.name}\0{field.type}\0{len(table)}\0".encode())
        for start in range(0, len(table), _BLOCK_ROWS):
            block = table[field.name].slice(start, _BLOCK_ROWS).combine_chunks()
            for part in _parts(block):
                digest.update(part)
    return digest.hexdigest()


def _parts(values: pa.Array) -> Iterator[bytes]:
    """Yield the bytes of some values: which are missing, then sizes, then what is there."""
    valid = np.asarray(values.is_valid().to_numpy(zero_copy_only=False), np.bool_)
    yield np.packbits(valid).tobytes()
    there = values.drop_null()
    kind = values.type
    if pa.types.is_list(kind):
        yield from _sizes(there, pc.list_value_length)
        yield from _parts(there.flatten())
    elif pa.types.is_boolean(kind):
        yield np.packbits(there.to_numpy(zero_copy_only=False)).tobytes()
    elif kind in _NUMBERS:
        yield from _numbers(there, _NUMBERS[kind][1])
    else:
        yield from _sizes(there, pc.binary_length)
        yield _joined(there.cast(pa.binary()))


def _sizes(there: pa.Array, of: Callable[[pa.Array], Any]) -> Iterator[bytes]:
    sizes = of(there).to_numpy(zero_copy_only=False)
    yield sizes.astype("<i8").tobytes()


def _numbers(there: pa.Array, form: str) -> Iterator[bytes]:
    plain = there
    if pa.types.is_date32(there.type):
        plain = there.cast(pa.int32())
    elif pa.types.is_timestamp(there.type):
        plain = there.cast(pa.int64())
    yield plain.to_numpy(zero_copy_only=False).astype(form, copy=False).tobytes()


def _joined(there: pa.Array) -> bytes:
    """Return all bytes of an array of binary values without missing ones."""
    _, offsets, content = there.buffers()
    if not len(there) or content is None:
        return b""
    ends = np.frombuffer(offsets, np.int32)[there.offset : there.offset + len(there) + 1]
    return memoryview(content)[int(ends[0]) : int(ends[-1])].tobytes()
