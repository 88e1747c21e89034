"""Mending phone numbers: digits read as letters, and a plus sign that stands apart."""

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


def letters_in_phones(text: str) -> str:
    """Write digits for O o l I S B | within what is a phone number otherwise.

    It begins with + or a zero, has seven digits, at most half as many letters, and, with those
    read as digits, the length of a phone number. What follows it stays as it is.
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
    """Join ``+ 44`` to ``+44`` where a whole international number follows; sums stay."""
    return _APART.sub(_joined, text)


def turned_phones(text: str) -> str:
    """Write ``+44 7700 900123`` for ``900123 7700 44+``, as a right-to-left line shows it.

    Only where the last group is the calling code of a whole number: ``18+`` is an age.
    """
    return _TURNED.sub(_turned_back, text)


def _turned_back(run: re.Match[str]) -> str:
    groups = run.group()[:-1].split(" ")[::-1]
    digits = "".join(groups).translate(ascii_digits())
    fewest, most = international_sizes(digits)
    is_whole = fewest <= len(digits) <= most and calling_code(digits) == digits[: len(groups[0])]
    return "+" + " ".join(groups) if is_whole else run.group()


def _phone(run: re.Match[str], after: int) -> str | None:
    """Return the number that a run begins with, its letters read as digits.

    ``after`` is where the number before it ends, which says nothing of this one.
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
    """Whether masking sees a phone number in it, where it stands."""
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
