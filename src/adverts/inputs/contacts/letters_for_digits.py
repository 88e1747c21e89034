"""Read numbers whose digits are written as letters (O for 0, l for 1) or as words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adverts.inputs.contacts.contact_rules import Span

_LIKE_DIGITS = dict(zip("OoQОоΟοIlSsBZ", "0000000115582", strict=True))
_TABLE = str.maketrans(_LIKE_DIGITS)
_DIGIT = f"[0-9{''.join(_LIKE_DIGITS)}]"
_LETTER = f"[{''.join(_LIKE_DIGITS)}]"
MIXED = rf"\d_?{_LETTER}|{_LETTER}\d|\d\W{{1,3}}[OoIl]{{1,3}}(?![^\W\d_])"
"""Pattern of a letter next to a digit that may be meant as a digit."""
_MIXED = re.compile(MIXED)
_RUN = re.compile(
    rf"(?:(?<![0-9A-Za-z\u00c0-\u024f]){_DIGIT}|(?<=[^\W\d_])[0-9])"
    rf"(?:[^\w<>@%+:?!=&]{{0,3}}_?{_DIGIT}){{6,}}(?![^\W\d_])"
)
_TOKEN = re.compile(r"[^\W_]+")
_ZEROS, _ZEROS_AND_ONES = re.compile("[OoОо]{1,3}"), re.compile("[OolI]{1,3}")
_MOST_LETTERS, _FEWEST_DIGITS = 0.75, 3

_DIGIT_WORDS = {
    "0": "zero|oh|nought|zéro|sıfır|không|صفر|سفر",
    "1": "one|un|një|nje|bir|một|واحد|یک|یەک|یو",
    "2": "two|deux|dy|iki|hai|اثنان|اثنين|دو|دوو|دوه",
    "3": "three|trois|tre|üç|ba|ثلاثة|سه|سێ|درې",
    "4": "four|quatre|katër|kater|dört|bốn|أربعة|اربعة|چهار|چوار|څلور",
    "5": "five|cinq|pesë|pese|beş|năm|خمسة|پنج|پێنج|پنځه",
    "6": "six|gjashtë|gjashte|altı|sáu|ستة|شش|شەش|شپږ",
    "7": "seven|sept|shtatë|shtate|yedi|bảy|سبعة|هفت|حەوت|اووه",
    "8": "eight|huit|tetë|tete|sekiz|tám|ثمانية|هشت|هەشت|اته",
    "9": "nine|neuf|nëntë|nente|dokuz|chín|تسعة|نه|نۆ|نهه",
}
_VALUES = {word: digit for digit, words in _DIGIT_WORDS.items() for word in words.split("|")} | {
    digit: digit for digit in _DIGIT_WORDS
}
_WORD = f"(?:{'|'.join(_VALUES)})"
_LETTERS = re.compile(r"[^\W\d_]+")
_TIMES = {"double": 2, "triple": 3}
_SPOKEN = re.compile(
    rf"(?<!\w)(?:plus\s)?(?:(?:double |triple )?{_WORD}(?!\w)[\s,.\-–]{{1,3}}){{6,}}"
    rf"(?:double |triple )?{_WORD}(?!\w)",
    re.IGNORECASE,
)
_FEWEST_DIFFERENT = 3
_FEWEST_SPOKEN = 8


def letters_to_digits(view: str) -> str:
    """Return a text of equal length in which letters within long numbers are digits.

    A run needs at least seven characters, of which at least three and a quarter are digits. A word
    in it is changed only if it holds a digit, is only O, or is only O, l and I inside the run.
    """
    return _RUN.sub(_read, view) if _MIXED.search(view) else view


def as_digits(text: str) -> str:
    """Return the ASCII digits of a phone number, with letters and digit words read as digits."""
    if is_spoken(text):
        return _spoken_digits(text)
    return re.sub("[^0-9]", "", text.translate(_TABLE))


def is_spoken(text: str) -> bool:
    """Return whether a phone number is written in words."""
    return (
        _SPOKEN.fullmatch(text.strip()) is not None and re.search(r"[^\W\d_]{2}", text) is not None
    )


def spoken_numbers(view: str) -> Iterator[Span]:
    """Yield spans of phone numbers most of whose digits are words of one of nine languages."""
    if _VALUES.keys().isdisjoint(view.lower().split()):
        return
    if len(_VALUES.keys() & set(_LETTERS.findall(view.lower()))) < _FEWEST_DIFFERENT:
        return
    for match in _SPOKEN.finditer(view):
        digits = _spoken_digits(match.group())
        words = len(_LETTERS.findall(match.group()))
        if len(digits) >= _FEWEST_SPOKEN and words * 2 > len(digits) and not _is_counting(digits):
            yield match.span()


def _spoken_digits(text: str) -> str:
    digits, times = list[str](), 1
    for word in re.findall(r"[^\W_]+", text.lower().replace("i̇", "i")):
        if word in _TIMES:
            times = _TIMES[word]
        elif word in _VALUES:
            digits.append(_VALUES[word] * times)
            times = 1
    return "".join(digits)


def _is_counting(digits: str) -> bool:
    """Return whether most digits are one more or less than the digit before."""
    steps = [int(after) - int(before) for before, after in zip(digits, digits[1:], strict=False)]
    return sum(step in (1, -1) for step in steps) > len(steps) / 2


def _read(match: re.Match[str]) -> str:
    run = match.group()
    tokens = list(_TOKEN.finditer(run))
    able = [_is_number(token, run) for token in tokens]
    if not all(able) and sum(able) < 2:
        return run
    letters = sum(char in _LIKE_DIGITS for char in run)
    digits = sum(char.isdigit() for char in run)
    if digits < _FEWEST_DIGITS or letters > _MOST_LETTERS * (letters + digits):
        return run
    pieces, place = [], 0
    for token, is_able in zip(tokens, able, strict=True):
        if is_able:
            pieces += [run[place : token.start()], token.group().translate(_TABLE)]
            place = token.end()
    return "".join([*pieces, run[place:]])


def _is_number(token: re.Match[str], run: str) -> bool:
    word = token.group()
    inside = token.start() > 0 and token.end() < len(run)
    return (
        any(char.isdigit() for char in word)
        or _ZEROS.fullmatch(word) is not None
        or (inside and _ZEROS_AND_ONES.fullmatch(word) is not None)
    )
