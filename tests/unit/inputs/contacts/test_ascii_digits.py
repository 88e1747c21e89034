"""What the rules of contacts read: wide letters and digits of every kind are plain."""

import unicodedata

import pytest

from adverts.inputs.contacts.ascii_digits import digit_view
from adverts.inputs.contacts.masking import mask_contacts

pytestmark = pytest.mark.promise

WIDE = "".join(chr(code) for code in (*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)))


def test_every_wide_letter_is_read_as_unicode_reads_it():
    assert digit_view(WIDE)[0] == unicodedata.normalize("NFKC", WIDE)


def test_raised_lowered_and_circled_digits_are_read_as_digits():
    codes = (*range(0x80, 0x100), *range(0x2000, 0x3000), *range(0x1F100, 0x1F110))
    digits = [one for one in map(chr, codes) if unicodedata.digit(one, None) is not None]
    assert {"²", "³", "¹", "⁰", "₉", "①", "⑼"} <= set(digits)
    wrong = [one for one in digits if digit_view(one)[0] != str(unicodedata.digit(one))]
    assert wrong == []


def test_every_wide_letter_may_stand_in_a_contact():
    assert mask_contacts(f"write {WIDE}＠ferry．example now") == "write <EMAIL> now"
