"""View of a text with ASCII digits and without noise, with the index of each original character."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

from adverts.inputs.letters.characters import BLANK_LETTERS, ascii_digits, invisible_codes
from adverts.inputs.letters.marks import mark_letters, never_composing_marks

_PUNCTUATION = {
    "-": "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d",
    " ": "".join(map(chr, (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
    + BLANK_LETTERS,
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
    """Return a text with ASCII digits and plain separators, without noise, and its indices.

    Noise is an invisible character or a mark that no letter includes, such as a stroke. A mark that
    is not on a letter, such as an accent on a digit, is also noise.

    Returns:
        The view, and for each of its characters the index in the original text.
    """
    if text.isascii():
        return text, range(len(text))
    view = text.translate(_one_to_one())
    if _unwanted().isdisjoint(view):
        return view, range(len(text))
    marks, unseen = mark_letters(), _unseen()
    origin, holds_marks = [], False
    for place, letter in enumerate(view):
        if letter in unseen:
            continue
        is_mark = letter in marks
        if holds_marks or not is_mark:
            origin.append(place)
            holds_marks = is_mark or letter.isalpha()
    return "".join(view[place] for place in origin), origin


@cache
def _one_to_one() -> dict[int, str]:
    table = {
        ord(variant): plain for plain, variants in _PUNCTUATION.items() for variant in variants
    }
    for offset in range(26):  # full-width Latin letters
        table[0xFF21 + offset] = chr(0x41 + offset)
        table[0xFF41 + offset] = chr(0x61 + offset)
    return table | _enclosed_digits() | ascii_digits()


def _enclosed_digits() -> dict[int, str]:
    """Return circled, bracketed, raised and lowered digits, which are not decimal in Unicode."""
    codes = (
        *range(0xB2, 0xBA),
        *range(0x2070, 0x208A),
        *range(0x2460, 0x2800),
        *range(0x1F100, 0x1F10D),
    )
    return {
        code: str(unicodedata.digit(chr(code)))
        for code in codes
        if unicodedata.digit(chr(code), None) is not None
    }


@cache
def _unseen() -> frozenset[str]:
    return never_composing_marks().union(map(chr, invisible_codes()))


@cache
def _unwanted() -> frozenset[str]:
    return _unseen() | mark_letters()
