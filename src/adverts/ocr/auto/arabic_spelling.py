"""Which code points a page of Arabic script is spelled with, where letters are drawn alike.

A network sees shapes: the same middle letter is ي in Arabic and ی in Persian, and most digits of
the two kinds are drawn alike. The letters that only one language has tell which is meant, over a
whole page, since single lines say too little.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

Language = Literal["ar", "fa", "ckb", "ps"]

_SORANI = frozenset("ڕڵۆێەڤ")
_PASHTO = frozenset("ټډړږښڼېۍځڅ")
_PERSIAN = frozenset("پچژگی")
_ARABIC = frozenset("ةيىكأإؤ")
_PERSIAN_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")
_TO_ARABIC = str.maketrans("کەھہ", "كههه")
_TO_PERSIAN = str.maketrans("يىكھہ", "ییکهه")
_TO_SORANI = str.maketrans("يىكہ", "ییکە")
_FINAL_YEH = re.compile(r"ی(?!\w)")
_INNER_YEH = re.compile(r"ي(?=\w)")
_LOOSE_HEH = re.compile(r"ە(?=\w)")


def language_of(lines: Sequence[str]) -> Language:
    """Return which language's letters a page is written with; Arabic where nothing tells."""
    text = "".join(lines)
    found = {
        letters: sum(text.count(letter) for letter in letters)
        for letters in (_SORANI, _PASHTO, _PERSIAN, _ARABIC)
    }
    # Letters drawn like those of others are seen now and then; a page has many of its own.
    many = max(2, len(text) // 25)
    if found[_SORANI] >= many and found[_SORANI] >= found[_PASHTO]:
        return "ckb"
    if found[_PASHTO] >= many:
        return "ps"
    return "fa" if found[_PERSIAN] > found[_ARABIC] else "ar"


def spelled(text: str, language: Language) -> str:
    """Return a line with the letters and digits of its language for those drawn alike."""
    match language:
        case "ar":
            text = _FINAL_YEH.sub("ى", text.translate(_TO_ARABIC).translate(_ARABIC_DIGITS))
            return text.replace("ی", "ي")
        case "ckb":
            return text.translate(_TO_SORANI).translate(_ARABIC_DIGITS)
        case "fa":
            loose = _LOOSE_HEH.sub("ه\u200c", text)  # it joins nothing after it: a break is meant
            return loose.replace("ە", "ه").translate(_TO_PERSIAN).translate(_PERSIAN_DIGITS)
        case "ps":
            inner = _INNER_YEH.sub("ی", text.translate(str.maketrans("ىكەہ", "یکهه")))
            return inner.translate(_PERSIAN_DIGITS)
