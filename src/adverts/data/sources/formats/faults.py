"""Why a row of text cannot be used, in words that never quote the row."""

from __future__ import annotations

import csv
import json


class RowTooLongError(ValueError):
    """Raised if a row has more bytes than are read."""


def too_long(max_bytes: int) -> str:
    """Return the fault of a row that has more bytes than are read."""
    return f"has more than {max_bytes:,} bytes; shorten it, or raise data.row_limits.max_bytes"


def is_too_long(error: Exception) -> bool:
    """Return whether a row failed because it, or one of its fields, is too long."""
    return isinstance(error, RowTooLongError) or (
        isinstance(error, csv.Error) and "field limit" in str(error)
    )


def reason_without_quote(error: Exception) -> str:
    """Return what is wrong without quoting the row, as the exceptions themselves may."""
    match error:
        case RowTooLongError():
            return str(error)
        case csv.Error():
            return _csv_reason(error)
        case UnicodeDecodeError():
            name = error.encoding.upper()
            return f"is not {name} (byte {error.start + 1} of the line); save the file as UTF-8"
        case json.JSONDecodeError():
            return f"is not JSON (column {error.colno}: {error.msg})"
        case ValueError() if "integer string" in str(error):
            return "holds a number with too many digits; write it as text"
        case _:
            return f"cannot be read ({type(error).__name__})"


def _csv_reason(error: csv.Error) -> str:
    if is_too_long(error):
        return f"has a field of more than {csv.field_size_limit():,} characters; shorten it"
    if "new-line character" in str(error):
        return (
            "has a line end of CR alone; quote the cell that holds it, or save the file with LF or "
            "CRLF line ends"
        )
    return f"is not CSV ({error})"
