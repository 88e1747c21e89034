"""The script that a text is written in."""

from __future__ import annotations

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
KNOWN_SCRIPTS = frozenset(_SCRIPTS.values())
"""ISO 15924 codes that :func:`script_of` can answer."""


def script_of(text: str) -> str | None:
    """Return the ISO 15924 code of the script of most letters; a tie goes to the first met."""
    counts = Counter(_script(character) for character in text if character.isalpha())
    counts.pop(None, None)
    return counts.most_common(1)[0][0] if counts else None


@cache
def _script(letter: str) -> str | None:
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0])


def belongs(character: str, scripts: frozenset[str]) -> bool:
    """Return whether a character may stand in a text of these scripts alone.

    Letters, marks and numbers of one script belong to it; those of all scripts, such as digits and
    combining accents, and all punctuation, symbols and spaces belong to any. What has no name that
    we know belongs to none.

    Args:
        character: One, as it is after normalisation.
        scripts: Some of :data:`KNOWN_SCRIPTS`.
    """
    script = _owner(character)
    return script is None or script in scripts


def within(text: str, scripts: frozenset[str]) -> bool:
    """Return whether every character of a text belongs to these scripts, see :func:`belongs`."""
    return all(belongs(character, scripts) for character in text)


def scripts_outside(text: str, scripts: frozenset[str]) -> list[str]:
    """Return the scripts of a text that are not among these, in order; ``Zzzz`` is not known."""
    found = {_owner(character) for character in text if not belongs(character, scripts)}
    return sorted(one for one in found if one is not None)


@cache
def _owner(character: str) -> str | None:
    """Return the script that a character belongs to alone; None for one of all scripts."""
    if unicodedata.category(character)[0] not in "LMN":
        return None
    word = unicodedata.name(character, "").partition(" ")[0]
    if word in _OF_ALL_SCRIPTS:
        return None
    return _SCRIPTS.get(word) or _ONLY_IN_WORDS_OF.get(word) or "Zzzz"
