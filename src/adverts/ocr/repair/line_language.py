"""Identify the language of a line or page in Arabic script from its letters and words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

Language = Literal["ar", "fa", "ckb", "ps"]
"""Languages that the reader of Arabic script spells."""

LETTER = "[\u0620-\u063f\u0641-\u064a\u066e-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06ff\u0750-\u077f]"
"""Pattern of a letter of the Arabic script, without the kashida."""
MARK = "[\u064b-\u0655\u0670]"
"""Pattern of a vowel sign above or below a letter."""
ZWNJ = "\u200c"
_WORD_START = f"(?<!{LETTER})(?<!{MARK})"

_LETTERS = {"ckb": "ڕڵۆێڤ", "ps": "ټډړږښڼځڅېۍګ", "ur": "ٹڈڑےںہ", "ar": "ةأإ"}
_WORDS = {
    "ckb": "نییه چهند کهس کهسیک لهگهل لهسهر لهلایهن بهلام پهیوهندی تهنها یهک یهکهم گهوره تهواو "
    "ژوور ژووری بوو سوپاس بکهن بکه دهکهین دهکهم دهکهن دهچین دهبیت دهکات دهچیت دهویت کاتژمیر دوای "
    "پاوهند بهلهم بهلهمی گهیشتن",
    "ps": "د په سره زما دی یم",
    "fa": "است را این از برای در شما هست هستم بود شد شده کنید کنم کنیم داریم دارد دارم خواهد یک آن "
    "خود قایق روز شب همه بدون پول تماس بگیرید می نمی های ها با "
    "نفر رایگان رسیدیم رسیدند رسید کشتی زبان حرکت تومان تخفیف فروش فروشی اجاره شماره بهترین",
    "ar": "في على إلى عن مع هذا هذه كل بعد قبل كان التي الذي لدينا عندنا حتى بلا ولا هل يوم",
}
_SHAPES = {
    "ckb": re.compile(rf"{_WORD_START}(?:ئ|هه)(?={LETTER})"),
    "fa": re.compile(
        rf"{_WORD_START}(?:ن?می|بی|یک|هم){ZWNJ}|{ZWNJ}(?:ها|های|ام|ای|اند)(?!{LETTER})"
        rf"|{_WORD_START}ن?م[یي]{LETTER}{{2,}}(?:[یي]م|[یي]د|ند)(?!{LETTER})"
        rf"|(?<={LETTER}{{2}})ها[یي](?!{LETTER})"
    ),
    "ar": re.compile(rf"{_WORD_START}[وبف]?(?:ال|لل)(?={LETTER}{{2}})"),
}
_NEVER_ARABIC = re.compile("[پچژگ]")
_NEVER_SORANI = re.compile(rf"{_WORD_START}(?<!{ZWNJ})[اآ](?={LETTER})")
_INNER_HEH = re.compile(rf"(?<={LETTER})ه(?:{ZWNJ}|(?=(?![اوی]){LETTER}))")
_MANY_HEH = 0.1  # share of the letters of a line
_AE = re.compile(rf"ە(?!{ZWNJ}|ی(?!{LETTER}))")  # as an engine also reads the Persian ه‌ی
_MANY_AE = 0.05  # share of the letters of a text; Sorani has more
_MORE_PERSIAN, _MORE_ARABIC = re.compile("[پچژگی]"), re.compile("[ةيىكأإؤ]")
_SURE = 2
_ALIKE = str.maketrans("يىكەھ", "ییکهه", ZWNJ)
_BY_WORD = {
    word.translate(_ALIKE): language for language, words in _WORDS.items() for word in words.split()
}
_WORD_LETTER = re.compile(LETTER)
_WORD = re.compile(rf"(?:{LETTER}|{MARK}|{ZWNJ})+")


@lru_cache(maxsize=1024)
def arabic_language(text: str) -> str | None:
    """Return ``ar``, ``fa``, ``ckb``, ``ps`` or ``ur``; None without evidence or on a tie.

    Letters that only one language has count twice, common words and word shapes once. Variants of
    one letter, which engines confuse, do not count. Many hehs before consonants count as Sorani,
    whose vowel is misread so, and so does its vowel where there are many. Letters that a language
    never writes count against it.
    """
    found = Counter({name: _SURE * sum(map(text.count, own)) for name, own in _LETTERS.items()})
    for name, shape in _SHAPES.items():
        found[name] += len(shape.findall(text))
    for word in _WORD.findall(text):
        found[_BY_WORD.get(word.translate(_ALIKE), "")] += 1
    del found[""]
    found["ar"] -= _SURE * len(_NEVER_ARABIC.findall(text))
    found["ckb"] -= _SURE * len(_NEVER_SORANI.findall(text))
    found["ckb"] += _is_full_of_heh(text) + _SURE * _sorani_vowels(text)
    (first, most), (_, second) = found.most_common(2)
    return first if most > second else None


def _is_full_of_heh(text: str) -> bool:
    inner = len(_INNER_HEH.findall(text))
    return inner > 1 and inner >= _MANY_HEH * len(_WORD_LETTER.findall(text))


def _sorani_vowels(text: str) -> int:
    vowels = len(_AE.findall(text))
    return vowels if vowels >= _MANY_AE * len(_WORD_LETTER.findall(text)) else 0


def page_language(lines: Sequence[str]) -> Language:
    """Return the language that the lines of a page in Arabic script are spelled in.

    Where :func:`arabic_language` leaves it open, it is Persian if more letters are of the kind that
    Persian writes and Arabic does not than the reverse, else Arabic. Urdu counts as Persian, whose
    letters it shares.
    """
    text = "\n".join(lines)
    match arabic_language(text):
        case "ar" | "fa" | "ckb" | "ps" as told:
            return told
    more = len(_MORE_PERSIAN.findall(text)) > len(_MORE_ARABIC.findall(text))
    return "fa" if more else "ar"
