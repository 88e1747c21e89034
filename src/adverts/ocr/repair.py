"""Mending what engines misread, where what was meant is plain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from adverts.ocr.repair_letters import (
    hamza_for_comma,
    letter_variants,
    plain_forms,
    without_kashida,
    without_unseen,
)
from adverts.ocr.repair_numbers import (
    four_for_pound,
    letters_in_arabic_digits,
    letters_in_prices,
    one_kind_of_digits,
    space_in_prices,
)
from adverts.ocr.repair_phones import letters_in_phones, plus_of_phones, turned_phones
from adverts.ocr.repair_signs import letters_for_signs, lira_read_as_kana, pounds_read_as_e
from adverts.ocr.repair_sorani import sorani_ae, sorani_carons, sorani_neighbours

REPAIR_VERSION = 1  # another one: the same reading may be mended in another way

RULES: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "unseen": without_unseen,
        "forms": plain_forms,
        "kashida": without_kashida,
        "variants": letter_variants,
        "hamza": hamza_for_comma,
        "carons": sorani_carons,
        "neighbours": sorani_neighbours,
        "ae": sorani_ae,
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
"""Every rule by its name, in the order in which they are asked; each leaves alone what is sound."""


def repair(text: str) -> str:
    """Return one line in which known misreadings are mended.

    What one rule mends may let another see more, so all are asked until none has anything to add:
    ``repair(repair(text)) == repair(text)``. The empty text stays empty.
    """
    for _ in range(len(text) + 2):
        mended = text
        for rule in RULES.values():
            mended = rule(mended)
        if mended == text:
            break
        text = mended
    return text
