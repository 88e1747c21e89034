"""Sets of characters by Unicode properties: digits, invisible characters, letters by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import chain

# Planes 0, 1 and 14 hold all digits and format characters; other planes hold ideographs.
_CODES = tuple(chain(range(0x20000), range(0xE0000, 0xE1000)))


@cache
def ascii_digits() -> dict[int, str]:
    """Map the code of every decimal digit of every script to its ASCII digit."""
    return {
        code: str(unicodedata.digit(chr(code)))
        for code in _CODES
        if unicodedata.category(chr(code)) == "Nd"
    }


BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"
"""Letters without a visible shape, which look like a space."""

# Invisible marks that are not format characters.
_UNSEEN = "\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f"


@cache
def invisible_codes() -> frozenset[int]:
    """Return codes of format characters, variation selectors, the keycap and invisible marks."""
    return frozenset(
        code
        for code in _CODES
        if unicodedata.category(chr(code)) == "Cf"
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or code == 0x20E3
        or chr(code) in _UNSEEN
    )


@cache
def reordered_codes() -> frozenset[int]:
    """Return codes of the characters that Unicode normalisation may reorder."""
    return frozenset(
        code
        for code in _CODES
        if unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0])
    )


@cache
def character_names() -> dict[str, str]:
    """Map letters, marks, numbers and symbols to their Unicode names.

    These are the characters of the first plane except ideographs, and enclosed ones beyond it. A
    name begins with the script, which :mod:`unicodedata` does not give in another way.
    """
    kinds = frozenset(["Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "No", "Sm", "So"])
    codes = chain(
        range(0x3400), range(0xA000, 0xAC00), range(0xF900, 0x10000), range(0x1F100, 0x1F200)
    )
    letters = (chr(code) for code in codes if unicodedata.category(chr(code)) in kinds)
    return {letter: name for letter in letters if (name := unicodedata.name(letter, ""))}


def named(pattern: str) -> dict[str, str]:
    """Map characters whose whole name matches to the first group, or to themselves without one."""
    wanted = re.compile(pattern)
    found = ((letter, wanted.fullmatch(name)) for letter, name in character_names().items())
    return {letter: (match.groups() or (letter,))[0] for letter, match in found if match}


def one_of(letters: Iterable[str]) -> str:
    """Return a regular expression that matches any one of the characters, written as ranges."""
    ranges: list[list[int]] = []
    for code in sorted(set(map(ord, letters))):
        if ranges and code == ranges[-1][1] + 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return f"[{''.join(f'{_escaped(first)}-{_escaped(last)}' for first, last in ranges)}]"


def any_of(letters: Iterable[str]) -> str:
    """Return a fast regular expression for the characters, which may match others as well.

    It is exact within the first plane, where nearly all text is. Beyond, each range would slow the
    search down, so it matches every character except a range of pictographs.
    """
    first_plane = one_of(letter for letter in letters if ord(letter) < 0x10000)
    return f"{first_plane[:-1]}\\U00010000-\\U0001f1ff\\U0001fb00-\\U0010ffff]"


def _escaped(code: int) -> str:
    return f"\\U{code:08x}"
