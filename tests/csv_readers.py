"""One file of delimited text, read by every reader that a person or a program may use."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

Rows = list[list[str]]
NO_VALUE = "-no value-"
BLOCK = 1 << 19
_CONNECTION = duckdb.connect(config={"threads": 1})


def rows_everywhere(path: Path, delimiter: str = ",") -> Rows:
    """Return the rows of a file with its header, after asserting that all readers agree on them."""
    data = path.read_bytes()
    text = data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    columns = len(rows[0])
    assert _pandas(path, delimiter, "c") == rows, "pandas"
    # this engine drops a row of one empty cell, with quotes and without
    not_empty = [row for row in rows if columns > 1 or row[0].strip()]
    assert _pandas(path, delimiter, "python") == not_empty, "pandas, engine='python'"
    assert _pyarrow(data, delimiter, columns) == rows, "pyarrow"
    assert _duckdb(path, delimiter, columns) == rows, "DuckDB"
    plain = [[*map(_one_line_end, row)] for row in rows]
    assert libreoffice(text, delimiter) == plain, "LibreOffice"
    return rows


def _pandas(path: Path, delimiter: str, engine: str) -> Rows:
    found = pd.read_csv(path, sep=delimiter, header=None, dtype=str, na_filter=False, engine=engine)
    return found.to_numpy().tolist()


def _pyarrow(data: bytes, delimiter: str, columns: int) -> Rows:
    table = pacsv.read_csv(
        io.BytesIO(data),
        read_options=pacsv.ReadOptions(autogenerate_column_names=True, block_size=BLOCK),
        parse_options=pacsv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types={f"f{place}": pa.string() for place in range(columns)}
        ),
    )
    return [list(row.values()) for row in table.to_pylist()]


def _duckdb(path: Path, delimiter: str, columns: int) -> Rows:
    named = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(columns))
    found = _CONNECTION.execute(
        f"SELECT * FROM read_csv($path, delim=$delim, quote='\"', escape='\"', header=false, "
        f"auto_detect=false, nullstr='{NO_VALUE}', columns={{{named}}}, max_line_size={BLOCK})",
        {"path": str(path), "delim": delimiter},
    )
    return [list(row) for row in found.fetchall()]


def sniffed_by_duckdb(path: Path) -> Rows:
    """Return the rows of a file as DuckDB reads it if it is told nothing but that cells are texts.

    A missing value is an empty cell.
    """
    found = _CONNECTION.execute(
        "SELECT * FROM read_csv($path, all_varchar=true, header=true)", {"path": str(path)}
    )
    names = [one[0] for one in found.description or ()]
    return [names, *([cell or "" for cell in row] for row in found.fetchall())]


def libreoffice(text: str, delimiter: str = ",") -> Rows:
    """Return rows as LibreOffice's import of text splits them.

    Outside of quotes a CR, an LF or both end a row. A quote at the start of a cell opens it, a
    doubled one is a quote, and one before a delimiter or a line end closes it. A line end in a cell
    becomes an LF.
    """
    text = _one_line_end(text)
    text += "" if text.endswith("\n") else "\n"
    ends = re.compile(f"[\n{re.escape(delimiter)}]")
    rows: Rows = [[]]
    place = 0
    while place < len(text):
        cell = ""
        if text[place] == '"':
            cell, place = _in_quotes(text, place + 1)
        end = ends.search(text, place)
        assert end is not None
        rows[-1].append(cell + text[place : end.start()])  # what follows a closing quote is kept
        place = end.end()
        if end[0] == "\n":
            rows.append([])
    return rows[:-1]


def _in_quotes(text: str, place: int) -> tuple[str, int]:
    parts = []
    while True:
        end = text.index('"', place)
        parts.append(text[place:end])
        if text[end + 1] != '"':
            return '"'.join(parts), end + 1
        place = end + 2


def _one_line_end(text: str) -> str:
    return re.sub("\r\n?", "\n", text)
