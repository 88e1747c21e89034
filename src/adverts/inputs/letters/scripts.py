"""Identify the script of a text, and check that a text keeps to given scripts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import cache

_SCRIPTS = {
    "LATIN": "Latn",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "DEVANAGARI": "Deva",
    "BENGALI": "Beng",
    "GURMUKHI": "Guru",
    "GUJARATI": "Gujr",
    "TAMIL": "Taml",
    "TELUGU": "Telu",
    "ETHIOPIC": "Ethi",
    "ARMENIAN": "Armn",
    "GEORGIAN": "Geor",
    "THAI": "Thai",
    "HANGUL": "Hang",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "CJK": "Hani",
}

_ONLY_IN_WORDS_OF = {"KATAKANA-HIRAGANA": "Jpan", "IDEOGRAPHIC": "Hani"}
_OF_ALL_SCRIPTS = frozenset(
    ("ARABIC-INDIC", "CIRCLED", "COMBINING", "DIGIT", "DINGBAT", "DOUBLE", "EXTENDED", "FEMININE")
    + ("FULLWIDTH", "MASCULINE", "MATHEMATICAL", "MODIFIER", "NEGATIVE", "PARENTHESIZED", "ROMAN")
    + ("SUBSCRIPT", "SUPERSCRIPT", "VARIATION", "VULGAR")
)
_ASCII_LETTER = re.compile("[A-Za-z]")
KNOWN_SCRIPTS = frozenset(_SCRIPTS.values())
"""ISO 15924 codes that :func:`script_of` can return."""


def script_of(text: str) -> str | None:
    """Return the ISO 15924 code of the script of most letters, on a tie the first; else None."""
    if text.isascii():
        return "Latn" if _ASCII_LETTER.search(text) else None
    counts = Counter(map(_script, filter(str.isalpha, text)))
    counts.pop(None, None)
    return counts.most_common(1)[0][0] if counts else None


@cache
def _script(letter: str) -> str | None:
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0])


def belongs(character: str, scripts: frozenset[str]) -> bool:
    """Return whether a character may occur in a text that uses only these scripts.

    Letters, marks and numbers of one script belong to that script. Digits and combining accents of
    all scripts, and all punctuation, symbols and spaces, belong to any. Letters, marks and numbers
    of unknown scripts belong to none.

    Args:
        character: One character of a normalised text.
        scripts: Script codes from :data:`KNOWN_SCRIPTS`.
    """
    script = _owner(character)
    return script is None or script in scripts


def within(text: str, scripts: frozenset[str]) -> bool:
    """Return whether all characters of a text belong to these scripts, see :func:`belongs`."""
    return all(belongs(character, scripts) for character in text)


def scripts_outside(text: str, scripts: frozenset[str]) -> list[str]:
    """Return the sorted codes of scripts of a text outside these; ``Zzzz`` is an unknown script."""
    found = {_owner(character) for character in text if not belongs(character, scripts)}
    return sorted(one for one in found if one is not None)


@cache
def _owner(character: str) -> str | None:
    """Return the only script that a character belongs to; None if it belongs to all scripts."""
    if unicodedata.category(character)[0] not in "LMN":
        return None
    word = unicodedata.name(character, "").partition(" ")[0]
    if word in _OF_ALL_SCRIPTS:
        return None
    return _SCRIPTS.get(word) or _ONLY_IN_WORDS_OF.get(word) or "Zzzz"
