"""Find prices in a text: a number with the sign, the code or the word of a currency beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adverts.inputs.contacts.ascii_digits import digit_view

_WORDS = {
    "GBP": r"£|gbp|pounds?|quid|paund\w{0,3}|sterlin\w{0,3}|bảng|"
    r"باوند|پوند|پاوند|پاوەند|جنيه|پونډ\w?",
    "EUR": r"€|eur|euros?|eurosh?|avro|یورو|يورو|یۆرۆ",
    "USD": r"\$|usd|dollars?|dollar[ëe]|dolar\w{0,3}|bucks|دلار|دولار|دۆلار|ډالر\w?",
    "VND": r"₫|vnđ|vnd|đồng|đ",
    "TRY": r"₺|try|tl|lira\w{0,3}",
    "ALL": r"lek[ëe]?",
    "toman": r"tomans?|تومان|تومن|تمن",
    "rial": r"﷼|rials?|irr|ریال|ريال",
    "dinar": r"dinars?|iqd|دينار|دینار",
    "dirham": r"dirhams?|aed|درهم",
    "AFN": r"؋|afn|افغانی|افغانۍ",
    "INR": r"₹|inr",
    "RUB": r"₽|rub",
    "UAH": r"₴|uah",
    "CHF": r"chf",
    "SEK": r"sek",
    "NOK": r"nok",
    "DKK": r"dkk",
    "PLN": r"pln",
}
"""Maps each currency to its signs, codes and words in lower case; a sign shared by several
countries has the one that uses it most."""
_TIMES = {
    1_000: r"k|nghìn|ngàn|mijë|mije|bin|mille|ألف|الف|آلاف|هزار|هەزار|زره",
    1_000_000: r"triệu|tr|củ|milion\w{0,2}|millions?|milyon|مليون|میلیون|ملیۆن|میلیونه",
    1_000_000_000: r"tỷ",
}
_NUMBER = (
    r"(?<![\d.,])(?:\d{1,3}(?:[ .,’'٬]\d{3}){1,4}(?:[.,٫]\d{1,2})?|\d{1,9}(?:[.,٫]\d{1,2})?)"
    r"(?![.,٫]?\d)"
)
_ANY = "|".join(_WORDS.values())
_MANY = "|".join(_TIMES.values())
_UNIT = r"(?:[^\W\d_])"
_BEFORE = re.compile(rf"(?<!{_UNIT})({_ANY})\s?({_NUMBER})(?:\s?({_MANY})(?!{_UNIT}))?")
_AFTER = re.compile(
    rf"(?:({_NUMBER})\s?[-–]\s?)?({_NUMBER})\s?(?:({_MANY})(?!{_UNIT})\s?)?({_ANY})(?!{_UNIT})"
)
_CURRENCY = [(re.compile(words), name) for name, words in _WORDS.items()]
_FACTOR = [(re.compile(words), factor) for factor, words in _TIMES.items()]


@dataclass(frozen=True, slots=True)
class Price:
    """A price in a text.

    Attributes:
        amount: The number.
        currency: Its currency: a code of ISO 4217, or the name where several countries use it.
    """

    amount: float
    currency: str


def find_prices(text: str) -> tuple[Price, ...]:
    """Return the prices of a text in order; digits of every script count.

    A number without a currency is no price, since it may be an age, a time or a size. Both ends of
    a range are prices. ``1.500`` and ``1,500`` are fifteen hundred, ``1.50`` is one and a half.
    """
    view = digit_view(text)[0].casefold()
    found = {start: price for start, price in _found(view)}
    return tuple(found[start] for start in sorted(found))


def _found(view: str) -> Iterator[tuple[int, Price]]:
    taken: list[tuple[int, int]] = []
    for match in _AFTER.finditer(view):
        lower, number, times, currency = match.groups()
        name = _named(currency)
        taken.append(match.span())
        if lower is not None:
            yield match.start(1), Price(_amount(lower) * _times(times), name)
        yield match.start(2), Price(_amount(number) * _times(times), name)
    for match in _BEFORE.finditer(view):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        currency, number, times = match.groups()
        yield match.start(2), Price(_amount(number) * _times(times), _named(currency))


def _named(currency: str) -> str:
    return next(name for words, name in _CURRENCY if words.fullmatch(currency))


def _times(word: str | None) -> int:
    if word is None:
        return 1
    return next(factor for words, factor in _FACTOR if words.fullmatch(word))


def _amount(number: str) -> float:
    """Return a number whose last separator is a decimal mark if one or two digits follow it."""
    plain = re.sub(r"[ ’'٬]", "", number).replace("٫", ".")
    whole, mark, end = plain.rpartition(",") if "," in plain[-3:] else plain.rpartition(".")
    if mark and len(end) <= 2:
        return float(f"{re.sub(r'[.,]', '', whole)}.{end}")
    return float(re.sub(r"[.,]", "", plain))
