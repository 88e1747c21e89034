"""What a page says: fictional sentences with fictional prices, times and contacts."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import yaml

from ocr_pages.page import BENCHMARK_SEED

Sentences: TypeAlias = Mapping[str, Sequence[str]]
_FOLDER = Path(__file__).parent / "texts"
_PHONES = (
    "+44 7700 900{0}",
    "+44 7700 900{0}",
    "+44 7700 900 {0}",
    "+447700900{0}",
    "07700 900{0}",
    "01632 960{0}",
    "+44 1632 960{0}",
)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a page says, before anything is drawn.

    Attributes:
        rows: From the headline down, each of one cell, or of two in reading order.
        prices: As they stand in the rows.
        phones: As they stand in the rows.
    """

    rows: tuple[tuple[str, ...], ...]
    prices: tuple[str, ...]
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Language:
    prices: Sequence[str]
    large_prices: Sequence[str]
    thousands: str
    clock: str
    own_digits: str
    tuning: Sentences
    held_back: Sentences


@lru_cache
def _language(code: str) -> _Language:
    return _Language(**yaml.safe_load((_FOLDER / f"{code}.yaml").read_text("utf-8")))


def alphabet(code: str) -> frozenset[str]:
    """Return every character that pages of a language may show."""
    known = _language(code)
    texts = [known.own_digits, "0123456789+,.:@_demofictional£$€"]
    for pool in (known.tuning, known.held_back):
        texts += [sentence for sentences in pool.values() for sentence in sentences]
    return frozenset("".join([*texts, *known.prices, *known.large_prices])) - set("{}")


def write(code: str, seed: int, rng: random.Random) -> Wording:
    """Return the words of one page, of 5 to 9 rows.

    Args:
        code: Language.
        seed: ``BENCHMARK_SEED`` takes sentences that no other seed takes.
        rng: Source of every choice.
    """
    return _Writer(_language(code), seed, rng).write()


class _Writer:
    """Fills sentences, and remembers the prices and phones that it wrote."""

    def __init__(self, language: _Language, seed: int, rng: random.Random) -> None:
        self._language = language
        self._pool = language.held_back if seed == BENCHMARK_SEED else language.tuning
        self._rng = rng
        self._digits = language.own_digits if rng.random() < 0.5 else ""
        self._prices: list[str] = []
        self._phones: list[str] = []

    def write(self) -> Wording:
        rng, pool = self._rng, self._pool
        rows: list[tuple[str, ...]] = [(rng.choice(pool["headlines"]),)]
        rows += [(body,) for body in rng.sample(pool["bodies"], rng.randint(1, 2))]
        if rng.random() < 0.45:
            rows += [(item, self._price()) for item in rng.sample(pool["items"], rng.randint(2, 3))]
        else:
            rows.append((rng.choice(pool["price_lines"]).format(price=self._price()),))
        rest = [(rng.choice(pool["time_lines"]).format(time=self._time()),)]
        rest += [(rng.choice(pool["phone_lines"]).format(phone=self._phone()),)]
        if rng.random() < 0.5:
            rest.append((rng.choice(pool["handle_lines"]).format(handle=self._handle()),))
        rows += rest
        return Wording(tuple(rows), tuple(self._prices), tuple(self._phones))

    def _price(self) -> str:
        language, rng = self._language, self._rng
        form = rng.choice([*language.prices, *language.large_prices])
        steps = (5, 10, 50, 100) if form not in language.large_prices else (5_000, 25_000, 100_000)
        amount = rng.choice(steps) * rng.randint(3, 19)
        digits = f"{amount:,}".replace(",", language.thousands)
        if self._digits:
            digits = digits.replace(",", "٬")
        if amount < 10_000 and rng.random() < 0.3:
            digits = str(amount)
        price = form.format(n=self._own(digits))
        self._prices.append(price)
        return price

    def _phone(self) -> str:
        digits = self._rng.choice(_PHONES).format(f"{self._rng.randrange(1000):03d}")
        phone = self._own(digits) if self._rng.random() < 0.5 else digits
        self._phones.append(phone)
        return phone

    def _time(self) -> str:
        hour, minute = self._rng.randint(6, 23), self._rng.choice(("00", "15", "30", "45"))
        return self._own(self._language.clock.format(h=hour, m=minute))

    def _handle(self) -> str:
        return f"@demo_fictional_{self._rng.randrange(100):02d}"

    def _own(self, digits: str) -> str:
        if not self._digits:
            return digits
        return digits.translate(str.maketrans("0123456789", self._digits))
