"""How people write a phone number so that no filter finds it."""

from __future__ import annotations

import random
import string
from collections.abc import Callable

FORMS = {
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
    "fullwidth": "０１２３４５６７８９",
    "bold": "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
    "circled": "⓪①②③④⑤⑥⑦⑧⑨",
}
_MARKS = ("\u200b", "\u200c", "\u200d", "\u2060", "\u202a", "\u202c", "\u200e", "\u200f", "\u2066")
_BLANKS = ("\u3164", "\u2800")
_NOISE = (*_BLANKS, "\u034f", "\u0336", "\u20dd", "\u0301\u0317\u0346", "\u0302\u030d\u0323\u0316")
_WORDS = {
    "en": "zero one two three four five six seven eight nine",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "sq": "zero një dy tre katër pesë gjashtë shtatë tetë nëntë",
    "tr": "sıfır bir iki üç dört beş altı yedi sekiz dokuz",
    "vi": "không một hai ba bốn năm sáu bảy tám chín",
    "ar": "صفر واحد اثنين ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة",
    "fa": "صفر یک دو سه چهار پنج شش هفت هشت نه",
    "ckb": "سفر یەک دوو سێ چوار پێنج شەش حەوت هەشت نۆ",
    "ps": "صفر یو دوه درې څلور پنځه شپږ اووه اته نهه",
}


def _plain(draw: random.Random, text: str, language: str) -> str:
    return text


def _own_digits(draw: random.Random, text: str, language: str) -> str:
    form = {"ar": "arabic", "ckb": "arabic", "fa": "persian", "ps": "persian"}.get(language)
    return text.translate(str.maketrans(string.digits, FORMS[form])) if form else text


def _other_form(draw: random.Random, text: str, language: str) -> str:
    form = draw.choice(tuple(FORMS.values()))
    return text.translate(str.maketrans(string.digits, form))


def _mixed_forms(draw: random.Random, text: str, language: str) -> str:
    forms = [string.digits, *FORMS.values()]
    return "".join(
        draw.choice(forms)[int(letter)] if letter in string.digits else letter for letter in text
    )


def _keycaps(draw: random.Random, text: str, language: str) -> str:
    return "".join(f"{c}\ufe0f\u20e3" if c in string.digits else c for c in text)


def _invisible(draw: random.Random, text: str, language: str) -> str:
    for _ in range(draw.randint(1, 5)):
        place = draw.randrange(1, len(text))
        text = text[:place] + draw.choice(_MARKS) + text[place:]
    return text


def _noise(draw: random.Random, text: str, language: str) -> str:
    """One stroke, circle or stack of accents on every letter, or blank letters for spaces."""
    mark = draw.choice(_NOISE)
    if mark in _BLANKS:
        return text.replace(" ", mark)
    return "".join(letter + mark for letter in text)


def _letters(draw: random.Random, text: str, language: str) -> str:
    change = draw.choice((("0", "O"), ("0", "o"), ("1", "l"), ("1", "I")))
    if draw.random() < 0.5:
        return text.replace(*change)
    return text.replace(*change, draw.randint(1, 3))


def _spaced(draw: random.Random, text: str, language: str) -> str:
    gap = draw.choice((" ", ".", "-", "*", "_", " . ", "⭐", "=", "%", ":", "+", "x", "|", "~"))
    plus, digits = "+" * ("+" in text), [letter for letter in text if letter.isdigit()]
    return plus + gap.join(digits)


def _spoken(draw: random.Random, text: str, language: str) -> str:
    words = _WORDS[language].split()
    return " ".join(words[int(letter)] for letter in text if letter.isdigit())


_Change = Callable[[random.Random, str, str], str]
PICTURED: tuple[tuple[str, _Change], ...] = (
    *(("plain", _plain),) * 5,
    ("own digits", _own_digits),
    ("letters", _letters),
    ("spaced", _spaced),
)
TYPED: tuple[tuple[str, _Change], ...] = (
    *PICTURED,
    ("other digits", _other_form),
    ("mixed digits", _mixed_forms),
    ("keycaps", _keycaps),
    ("invisible", _invisible),
    ("noise", _noise),
    ("spoken", _spoken),
)
