"""Spell a line of Arabic script as its language does: look-alike letters, digits, half-spaces."""

from __future__ import annotations

import re
from collections.abc import Sequence

from adverts.ocr.auto.half_spaces import HALF_SPACE
from adverts.ocr.repair.line_language import Language

ARABIC_DIGITS, PERSIAN_DIGITS = "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"
_OWN_DIGITS: dict[Language, str] = {
    "ar": ARABIC_DIGITS,
    "ckb": ARABIC_DIGITS,
    "fa": PERSIAN_DIGITS,
    "ps": PERSIAN_DIGITS,
}
"""Source: default numbering systems of the Unicode CLDR."""
_OTHER = {ARABIC_DIGITS: PERSIAN_DIGITS, PERSIAN_DIGITS: ARABIC_DIGITS}
_UNLIKE = slice(4, 7)  # 4, 5 and 6 differ in shape between the two kinds
_FEWEST = {ARABIC_DIGITS: 2, PERSIAN_DIGITS: 1}
_TIMES_MORE = {ARABIC_DIGITS: 2, PERSIAN_DIGITS: 1}
"""How many digits of the other shape outweigh the language, by the digits of the language: the
network takes a fifth of Arabic ones for Persian ones, and hardly any the other way round."""
_TO_ARABIC = str.maketrans("کەھہ", "كههه")
_TO_PERSIAN = str.maketrans("يىكھہ", "ییکهه")
_TO_SORANI = str.maketrans("يىكہ", "ییکە")
_TO_PASHTO = str.maketrans("ىكەہ", "یکهه")
_FINAL_YEH = re.compile(r"ی(?!\w)")
_INNER_YEH = re.compile(r"ي(?=\w)")
_LOOSE_HEH = re.compile(rf"ە{HALF_SPACE}?(?=\w)")


def digits_of(lines: Sequence[str], language: Language) -> str:
    """Return the ten digits, 0 first, in which a page writes its numbers that are not ASCII.

    They are those of the language, unless the digits 4, 5 and 6 of the page, which alone differ in
    shape, are clearly of the other kind.
    """
    own = _OWN_DIGITS[language]
    text = "".join(lines)
    ours = sum(map(text.count, own[_UNLIKE]))
    theirs = sum(map(text.count, _OTHER[own][_UNLIKE]))
    clearly = theirs >= _FEWEST[own] and theirs > _TIMES_MORE[own] * ours
    return _OTHER[own] if clearly else own


def spelled(text: str, language: Language, digits: str | None = None) -> str:
    """Return a line in which look-alike letters and digits are those of its language.

    Only Persian keeps half-spaces.

    Args:
        text: Line in logical order.
        language: Language of its page.
        digits: Digits that :func:`digits_of` found; those of the language if None.
    """
    wanted = digits or _OWN_DIGITS[language]
    text = text.translate(str.maketrans(_OTHER[wanted], wanted))
    if language != "fa":
        text = text.replace(HALF_SPACE, "")
    match language:
        case "ar":
            return _FINAL_YEH.sub("ى", text.translate(_TO_ARABIC)).replace("ی", "ي")
        case "ckb":
            return text.translate(_TO_SORANI)
        case "fa":
            loose = _LOOSE_HEH.sub(f"ه{HALF_SPACE}", text)  # it does not join the next letter
            return loose.replace("ە", "ه").translate(_TO_PERSIAN)
        case "ps":
            return _INNER_YEH.sub("ی", text.translate(_TO_PASHTO))
