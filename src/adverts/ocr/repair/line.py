"""Mending what engines misread, where what was meant is plain."""

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

REPAIR_VERSION = 2  # another one: the same reading may be mended in another way

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
"""Rules that want the language of the page as well, for a line that does not tell its own."""

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
"""The other rules, in the order in which they are asked. Each leaves alone what is sound."""


def repair(text: str, page: str | None = None) -> str:
    """Return one line in which known misreadings are mended.

    What one rule mends may let another see more, so all are asked until none has anything to add:
    ``repair(repair(text)) == repair(text)``. The empty text stays empty.

    Args:
        text: One line, as an engine read it.
        page: Language of the page, as :func:`arabic_language` tells it of all its lines.
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
