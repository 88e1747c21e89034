"""Checks the names of the columns of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from adverts.errors import InputError

_MAX_COLUMNS, _NAMES_SHOWN = 10_000, 5


def check_header(header: Sequence[str], file: object) -> tuple[str, ...]:
    """Return the names of the columns of a file.

    Raises:
        InputError: There are none or too many, or one occurs twice.
    """
    if not any(name.strip() for name in header):
        raise InputError(f"{file} is empty; it needs a header and rows")
    if len(header) > _MAX_COLUMNS:
        raise InputError(
            f"{file}: the header has {len(header):,} columns, at most {_MAX_COLUMNS:,} are read"
        )
    twice = sorted(name for name, times in Counter(header).items() if name and times > 1)
    if twice:
        named = ", ".join(twice[:_NAMES_SHOWN]) + (", …" if len(twice) > _NAMES_SHOWN else "")
        raise InputError(f"{file}: the header names {named} twice; names must differ")
    return tuple(
        name if name.strip() else _unnamed(number, header)
        for number, name in enumerate(header, start=1)
    )


def _unnamed(number: int, header: Sequence[str]) -> str:
    """Return an unused name for a column without one, so that no cell replaces another."""
    name = f"column {number}"
    while name in header:
        name += "_"
    return name
