"""How an export writes values: times in UTC as ISO 8601, lists of names as one text."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping

import pyarrow as pa
import pyarrow.compute as pc

BETWEEN_NAMES = ";"
"""What stands between the names of a list, none of which holds it."""
_ROWS = 10_000
Value = str | int | float | bool
Row = Mapping[str, Value]


def rows_of(table: pa.Table) -> Iterator[Row]:
    """Yield the rows of a table without what is missing; times and lists are texts."""
    flat = flat_table(table)
    for batch in flat.to_batches(max_chunksize=_ROWS):
        for row in batch.to_pylist():
            yield {name: value for name, value in row.items() if value is not None}


def flat_table(table: pa.Table) -> pa.Table:
    """Return a table of texts, numbers and truth values: times and lists become texts.

    An empty list is missing, as Neo4j wants it.
    """
    return pa.table({name: _flat(table[name]) for name in table.column_names})


def moment(time: datetime.datetime) -> str:
    """Return a time as exports write it, ISO 8601 in UTC to the second."""
    return time.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        seconds = column.cast(pa.timestamp("s", "UTC"), safe=False)
        return pc.strftime(seconds, "%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    if pa.types.is_list(column.type):
        joined = pc.binary_join(column, BETWEEN_NAMES)
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)
    return column
