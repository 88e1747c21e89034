"""An export as flat CSV files, one for each kind of node and link, for spreadsheets and DuckDB."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from adverts.files.delimited import guarded
from adverts.files.staging import open_private
from adverts_findings.campaigns.exports.graph import Graph
from adverts_findings.campaigns.exports.written_values import flat_table
from adverts_findings.campaigns.plain_names import mapped

_ODD = r"\A[^0-9A-Za-z]|[^0-9A-Za-z:._]"
"""Letters without which no text is a formula."""


def write_csv(folder: Path, graph: Graph) -> None:
    """Write a graph as one CSV file for each kind of node and link, such as ``campaigns.csv``.

    UTF-8, commas, a header; texts are in quotes and missing values are empty. A text that a
    spreadsheet would take for a formula has an apostrophe in front.
    """
    for name, table in {**graph.nodes, **graph.links}.items():
        write_table(folder / f"{name}.csv", flat_table(without_formulas(table)))


def write_table(path: Path, table: pa.Table) -> None:
    """Write a table of texts, numbers and truth values as a CSV file that only its owner reads."""
    with open_private(path) as file:
        pacsv.write_csv(table, file)


def without_formulas(table: pa.Table) -> pa.Table:
    """Return a table in which no text is a formula of a spreadsheet: an apostrophe is in front."""
    for place, one in enumerate(table.schema):
        if pa.types.is_string(one.type):
            table = table.set_column(place, one.name, _guarded_cells(table[one.name]))
    return table


def _guarded_cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts that are no formulas; tokens and names, which are most, are not looked at."""
    odd = pc.any(pc.match_substring_regex(column, _ODD)).as_py()
    return mapped(column, _cell) if odd else column


def _cell(text: str) -> str:
    return guarded(text, numbers=False)
