"""One form for texts that read the same: to hash and to cluster, never to tokenise."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from adverts.inputs.characters import ascii_digits, invisible_codes

FOLDING_VERSION = 1
"""Rises whenever any text folds differently."""

# Letters that look like a Latin one, after case folding; replaced only within mixed-script words.
_CYRILLIC = dict(zip("авеһіјкмопрѕстухԁԛԝ", "abehijkmonpsctyxdqw", strict=True))
_GREEK = dict(zip("αβεικνορτυχ", "abeikvoptux", strict=True))
_LOOKALIKES = str.maketrans(_CYRILLIC | _GREEK)
_OTHER_SCRIPT = re.compile(f"[{''.join(_CYRILLIC)}{''.join(_GREEK)}]")
_LATIN = re.compile("[a-zà-öø-ʯ]")
_WORD = re.compile(r"\w+")
_DOTTED = re.compile("i\u0307+")  # what the Turkish capital İ becomes in lower case

# Arabic-script letters that keyboards of different languages write in different ways.
_ARABIC = str.maketrans("يىكەةأإآ", "ییکههااا")
_TURKISH = str.maketrans({"ı": "i"})


def fold(text: str) -> str:
    """Fold a text to the form under which equal-looking texts are equal.

    Compatibility forms, case, digits of every script, zero-width and direction controls, Arabic
    spelling variants, look-alike letters within words of mixed script, and white space.
    ``fold(fold(text)) == fold(text)``; the empty text folds to itself.
    """
    if text.isascii():
        return _squeeze(text.translate(_dropped()).lower())
    for _ in range(len(text) + 2):  # marks may move to their place one by one
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return text


def _fold_once(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    text = text.translate(_replaced())
    text = _DOTTED.sub("i", text)
    if _OTHER_SCRIPT.search(text) and _LATIN.search(text):
        text = _WORD.sub(_unmix, text)
    return _squeeze(unicodedata.normalize("NFKC", text))


def _unmix(match: re.Match[str]) -> str:
    word = match.group()
    return word.translate(_LOOKALIKES) if _LATIN.search(word) else word


def _squeeze(text: str) -> str:
    return " ".join(text.split())


@cache
def _dropped() -> dict[int, str | None]:
    """Digits of every script to ASCII; invisible marks and Arabic vowel signs to nothing."""
    table: dict[int, str | None] = dict.fromkeys(invisible_codes())
    table |= dict.fromkeys(code for code in range(0xA0) if not _is_visible(chr(code)))
    table |= dict.fromkeys([0x0640, 0x0670, *range(0x064B, 0x0653)])
    return table | ascii_digits()


@cache
def _replaced() -> dict[int, int | str | None]:
    """Everything that one character alone decides, in one table: translating is what costs."""
    return {**_dropped(), **_ARABIC, **_TURKISH}


def _is_visible(letter: str) -> bool:
    return letter.isprintable() or letter.isspace()
