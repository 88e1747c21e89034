"""Reads the cells that hold one plain value: a caption, a name, a probability, or yes or no."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping

from adverts.data.sources.bad_rows import RowFault

_MAX_NAME = 1_000
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # control characters, ends of lines
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}


def without_accents(text: str) -> str:
    """Return text without the marks of its letters, such as ``e`` for ``é``."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(one for one in letters if not unicodedata.combining(one))


def caption_of(values: Mapping[str, object], column: str | None, *, most: int) -> str:
    """Return the caption of a row; empty if it has none or no column holds one.

    Args:
        values: Maps each column of the row to its cell.
        column: The column of captions, if there is one.
        most: Largest number of characters.

    Raises:
        RowFault: It is no text, is too long, or cannot be written as UTF-8.
    """
    value = values.get(column) if column else None
    if column is None or value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if not isinstance(value, (str, int, float)):
        raise RowFault(column, f"is a {type(value).__name__}; text is wanted")
    text = str(value)
    if len(text) > most:
        raise RowFault(
            column,
            f"has {len(text):,} characters, at most {most:,} are read; shorten it, or raise "
            "data.row_limits.max_characters",
        )
    return _encodable(text, column)


def word_of(values: Mapping[str, object], column: str | None) -> str | None:
    """Return the name or number that a row holds in a column; None if it holds none.

    Raises:
        RowFault: The cell is no plain value, or cannot be printed as a name.
    """
    cell = values.get(column) if column else None
    if column is None or cell is None:
        return None
    if not isinstance(cell, (str, int, float)):
        raise RowFault(column, f"is a {type(cell).__name__}; a plain value is wanted")
    value = text_of(cell)
    return None if value is None else name_of(value, column)


def probability_of(values: Mapping[str, object], column: str | None) -> float | None:
    """Return the probability, in (0, 1], that a row holds in a column; None if it holds none.

    Raises:
        RowFault: The cell holds something else.
    """
    value = word_of(values, column)
    if column is None or value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 < number <= 1:
        raise RowFault(column, "is not a number above 0 and at most 1")
    return number


def is_true(values: Mapping[str, object], column: str | None) -> bool:
    """Return whether a row holds yes in a column, or nothing.

    Raises:
        RowFault: The cell holds neither yes nor no.
    """
    value = word_of(values, column)
    if column is None or value is None or value.lower() in _TRUE:
        return True
    if value.lower() not in _FALSE:
        raise RowFault(column, "is neither true nor false")
    return False


def text_of(value: object) -> str | None:
    """Return a cell as text without outer spaces; None if it is empty or no plain value."""
    match value:
        case bool():
            return str(value).lower()
        case float() if math.isnan(value):
            return None
        case float() if value.is_integer():
            return str(int(value))
        case str() | int() | float():
            return str(value).strip() or None
        case _:
            return None


def _encodable(text: str, column: str) -> str:
    """Return the text of a cell unchanged.

    Raises:
        RowFault: The text cannot be written as UTF-8.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise RowFault(column, "holds half of a surrogate pair; save it as UTF-8") from None
    return text


def name_of(text: str, column: str) -> str:
    """Return an id, a label or another short cell that is printed as a name.

    Raises:
        RowFault: It is too long, holds a control character, or cannot be written as UTF-8.
    """
    if len(text) > _MAX_NAME:
        raise RowFault(column, f"has {len(text):,} characters; at most {_MAX_NAME:,} are read")
    if _BREAKS.search(text):
        raise RowFault(column, "holds a control character or the end of a line; take it out")
    return _encodable(text, column)
