"""Rows in memory as a source of ``adverts prepare`` or ``score``: one private Parquet file.

Hashes, row errors and limits then hold as for the files of anybody. Columns get plain names, so
those of a frame may be anything.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from adverts.calls.rows import SPLIT, Rows, pictures_in, text_in, word_in, words_in
from adverts.config.data import split_of
from adverts.errors import InputError
from adverts.files.staging import open_private
from adverts.inputs.contacts.plain_names import plain_name

if TYPE_CHECKING:
    import pyarrow as pa

FILE = "rows.parquet"
_ROWS_AT_ONCE = 500
_PLAIN = re.compile(
    r"(?!(?:id|text|image|split|lang|group|account|posted_week|source_file)$)[\w -]+"
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """Which columns of a table hold what.

    Attributes:
        columns: Maps a field, such as ``text``, to the name of its column.
        labels: Maps each task to the name of its column.
        split: Name of the column of splits; None where there is none.
    """

    columns: Mapping[str, object]
    labels: Mapping[str, object] = field(default_factory=dict)
    split: object | None = None


@contextmanager
def written(rows: Rows, mapped: Mapped, beside: Path, *, most_bytes: int) -> Iterator[Path]:
    """Write rows into a private folder beside another one, and remove it after the block.

    Args:
        rows: Rows of the table.
        mapped: Its columns.
        beside: Folder, which need not exist, next to which the rows are written.
        most_bytes: A larger file of a picture is refused.

    Yields:
        The folder of the file :data:`FILE`.

    Raises:
        InputError: A column is missing, or a cell cannot be used.
    """
    for name, column in mapped.columns.items():
        rows.require(column, name)
    for column in mapped.labels.values():
        rows.require(column, "labels")
    place = beside.absolute()
    place.parent.mkdir(parents=True, exist_ok=True)
    _sweep(place)
    made = tempfile.mkdtemp(prefix=f"{_prefix(place)}{os.getpid()}-", dir=place.parent)
    try:
        folder = Path(made)
        _write(folder / FILE, rows, mapped, most_bytes)
        yield folder
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _prefix(place: Path) -> str:
    return f".{place.name}.rows-"


def _sweep(place: Path) -> None:
    """Remove what calls left that were killed."""
    for left in place.parent.glob(f"{_escaped(_prefix(place))}*"):
        number = left.name.removeprefix(_prefix(place)).partition("-")[0]
        if number.isdecimal() and not _runs(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _escaped(name: str) -> str:
    return "".join(f"[{one}]" if one in "*?[" else one for one in name)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def label_columns(labels: Mapping[str, object]) -> dict[str, str]:
    """Return the name of the column of each task in the file.

    It is that of the table, which messages then say, unless Hydra or our own names forbid it.
    """
    given = list(labels.values())
    return {
        task: column
        if isinstance(column, str) and _PLAIN.fullmatch(column) and given.count(column) == 1
        else f"labels of {task}"
        for task, column in labels.items()
    }


def _write(path: Path, rows: Rows, mapped: Mapped, most_bytes: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    cells = {
        name: _cells(rows, name, column, most_bytes) for name, column in mapped.columns.items()
    }
    if mapped.split is not None:
        cells[SPLIT] = _splits(rows, mapped.split)
    types: dict[str, pa.DataType] = dict.fromkeys(cells, pa.string())
    if "image" in types:
        types["image"] = pa.list_(pa.binary())
    named = label_columns(mapped.labels)
    for task, column in mapped.labels.items():
        name = named[task]
        found = [words_in(one) for one in rows.column(column)]
        several = any(isinstance(one, list) for one in found)
        cells[name] = iter(_as_lists(found) if several else found)
        types[name] = pa.list_(pa.string()) if several else pa.string()
    schema = pa.schema(list(types.items()))
    with open_private(path) as file, pq.ParquetWriter(file, schema) as writer:
        for _ in range(0, rows.count, _ROWS_AT_ONCE):
            batch = {name: list(islice(values, _ROWS_AT_ONCE)) for name, values in cells.items()}
            writer.write_table(_table(batch, schema))


def _table(batch: Mapping[str, Sequence[object]], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    try:
        return pa.table(dict(batch), schema)
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise InputError(
            f"a cell cannot be written as text ({type(error).__name__}); save the texts as UTF-8"
        ) from None


def _as_lists(found: Sequence[list[str] | str | None]) -> list[list[str] | None]:
    return [[one] if isinstance(one, str) else one for one in found]


def _cells(rows: Rows, name: str, column: object, most_bytes: int) -> Iterator[object]:
    values = rows.column(column)
    if name == "text":
        return map(text_in, values)
    if name == "image":
        return (
            pictures_in(one, row=number, most_bytes=most_bytes) or None
            for number, one in enumerate(values, start=1)
        )
    return map(word_in, values)


def _splits(rows: Rows, column: object) -> Iterator[object]:
    for number, cell in enumerate(rows.column(column), start=1):
        word = word_in(cell)
        found = split_of(word)
        if found is None:
            raise InputError(
                f"row {number}, split: found {word and plain_name(word)!r}; wanted train, "
                "validation or test. Leave out such rows, or rename their split"
            )
        yield found
