"""Cells of a source that evidence keeps: times, numbers, and names without white space."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from adverts.data.mapping.plain_cells import text_of
from adverts.inputs.contacts.plain_names import plain_name

Read = Callable[[object], "str | int | datetime.datetime | None"]
_MOST_URL, _MOST_NAME, _MOST_PLATFORM = 2_000, 200, 100
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[!-~\u00a1-\ud7ff\uf900-\uffef]+")
_NAME = re.compile(r"[!-~\u00a1-\ud7ff\uf900-\uffef]+")
_PRINTED = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_WHOLE = re.compile(r"\d{1,19}")
_MOST_VIEWS = 2**63 - 1


def written_time_of(cell: object) -> datetime.datetime | None:
    """Return a time in the zone in which it is written, or in none; None for an empty cell.

    Raises:
        ValueError: It is no time in ISO 8601.
    """
    if isinstance(cell, datetime.datetime):
        return cell
    if isinstance(cell, datetime.date):
        return datetime.datetime(cell.year, cell.month, cell.day)
    text = _plain(cell)
    return None if text is None else datetime.datetime.fromisoformat(text)


def time_of(cell: object) -> datetime.datetime | None:
    """Return a time in UTC; None for an empty cell. A time without a zone counts as UTC.

    Raises:
        ValueError: It is no time in ISO 8601.
    """
    found = written_time_of(cell)
    if found is None:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=datetime.UTC)
    try:
        return found.astimezone(datetime.UTC)
    except OverflowError:
        raise ValueError("the time is outside the years 1 to 9999") from None


def views_of(cell: object) -> int | None:
    """Return a number of views; None for an empty cell.

    Raises:
        ValueError: It is no whole number from 0 to 2**63 - 1.
    """
    text = _plain(cell)
    if text is None:
        return None
    if _WHOLE.fullmatch(text) is None or not text.isascii() or int(text) > _MOST_VIEWS:
        raise ValueError("it is not a whole number")
    return int(text)


def url_of(cell: object) -> str | None:
    """Return an address such as ``https://…``; None for an empty cell.

    Raises:
        ValueError: It is no address, holds white space, or is too long.
    """
    return _matching(cell, _URL, _MOST_URL)


def item_id_of(cell: object) -> str | None:
    """Return the id of an item on its platform; None for an empty cell.

    Raises:
        ValueError: It holds white space, or is too long: it is a text, and no name.
    """
    return _matching(cell, _NAME, _MOST_NAME)


def platform_of(cell: object) -> str | None:
    """Return the name of a platform; None for an empty cell, ``withheld`` for what is no name.

    Raises:
        ValueError: It holds the end of a line, or is too long.
    """
    name = _matching(cell, _PRINTED, _MOST_PLATFORM)
    return None if name is None else plain_name(name)


def _matching(cell: object, pattern: re.Pattern[str], most: int) -> str | None:
    text = _plain(cell)
    if text is not None and (len(text) > most or pattern.fullmatch(text) is None):
        raise ValueError("it is of another form")
    return text


def _plain(cell: object) -> str | None:
    """Return a plain cell as text; None for an empty one.

    Raises:
        ValueError: The cell is a list, bytes or the like.
    """
    text = text_of(cell)
    is_empty = cell is None or isinstance(cell, str | float)  # a float without a number is NaN
    if text is None and not is_empty:
        raise ValueError("it is no plain value")
    return text
