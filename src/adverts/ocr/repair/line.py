"""Apply all repair rules to one line of OCR text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from adverts.ocr.repair.arabic_letters import (
    hamza_for_comma,
    letter_variants,
    plain_forms,
    quote_for_comma,
    sorani_ae,
    sorani_carons,
    sorani_neighbours,
    without_kashida,
    without_unseen,
)
from adverts.ocr.repair.numbers import (
    four_for_pound,
    letters_for_signs,
    letters_in_arabic_digits,
    letters_in_prices,
    lira_read_as_kana,
    one_kind_of_digits,
    pounds_read_as_e,
    space_in_prices,
)
from adverts.ocr.repair.phones import letters_in_phones, plus_of_phones, turned_phones

REPAIR_VERSION = 3  # raise it if the same reading may be repaired differently

LANGUAGE_RULES: Mapping[str, Callable[[str, str | None], str]] = MappingProxyType(
    {
        "variants": letter_variants,
        "hamza": hamza_for_comma,
        "quote": quote_for_comma,
        "carons": sorani_carons,
        "neighbours": sorani_neighbours,
        "ae": sorani_ae,
    }
)
"""Rules that also take the language of the page, for lines whose own language is unclear."""

RULES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "unseen": without_unseen,
        "forms": plain_forms,
        "kashida": without_kashida,
        "four": four_for_pound,
        "digits": one_kind_of_digits,
        "arabic digits": letters_in_arabic_digits,
        "phones": letters_in_phones,
        "turned": turned_phones,
        "plus": plus_of_phones,
        "space": space_in_prices,
        "prices": letters_in_prices,
        "signs": letters_for_signs,
        "pounds": pounds_read_as_e,
        "lira": lira_read_as_kana,
    }
)
"""The other rules, in the order in which they apply. None of them changes correct text."""


def repair(text: str, page: str | None = None) -> str:
    """Return one line with known misreadings repaired.

    One repair may make another possible, so all rules are applied until nothing changes:
    ``repair(repair(text)) == repair(text)``. The empty text stays empty.

    Args:
        text: Text of one line that an engine read.
        page: Language of the page, which :func:`arabic_language` finds from all its lines.
    """
    for _ in range(len(text) + 2):
        mended = text
        for rule in RULES.values():
            mended = rule(mended)
        for language_rule in LANGUAGE_RULES.values():
            mended = language_rule(mended, page)
        if mended == text:
            break
        text = mended
    return text
