"""Mending Sorani, whose own letters engines read as their Arabic neighbours.

``page`` is the language of the page, for a line that does not tell its own.
"""

from __future__ import annotations

import re

from adverts.ocr.repair.language import LETTER, MARK, ZWNJ, arabic_language

_CARONS = tuple(
    (re.compile(f"{read}{MARK}+"), meant)
    for read, meant in (("[لڵ]", "ڵ"), ("[یێ]", "ێ"), ("[رڕ]", "ڕ"), ("[وۆ]", "ۆ"))
)
_MARKS = re.compile(f"(?<={LETTER}){MARK}+")
_LAST_HAMZA = re.compile(rf"(?<={LETTER})ئ(?!{LETTER})(?!{ZWNJ})")
_FIRST_REH = re.compile(rf"(?<!{LETTER})(?<!{ZWNJ})ر(?={LETTER})")
_HEH_APART = re.compile(rf"(?<={LETTER})[هە]{ZWNJ}")
_WORD = re.compile(f"{LETTER}+")
_VOWELS = "اۆێە"
_KEPT = re.compile("^(?:میهر|موهه|موهە|زیهن|فیهرست|کوهن|شوهر)")


def sorani_carons(text: str, page: str | None = None) -> str:
    """Read the small v of ڵ ێ ڕ ۆ, where an engine sees a vowel sign above the bare letter.

    Other vowel signs go: Sorani writes none.
    """
    if (arabic_language(text) or page) != "ckb":
        return text
    for read, meant in _CARONS:
        text = read.sub(meant, text)
    return _MARKS.sub("", text)


def sorani_neighbours(text: str, page: str | None = None) -> str:
    """Write ێ for ټ and for a last ئ, and ڕ for a first ر: Sorani has no such spellings."""
    if (arabic_language(text) or page) != "ckb":
        return text
    return _FIRST_REH.sub("ڕ", _LAST_HAMZA.sub("ێ", text.replace("ټ", "ێ")))


def sorani_ae(text: str, page: str | None = None) -> str:
    """Write the vowel ە where an engine reads the consonant ه of like shape.

    ه is the consonant where a word begins and beside the vowels ا ۆ ێ ە, since Sorani never lets
    two vowels meet; elsewhere it is ە, and before a zero-width non-joiner, which some write to keep
    ه from joining. Of two in a row the first is the vowel, ``بەهار``, unless a syllable ends before
    them, ``بەرهەم``. A few words with ه after ی or و are told by their beginning.
    """
    if (arabic_language(text) or page) != "ckb":
        return text
    return _WORD.sub(_vowels_told, _HEH_APART.sub("ە", text))


def _vowels_told(word: re.Match[str]) -> str:
    letters = list(word.group())
    if len(letters) == 1:
        return word.group()
    kept = _KEPT.match(word.group())
    for place, letter in enumerate(letters):
        is_kept = kept and place < kept.end() and letters[place - 1] in "یو"
        if letter == "ه" and place > 0 and not is_kept and not _is_consonant(letters, place):
            letters[place] = "ە"
    return "".join(letters)


def _is_consonant(letters: list[str], place: int) -> bool:
    """Whether ه is a consonant here; what stands before it has been told already."""
    before, after, later = letters[place - 1], *(*letters[place + 1 : place + 3], "", "")[:2]
    if before in _VOWELS or (after and after in _VOWELS):
        return True
    closes_syllable = place > 1 and (letters[place - 2] in _VOWELS or before == "و")
    return after == "ه" and closes_syllable and later not in _VOWELS
