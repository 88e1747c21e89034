"""Sets of characters that Unicode defines: digits of every script, and marks that nobody sees."""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import chain

# Planes 0, 1 and 14 hold every digit and every format character; the rest is ideographs.
_CODES = tuple(chain(range(0x20000), range(0xE0000, 0xE1000)))


@cache
def ascii_digits() -> dict[int, str]:
    """Map the code of every decimal digit of every script to its ASCII digit."""
    return {
        code: str(unicodedata.digit(chr(code)))
        for code in _CODES
        if unicodedata.category(chr(code)) == "Nd"
    }


@cache
def invisible_codes() -> frozenset[int]:
    """Codes of format characters, variation selectors and the keycap around an emoji digit."""
    return frozenset(
        code
        for code in _CODES
        if unicodedata.category(chr(code)) == "Cf"
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
        or code == 0x20E3
    )
