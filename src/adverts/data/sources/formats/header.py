"""Checks the names of the columns of a file."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from adverts.errors import InputError
from adverts.inputs.contacts.masking import find_contacts

_MAX_COLUMNS, _NAMES_SHOWN, _MOST_TOLD = 10_000, 5, 30
_MOST_CHARACTERS, _MOST_WORDS, _MOST_OF_A_HEADER = 40, 5, 120
_ENDS_OF_QUESTIONS = ("?", "؟", "？", ":")
_IDENTIFIER, _FEWEST_DIGITS = re.compile(r"[^\W\d][\w.-]*"), 8
"""A name as of nested fields, such as ``user.info``, and fewest digits of a phone number."""


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
        named = shown_names(twice, most=_NAMES_SHOWN)
        raise InputError(f"{file}: the header names {named} twice; names must differ")
    return tuple(
        name if name.strip() else _unnamed(number, header)
        for number, name in enumerate(header, start=1)
    )


def is_name(column: str) -> bool:
    """Return whether what a column is called looks like a name, in any script.

    A file without a header calls its columns by its first advert, which no message may show.
    """
    return len(column.split()) <= _MOST_WORDS and _may_be_shown(column, _MOST_CHARACTERS)


def may_be_header(column: str) -> bool:
    """Return whether a column may be called so: also by a long question, but by no contact."""
    is_question = column.rstrip().endswith(_ENDS_OF_QUESTIONS)
    return is_name(column) or (is_question and _may_be_shown(column, _MOST_OF_A_HEADER))


def _may_be_shown(column: str, most: int) -> bool:
    visible = "".join(one for one in column if unicodedata.category(one) != "Cf")
    plain = " ".join(visible.split())
    if len(plain) > most or not plain.isprintable() or "\ufffd" in plain:
        return False
    is_identifier = _IDENTIFIER.fullmatch(plain) and sum(map(str.isnumeric, plain)) < _FEWEST_DIGITS
    return bool(is_identifier) or not find_contacts(column)


def shown_names(columns: Iterable[object], *, most: int = _MOST_TOLD) -> str:
    """Return columns for a message: those that look like names, and how many others there are."""
    every = list(map(str, columns))
    names = [" ".join(one.split()) for one in every if is_name(one)]
    told = ", ".join(names[:most]) + (", …" if len(names) > most else "")
    if others := len(every) - len(names):
        told += (
            f"{' and ' * bool(names)}{others:,} not shown, without the look of a name (does the "
            "file begin with the names of its columns?)"
        )
    return told


def _unnamed(number: int, header: Sequence[str]) -> str:
    """Return an unused name for a column without one, so that no cell replaces another."""
    name = f"column {number}"
    while name in header:
        name += "_"
    return name
