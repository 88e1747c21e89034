"""Repair phone numbers: digits read as letters, a separate plus sign, reversed groups."""

from __future__ import annotations

import re

from adverts.inputs.contacts.phone_numbers import phone_numbers
from adverts.inputs.contacts.phone_plans import (
    INTERNATIONAL_MAX,
    NATIONAL_MAX,
    NATIONAL_MIN,
    calling_code,
    international_sizes,
)
from adverts.inputs.letters.characters import ascii_digits

_LETTERS = str.maketrans("OolISB|", "0011581")
_LIKE = "[0-9OolISB|]"
_RUN = re.compile(
    rf"(?<![\w@#|+£€$₺/-])(?:\+ ?[(]?(?=[0-9])|[(]?(?=[0Oo][0Oo]?[0-9OolI(]))"
    rf"{_LIKE}{{1,16}}(?:[ ().-]{{1,2}}{_LIKE}{{1,16}}){{0,14}}"
)
_LETTER = re.compile("[OolISB|]")
_GROUP = re.compile(f"{_LIKE}+")
_ABLE = re.compile("[Oo]{1,3}|[OolI]?(?:[0-9Oo]|[lISB|](?=[0-9Oo]))*[0-9OolI]")
_FEWEST_DIGITS = 7
_AROUND = 40
_APART = re.compile(r"(?<![\d=)])(?<![\d=)] )\+ +(?=(?P<number>[1-9](?:[ ().-]{0,2}\d){7,14}))")

_TURNED = re.compile(r"(?<![\w+])(?![0٠۰])(?:\d{2,} ){2,5}\d{1,3}\+(?!\w)")
_TURNED_AT_HOME = re.compile(
    r"(?<![\w+])(?<!\d[ ,.])(?:(?![0٠۰])\d{3,8} ){1,3}[0٠۰]\d{2,4}(?! ?\d)(?!\w)"
)
_RIGHT_TO_LEFT = re.compile("[\u0620-\u064a\u066e-\u06d3]")
_HOME_SIZES = (10, 11)  # digits of a number with its leading zero


def letters_in_phones(text: str) -> str:
    """Write digits for O o l I S B | within what is otherwise a phone number.

    It must begin with + or a zero, and have at least seven digits and at most half as many letters.
    With these as digits, it must have the length of a phone number. The text after it stays.
    """
    mended, kept, place = [], 0, 0
    while run := _RUN.search(text, place):
        number = _phone(run, kept) if _LETTER.search(run.group()) else None
        place = run.start() + len(number or run.group().split()[0])
        if number:
            mended += [text[kept : run.start()], number]
            kept = place
    return "".join([*mended, text[kept:]])


def plus_of_phones(text: str) -> str:
    """Write ``+44`` for ``+ 44`` if a complete international number follows; sums stay."""
    return _APART.sub(_joined, text)


def turned_phones(text: str) -> str:
    """Write ``+44 7700 900123`` for ``900123 7700 44+``, its form in a right-to-left line.

    This needs a complete number whose last group is its calling code: ``18+`` is an age. A line
    with right-to-left letters may also hold a number without a calling code in this form, such as
    ``900123 07700``: its last group alone begins with zero, and it has ten or eleven digits.
    """
    text = _TURNED.sub(_turned_back, text)
    return _TURNED_AT_HOME.sub(_turned_at_home, text) if _RIGHT_TO_LEFT.search(text) else text


def _turned_at_home(run: re.Match[str]) -> str:
    groups = run.group().split(" ")
    is_whole = sum(map(len, groups)) in _HOME_SIZES
    return " ".join(groups[::-1]) if is_whole else run.group()


def _turned_back(run: re.Match[str]) -> str:
    groups = run.group()[:-1].split(" ")[::-1]
    digits = "".join(groups).translate(ascii_digits())
    fewest, most = international_sizes(digits)
    is_whole = fewest <= len(digits) <= most and calling_code(digits) == digits[: len(groups[0])]
    return "+" + " ".join(groups) if is_whole else run.group()


def _phone(run: re.Match[str], after: int) -> str | None:
    """Return the number at the start of a run, with letters as digits; None if there is none.

    ``after`` is the end of the number before it, which is not part of the context.
    """
    for group in _GROUP.finditer(run.group()):
        if not _ABLE.fullmatch(group.group()):
            return None
        read = run.group()[: group.end()]
        number = read.translate(_LETTERS)
        if _has_whole_length(number) and _is_sure(read) and _is_phone(run, after, number):
            return number
    return None


def _is_phone(run: re.Match[str], after: int, number: str) -> bool:
    """Return whether the masking rules find a phone number at this place in the text."""
    before = run.string[max(after, run.start() - _AROUND) : run.start()]
    end = run.start() + len(number)
    around = before + number + run.string[end : end + _AROUND]
    return any(start == len(before) for start, _ in phone_numbers(around))


def _is_sure(read: str) -> bool:
    digits, letters = len(re.findall("[0-9]", read)), len(_LETTER.findall(read))
    return digits >= _FEWEST_DIGITS and letters * 2 <= digits


def _has_whole_length(number: str) -> bool:
    digits = re.sub("[^0-9]", "", number)
    if number.startswith("+") or digits.startswith("00"):
        fewest, most = international_sizes(digits.lstrip("0"))
        return fewest <= len(digits.lstrip("0")) <= most
    return NATIONAL_MIN <= len(digits) <= NATIONAL_MAX


def _joined(plus: re.Match[str]) -> str:
    digits = re.sub("[^0-9]", "", plus["number"])
    fewest, most = international_sizes(digits)
    is_whole = calling_code(digits) is not None and fewest <= len(digits) <= most
    return "+" if is_whole and len(digits) <= INTERNATIONAL_MAX else plus.group()
