"""Rows in memory, of pandas or ``datasets``, with plain cells whatever library they come from."""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adverts.data.mapping.columns import nearest
from adverts.data.sources.formats.header import is_name, shown_names
from adverts.errors import InputError
from adverts.files.bounded_reading import open_file

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, tuple[object, ...]]
SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table in memory.

    Attributes:
        names: Names of its columns; those of a frame may be other values than text.
        count: Number of rows.
        column: Returns the cells of a column, in order.
        index: Index of the frame; None for other tables.
        has_splits: Whether the column :data:`SPLIT` holds the splits of a ``DatasetDict``.
    """

    names: tuple[object, ...]
    count: int
    column: Any
    index: pd.Index[Any] | None = None
    has_splits: bool = False

    def require(self, name: object, keyword: str) -> None:
        """Refuse a column that does not exist, or that two columns are called.

        Raises:
            InputError: There is none, or there are several; the message names the nearest.
        """
        found = sum(one == name for one in self.names)
        if found == 1:
            return
        if found > 1:
            raise InputError(f"{keyword}={name!r}: {found} columns have this name; rename them")
        shown = shown_names(self.names)
        near = nearest(str(name), [one for one in map(str, self.names) if is_name(one)]) or "."
        raise InputError(f"{keyword}={name!r} is not a column{near} The columns are {shown}")


def is_table(source: object) -> bool:
    """Return whether a source is a table in memory, rather than a path."""
    return not isinstance(source, (str, Path, type(None)))


def rows_of(source: object, *, may_be_empty: bool = False) -> Rows:
    """Return the rows of a DataFrame, a ``Dataset`` or a ``DatasetDict``.

    The splits of a ``DatasetDict`` become a column :data:`SPLIT`, unless ``train`` is the only one.

    Raises:
        InputError: It is another object, or has no row.
    """
    match f"{type(source).__module__.partition('.')[0]}.{type(source).__name__}":
        case "pandas.DataFrame":
            found = _of_frame(source)
        case "datasets.Dataset":
            found = _of_datasets({None: source})
        case "datasets.DatasetDict":
            found = _of_datasets(dict(source))  # type: ignore[call-overload]
        case "datasets.IterableDataset" | "datasets.IterableDatasetDict":
            raise InputError("a streamed dataset has no rows yet; load it without streaming=True")
        case other:
            raise InputError(
                f"found {other}; give a path, a pandas DataFrame, or a Dataset or DatasetDict of "
                "datasets"
            )
    if not found.count and not may_be_empty:
        raise InputError("the table has no row")
    return found


def _of_frame(frame: Any) -> Rows:  # noqa: ANN401 - pandas is loaded by those who have a frame
    def column(name: object) -> Iterator[object]:
        return iter(frame[name].array)

    return Rows(tuple(frame.columns), len(frame), column, frame.index)


def _of_datasets(splits: Mapping[str | None, Any]) -> Rows:
    named = _common_columns(splits)
    plain = {name: _with_bytes(one) for name, one in splits.items()}
    has_splits = not {None, "train"} >= set(splits)
    if has_splits:
        if SPLIT in named:
            raise InputError(f"the splits become the column {SPLIT!r}, which exists; rename it")
        named = (*named, SPLIT)

    def column(name: str) -> Iterator[object]:
        for split, one in plain.items():
            if name == SPLIT and has_splits:
                yield from [split] * len(one)
            else:
                yield from _named(one, name)

    count = sum(map(len, splits.values()))
    return Rows(named, count, column, has_splits=has_splits)


def _common_columns(splits: Mapping[str | None, Any]) -> tuple[str, ...]:
    if not splits:
        raise InputError("the DatasetDict has no split")
    first = tuple(next(iter(splits.values())).column_names)
    for name, one in splits.items():
        if tuple(one.column_names) != first:
            raise InputError(f"split {name!r} has other columns than the first split")
    return first


def _with_bytes(dataset: Any) -> Any:  # noqa: ANN401 - a Dataset
    """Return a dataset whose pictures are given as bytes and paths, and are not decoded."""
    import datasets

    for name, feature in dataset.features.items():
        if isinstance(feature, datasets.Image):
            dataset = dataset.cast_column(name, datasets.Image(decode=False))
    return dataset.with_format(None)


def _named(dataset: Any, name: str) -> Iterator[object]:  # noqa: ANN401 - a Dataset
    """Yield the cells of a column; classes by their names."""
    import datasets

    feature = dataset.features[name]
    for cell in dataset[name]:
        if isinstance(feature, datasets.ClassLabel) and isinstance(cell, int) and cell >= 0:
            yield feature.int2str(cell)
        elif isinstance(feature, datasets.ClassLabel):
            yield None
        else:
            yield cell


def is_missing(cell: object) -> bool:
    """Return whether a cell is None, NaN, NaT or NA."""
    if cell is None:
        return True
    if isinstance(cell, float | np.floating):
        return math.isnan(cell)
    return type(cell).__name__ in ("NAType", "NaTType")


def word_in(cell: object) -> str | None:
    """Return a cell as a word: a label, an id or a name; None if it is missing.

    A number that a missing value beside it has made fractional is whole again.
    """
    if is_missing(cell):
        return None
    match cell:
        case bool() | np.bool_():
            return str(bool(cell)).lower()
        case float() | np.floating() if float(cell).is_integer():
            return str(int(cell))
        case np.generic():
            return str(cell.item())
        case _:
            return str(cell)


def words_in(cell: object) -> list[str] | str | None:
    """Return a cell as a word, or a list of words where it is a list of annotators or signals."""
    if isinstance(cell, list | tuple | set | frozenset | np.ndarray):
        found = [word for word in map(word_in, cell) if word is not None]
        return sorted(found) if isinstance(cell, set | frozenset) else found
    return word_in(cell)


def text_in(cell: object) -> str | None:
    """Return a cell as a caption; None if it is missing."""
    return cell if isinstance(cell, str) else word_in(cell)


def pictures_in(cell: object, *, row: int, most_bytes: int) -> list[bytes]:
    """Return the encoded pictures of a cell: bytes, a path, a picture of PIL, or a list of them.

    Args:
        cell: The cell.
        row: Number of the row, for messages.
        most_bytes: A larger file is refused before it is read.

    Raises:
        InputError: The cell holds something else, or a file cannot be read.
    """
    if is_missing(cell) or (isinstance(cell, str) and not cell.strip()):
        return []
    many: Iterable[object] = cell if isinstance(cell, list | tuple) else (cell,)
    return [_picture(one, row, most_bytes) for one in many if not is_missing(one)]


def _picture(cell: object, row: int, most_bytes: int) -> bytes:
    match cell:
        case bytes() | bytearray() | memoryview():
            return bytes(cell)
        case {"bytes": bytes(data)}:
            return data
        case {"path": str(path)}:
            return _file(Path(path), row, most_bytes)
        case str() | Path():
            return _file(Path(cell), row, most_bytes)
    if (found := _of_pil(cell)) is not None:
        return found
    raise InputError(
        f"row {row}, image: is a {type(cell).__name__}; a path, bytes or a picture of PIL is wanted"
    )


def _of_pil(cell: object) -> bytes | None:
    """Return a picture of PIL as the bytes of a PNG file; None for another object."""
    from PIL import Image

    if not isinstance(cell, Image.Image):
        return None
    file = io.BytesIO()
    plain = cell if cell.mode in ("RGB", "RGBA", "L") else cell.convert("RGB")
    plain.save(file, "PNG")
    return file.getvalue()


def _file(path: Path, row: int, most_bytes: int) -> bytes:
    try:
        with open_file(path) as file:
            data = file.read(most_bytes + 1)
    except InputError as error:
        raise InputError(f"row {row}, image: {error}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise InputError(f"row {row}, image: cannot be read ({reason})") from None
    if len(data) > most_bytes:
        raise InputError(f"row {row}, image: has more than {most_bytes:,} bytes")
    return data
