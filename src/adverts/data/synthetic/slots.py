"""Fills the slots of a template with prices, contacts, dates and words, whatever the class."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Mapping, Sequence

SLOTS = frozenset(
    {"price", "price2", "seats", "number", "hour", "date", "year"}
    | {"phone", "handle", "link"}
    | {"flags", "boats"}
)
"""Slots that every template may use in addition to the words of its language."""

MIN_PRICE, MAX_PRICE = 15, 9000
UNITED_KINGDOM = "🇬🇧"
_FLAGS = ("🇫🇷", "🇪🇺", "🇦🇱", "🇹🇷", "🇻🇳", "🇮🇶", "🇦🇫", "🇮🇷", "🇧🇪")
_BOATS = ("🚤", "⛵", "⛴️", "🚢", "🌊", "⚓", "🛥️")
_ARABIC_DIGITS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_OWN_DIGITS = {
    "ar": _ARABIC_DIGITS,
    "ckb": _ARABIC_DIGITS,
    "fa": _PERSIAN_DIGITS,
    "ps": _PERSIAN_DIGITS,
}
_OWN_DIGITS_SHARE = 0.4
_PHONES = (
    "+44 7700 900{0}",
    "+44 7700 900{0}",
    "+447700900{0}",
    "+44 7700 900 {0}",
    "+44-7700-900{0}",
    "+44 (7700) 900{0}",
    "01632 960{0}",
    "01632960{0}",
    "01632 960 {0}",
    "01632-960-{0}",
)
_LINKS = ("{0}.example", "{0}.example", "www.{0}.example", "https://{0}.example/{1}")
_LINK_WORDS = (
    *("lantern", "maple", "harbour", "pebble", "copper", "willow", "ember", "orchard", "falcon"),
    *("quartz", "saffron", "meadow", "juniper", "cobalt", "thistle", "amber", "cedar", "marble"),
)
_PRICES = ("£{0}", "£{0}", "£{1}", "{0} £", "{1}£", "€{0}", "{0} €", "{2} €", "{1} GBP", "{1} EUR")
_SLOT = re.compile(r"\{(\w+)\}")


def slots_of(pattern: str) -> set[str]:
    """Return the names of the slots in a pattern."""
    return set(_SLOT.findall(pattern))


def fill(pattern: str, values: Mapping[str, str]) -> str:
    """Return the pattern with every ``{slot}`` replaced by its value.

    Raises:
        KeyError: A slot has no value.
    """
    return _SLOT.sub(lambda match: values[match[1]], pattern)


def draw_values(
    words: Mapping[str, Sequence[str]],
    language: str,
    rng: random.Random,
    *,
    scene: random.Random,
) -> dict[str, str]:
    """Return a value for every slot: fictional contacts, and prices from one wide distribution.

    Every slot is drawn whether a template uses it or not, so that nothing depends on the class.

    Args:
        words: Maps the language's own slots to their possible words.
        language: BCP-47 code; it decides in which digits numbers may be written.
        rng: Source of randomness.
        scene: Source of randomness for what adverts of all classes share: prices, boat, flags,
            and the digits.
    """
    price_form = scene.choice(_PRICES)
    line = f"{rng.randrange(1000):03d}"
    numbers = {
        "price": _price(price_form, scene),
        "price2": _price(price_form, scene),
        "seats": str(rng.randint(2, 9)),
        "number": str(rng.randint(2, 60)),
        "hour": f"{rng.randint(6, 23):02d}{rng.choice(':.')}{rng.choice(('00', '15', '30', '45'))}",
        "phone": rng.choice(_PHONES).format(line),
        "date": f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}",
        "year": str(rng.randint(2018, 2026)),
    }
    own_digits = scene.random() < _OWN_DIGITS_SHARE
    if own_digits and language in _OWN_DIGITS:
        numbers = {slot: text.translate(_OWN_DIGITS[language]) for slot, text in numbers.items()}
    first, second = rng.sample(_LINK_WORDS, 2)
    return numbers | {
        "handle": f"@demo_fictional_{rng.randrange(100):02d}",
        "link": rng.choice(_LINKS).format(first, second),
        "flags": _flags(scene),
        "boats": "".join(scene.sample(_BOATS, scene.randint(1, 2))),
        **{
            slot: (scene if slot == "boat" else rng).choice(choices)
            for slot, choices in sorted(words.items())
        },
    }


def _price(form: str, rng: random.Random) -> str:
    amount = math.exp(rng.uniform(math.log(MIN_PRICE), math.log(MAX_PRICE)))
    step = 5 if amount < 100 else 10 if amount < 1000 else 50
    rounded = max(MIN_PRICE, step * round(amount / step))
    return form.format(f"{rounded:,}", rounded, f"{rounded:,}".replace(",", " "))


def _flags(rng: random.Random) -> str:
    united_kingdom, other = rng.random() < 0.7, rng.choice(_FLAGS)
    if not united_kingdom:
        return other
    return UNITED_KINGDOM + (other if rng.random() < 0.4 else "")
