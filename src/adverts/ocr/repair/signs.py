"""Mending currency signs that engines read as letters, where an amount follows."""

from __future__ import annotations

import re

_START = r"(?<![\w#/.-])"
_END = r"(?!\w|[-/.,:]\w)"
_FORMAL = rf"(?:\d{{1,3}}(?:[.,][\dOo]{{3}})+|\d{{2,5}}[.,]\d{{2}}){_END}"
_POUND_LIKE = re.compile(rf"{_START}[fL#](?={_FORMAL})")
_EURO_LIKE = re.compile(rf"{_START}[eC](?={_FORMAL})")
_FORMAL_E = re.compile(rf"{_START}E(?={_FORMAL})")
_ROUND_E = re.compile(rf"{_START}E(?=[1-9]\d{{1,2}}00{_END})")
_RANGE = re.compile(r"(?P<sign>[£€])(?P<rest>\s?\d[\d.,]*\s?[-–]\s?)[EeCfL#](?=\d{2})")
_RANGE_OF_E = re.compile(rf"{_START}E(?P<rest>\d{{3,5}}\s?[-–]\s?)E(?=\d{{3,5}}{_END})")
_NAMES_OF_PRICES = (
    "(?i:adults?|child(?:ren)?|kids?|price|cost|fee|deposit|çmimi|prix|tarif|fiyat|giá)"
)
_WORDS_BEFORE = "(?i:from|for|only|just|pay|nga|vetëm|dès|pour|sadece|từ|chỉ)"
_WORDS_AFTER = "(?i:each|pp|per person|per head|cash|only)"
_PRICED_E = re.compile(
    rf"(?<!\w)(?P<before>{_NAMES_OF_PRICES}:? |{_WORDS_BEFORE} (?=E ?\d[\dOo]{{2}}))"
    rf"E(?= ?\d[\dOo]{{1,4}}{_END})"
    rf"|{_START}E(?= ?\d[\dOo]{{1,4}} {_WORDS_AFTER}(?!\w))"
)
_POUNDS = re.compile(r"£|(?<!\w)(?:GBP|[Pp]ounds?|[Pp]aund)(?!\w)")
_EUROS = re.compile(r"€|(?<!\w)(?:EUR|[Ee]uros?)(?!\w)")
_LIRA_LIKE = re.compile(r"(?<![^\W\d])も(?=\d{2})")


def letters_for_signs(text: str) -> str:
    """Write £ for f L # E, and € for e C E, right before an amount, where the line tells.

    Either the second sign of a range, ``£900-E950``, or an amount with its thousands or pence
    marked in a line that names that currency and not the other elsewhere. Roads, models and times
    such as ``M25``, ``L200`` and ``E5`` are none.
    """
    text = _RANGE.sub(lambda pair: pair["sign"] + pair["rest"] + pair["sign"], text)
    pounds, euros = _POUNDS.search(text), _EUROS.search(text)
    if pounds and not euros:
        text = _POUND_LIKE.sub("£", text)
    if euros and not pounds:
        text = _FORMAL_E.sub("€", _EURO_LIKE.sub("€", text))
    return text


def pounds_read_as_e(text: str) -> str:
    """Write £ for an E before what can only be a price, in a line that names no euros.

    An English model without £ reads it so, and reads € as it is. The amount has its thousands or
    pence marked, is a round number of thousands or hundreds, is one of a range of two, or a word of
    prices stands beside it: ``E5``, ``E40`` and ``from E14`` may be roads and districts.
    """
    if _EUROS.search(text):
        return text
    text = _RANGE_OF_E.sub(r"£\g<rest>£", text)
    text = _PRICED_E.sub(lambda priced: (priced["before"] or "") + "£", text)
    return _ROUND_E.sub("£", _FORMAL_E.sub("£", text))


def lira_read_as_kana(text: str) -> str:
    """Write ₺ for the Japanese も before an amount, as a model of Chinese and Latin reads it."""
    return _LIRA_LIKE.sub("₺", text)
