"""Numbers written out and back, in nine languages.

A small table of ours; outside English and French no native speaker has checked it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from adverts.evaluation.robustness.attempt import Attempt
from adverts.evaluation.robustness.words import MASK, language_of, replace_spans

# From zero to ten.
_NUMBERS = {
    "en": "zero one two three four five six seven eight nine ten",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf dix",
    "sq": "zero një dy tre katër pesë gjashtë shtatë tetë nëntë dhjetë",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz on",
    "vi": "không một hai ba bốn năm sáu bảy tám chín mười",
    "ar": "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة عشرة",
    "fa": "صفر یک دو سه چهار پنج شش هفت هشت نه ده",
    "ckb": "سفر یەک دوو سێ چوار پێنج شەش حەوت هەشت نۆ دە",
    "ps": "صفر یو دوه درې څلور پنځه شپږ اووه اته نهه لس",
}
# Words that far more often mean something else: articles, "no" and the like.
_NEVER_DIGITS = {"zero", "one", "zéro", "un", "një", "bir", "on", "không", "một"} | {
    "واحد",
    "صفر",
    "یک",
    "نه",
    "ده",
    "یەک",
    "سفر",
    "دە",
    "یو",
}
_NUMBER = r"(?<![\w.,:/<-])\d{1,6}(?!\w|[.,:/-]\d)"


def number_words(text: str, attempt: Attempt) -> str:
    """Write a share of the numbers the other way: digits as words, and words as digits.

    Up to ten a number is one word, beyond it each digit is one. Digits of every script count;
    parts of dates, times and decimals stay, as do words that may be articles.
    """
    words = _words(language_of(text, attempt))
    if not words:
        return text
    found = {
        match.span(): _other_way(match.group(), words)
        for match in _pattern(words).finditer(text)
        if not match.group().startswith("<")
    }
    return replace_spans(text, {span: found[span] for span in attempt.some(list(found))})


def languages() -> tuple[str, ...]:
    """Return the languages that numbers can be written out in."""
    return tuple(_NUMBERS)


def _other_way(found: str, words: tuple[str, ...]) -> str:
    if not found[0].isdigit():
        return str(words.index(found.lower()))
    value = int(found)
    if value <= 10:
        return words[value]
    return " ".join(words[unicodedata.digit(digit)] for digit in found)


def _words(lang: str) -> tuple[str, ...]:
    return tuple(_NUMBERS.get(lang, "").split())


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    back = "|".join(word for word in words if word not in _NEVER_DIGITS)
    return re.compile(rf"{MASK}|{_NUMBER}|(?<!\w)(?:{back})(?!\w)", re.IGNORECASE)
