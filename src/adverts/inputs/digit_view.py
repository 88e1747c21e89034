"""A view of a text in which every digit is ASCII and nothing is invisible, with the way back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from adverts.inputs.characters import ascii_digits, invisible_codes

_PUNCTUATION = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d",
    " ": "".join(map(chr, (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000))),
    "@": "\uff20\ufe6b",
    ".": "\uff0e\u2024\u3002\uff61\u00b7",
    "+": "\uff0b",
    "/": "\uff0f\u2215",
    ":": "\uff1a",
    "(": "\uff08",
    ")": "\uff09",
    "_": "\uff3f",
    ",": "\u066c\u066b\u060c",
}


def digit_view(text: str) -> tuple[str, Sequence[int]]:
    """Write a text with ASCII digits and plain separators, without invisible characters.

    Returns:
        The view, and for each of its characters the index of the original one.
    """
    if text.isascii():
        return text, range(len(text))
    view = text.translate(_one_to_one())
    invisible = _invisible()
    if not invisible.search(view):
        return view, range(len(text))
    origin = [place for place, letter in enumerate(view) if not invisible.match(letter)]
    return "".join(view[place] for place in origin), origin


@cache
def _one_to_one() -> dict[int, str]:
    table = {
        ord(variant): plain for plain, variants in _PUNCTUATION.items() for variant in variants
    }
    for offset in range(26):  # full-width Latin letters
        table[0xFF21 + offset] = chr(0x41 + offset)
        table[0xFF41 + offset] = chr(0x61 + offset)
    return table | ascii_digits()


@cache
def _invisible() -> re.Pattern[str]:
    return re.compile(f"[{''.join(re.escape(chr(code)) for code in sorted(invisible_codes()))}]")
