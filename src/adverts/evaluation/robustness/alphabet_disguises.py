"""Disguises that write a language in another way: without its marks, or in plain Latin letters.

The tables are simple, and no native speaker has checked them.
"""

from __future__ import annotations

import re

from adverts.evaluation.robustness.disguise_attempt import Attempt, change_words
from adverts.inputs.letters.marks import normal
from adverts.inputs.letters.scripts import script_of

_ACCENTS = re.compile("[\u0300-\u036f]")
_VOWEL_SIGNS = re.compile("[\u064b-\u0652\u0670]")
_BARE = str.maketrans(
    {"đ": "d", "Đ": "D", "ı": "i", "ø": "o", "Ø": "O", "ł": "l", "æ": "ae", "œ": "oe"}
    | {"أ": "ا", "إ": "ا", "آ": "ا", "ؤ": "و", "ة": "ه", "ۆ": "و", "ێ": "ی", "ڕ": "ر"}
    | {"ڵ": "ل", "ټ": "ت", "ډ": "د", "ړ": "ر", "ښ": "ش", "ږ": "ژ", "ڼ": "ن", "ې": "ی"}
    | {"ۍ": "ی", "ځ": "ح", "څ": "ح"}
)
# How people type Arabic, Persian, Kurdish and Pashto on an English keyboard.
_CHAT_LATIN = (
    {"ا": "a", "أ": "a", "إ": "i", "آ": "aa", "ٱ": "a", "ب": "b", "پ": "p", "ت": "t"}
    | {"ټ": "t", "ث": "th", "ج": "j", "چ": "ch", "ح": "7", "خ": "kh", "ځ": "dz", "څ": "ts"}
    | {"د": "d", "ډ": "d", "ذ": "z", "ر": "r", "ړ": "r", "ڕ": "r", "ز": "z", "ژ": "zh"}
    | {"ږ": "g", "س": "s", "ش": "sh", "ښ": "kh", "ص": "s", "ض": "d", "ط": "t", "ظ": "z"}
    | {"ع": "3", "غ": "gh", "ف": "f", "ڤ": "v", "ق": "q", "ك": "k", "ک": "k", "گ": "g"}
    | {"ګ": "g", "ل": "l", "ڵ": "ll", "م": "m", "ن": "n", "ڼ": "n", "و": "o", "ۆ": "o"}
    | {"ؤ": "o", "ه": "h", "ھ": "h", "ہ": "h", "ە": "e", "ة": "a", "ي": "i", "ی": "i"}
    | {"ى": "a", "ې": "e", "ێ": "e", "ۍ": "ay", "ئ": "2", "ء": "2", "ۀ": "e"}
    | {"\u064e": "a", "\u064f": "u", "\u0650": "i"}
)
_AT_THE_START = {"و": "w", "ي": "y", "ی": "y"}
_ASCII_SPELLING = str.maketrans(
    {"ş": "sh", "Ş": "Sh", "ș": "sh", "ç": "ch", "Ç": "Ch", "ğ": "gh", "Ğ": "Gh"}
    | {"ı": "i", "İ": "I", "ö": "oe", "Ö": "Oe", "ü": "ue", "Ü": "Ue", "œ": "oe", "Œ": "Oe"}
)
# Telex, the usual way to type Vietnamese: letter marks after the letter, the tone after the word.
_TELEX_LETTERS = {"a\u0302": "aa", "e\u0302": "ee", "o\u0302": "oo", "a\u0306": "aw"}
_TELEX_LETTERS |= {"o\u031b": "ow", "u\u031b": "uw", "đ": "dd"}
_TELEX_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHOWS_VIETNAMESE = re.compile("[đĐ\u0309\u031b\u0323]")


def no_diacritics(text: str, attempt: Attempt) -> str:
    """Remove the accents from a share of the words that have any.

    In Arabic script these are vowel signs, hamzas and the marks of letters that Arabic lacks.
    """
    return change_words(text, attempt, _bare)


def transliteration(text: str, attempt: Attempt) -> str:
    """Write a share of the words in English letters, if the language has a usual way to do so.

    Arabic script becomes chat Latin (``3`` and ``7`` for sounds that English lacks), Vietnamese
    becomes telex, Turkish and Albanian use ``sh``, ``ch``. Plain Latin text is unchanged.
    """
    vietnamese = _is_vietnamese(text, attempt.lang)
    return change_words(text, attempt, _telex if vietnamese else _in_english_letters)


def _bare(word: str) -> str:
    if script_of(word) == "Arab":
        return _VOWEL_SIGNS.sub("", word).translate(_BARE)
    apart = normal("NFD", word)
    return _ACCENTS.sub("", apart).translate(_BARE) if _has_marks(word) else word


def _has_marks(word: str) -> bool:
    return any(ord(letter) in _BARE for letter in word) or bool(
        _ACCENTS.search(normal("NFD", word))
    )


def _in_english_letters(word: str) -> str:
    if script_of(word) != "Arab":
        return normal("NFC", word).translate(_ASCII_SPELLING)
    letters = [_CHAT_LATIN.get(letter, "") for letter in word]
    letters[0] = _AT_THE_START.get(word[0], letters[0])
    return "".join(letters) or word


def _is_vietnamese(text: str, lang: str | None) -> bool:
    if lang is not None:
        return lang.partition("-")[0].lower() == "vi"
    return bool(_SHOWS_VIETNAMESE.search(normal("NFD", text)))


def _telex(word: str) -> str:
    apart = normal("NFD", word)
    tones = "".join(_TELEX_TONES[mark] for mark in apart if mark in _TELEX_TONES)
    plain = "".join(mark for mark in apart if mark not in _TELEX_TONES)
    typed = plain.lower()
    for letter, keys in _TELEX_LETTERS.items():
        typed = typed.replace(letter, keys)
    if not tones and typed == plain.lower():
        return word
    return (typed.capitalize() if word[0].isupper() else typed) + tones
