"""Hostile values of any format: texts that repeat, numbers at the edges, JSON without an end."""

from __future__ import annotations

import importlib
import json
import pkgutil
import random
import re
from collections.abc import Iterator
from functools import cache

_CHARACTERS = (
    *" .,;:-_/\\|@#*+=()[]{}<>'\"&%$£€?!~^`\n\t\r\0",
    *"0123456789aeinortxzAEIQXZ",
    *"٠٩۰۹०९０９²½Ⅷ①",
    *"éßıİŞđĐơǅﬁ",
    *"аеорсхАЕОРСХαουΑΒΕ",
    *"ابيكەژپ‌‍‎‏ـ",
    *"中한カनก",
    *"😀🚤🇬🇧👍🏽⃣️",
    *"\u0301\u0323\u0338\u05b0\u064b\u0e34\u1ab0\ufe0f\u20e3\u180e\u200b\u2060\u00ad\ufeff",
    *"𝐀𝟎🄰Ａ￥\ud7ff\ue000\ufffd\U000e0041",
)
_WORD = re.compile(r"(?<![^\W_])[^\W\d_A-Z]{2,6}(?![^\W_])")
MARKER = "<img src=x onerror=1>"
HEADING = "\n# PWNED\n"
FORMULA = ";=1+1;"


@cache
def dictionary() -> tuple[str, ...]:
    """Return the words that the patterns and tables of the text functions hold themselves."""
    found: set[str] = set()
    package = importlib.import_module("adverts.inputs")
    for entry in pkgutil.iter_modules(package.__path__, "adverts.inputs."):
        for value in vars(importlib.import_module(entry.name)).values():
            text = value.pattern if isinstance(value, re.Pattern) else value
            many = text if isinstance(text, tuple | frozenset | set | dict | list) else [text]
            for one in list(many)[:300]:
                if isinstance(one, str):
                    found.update(_WORD.findall(one)[:300])
    return tuple(sorted(found))


def size_between(rng: random.Random, low: float, high: float) -> int:
    """Return a size, all its magnitudes equally likely."""
    return int(low * (high / low) ** rng.random())


def piece(rng: random.Random) -> str:
    """Return a character, or a word that a rule looks for, or a number."""
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(dictionary())
    if kind < 0.3:
        return str(rng.randrange(10 ** rng.randint(1, 6)))
    return rng.choice(_CHARACTERS[:60] if kind < 0.6 else _CHARACTERS)


def motif(rng: random.Random) -> str:
    """Return one to five pieces."""
    return "".join(piece(rng) for _ in range(rng.randint(1, 5)))


Shape = tuple[str, str, str, str]
_KINDS = ("repeat", "repeat", "repeat", "run", "two runs", "mixed", "parts")


def text_shape(rng: random.Random) -> Shape:
    """Return how a text is made: ``(kind, head, first, second)``, see :func:`text_of`."""
    return rng.choice(_KINDS), motif(rng), motif(rng), motif(rng)


def mutated_shape(rng: random.Random, shape: Shape) -> Shape:
    """Return a shape like another: a piece more or less in one of its motifs, or another kind."""
    kind, *motifs = shape
    if rng.random() < 0.15:
        kind = rng.choice(_KINDS)
    at = rng.randrange(3)
    text = motifs[at]
    place = rng.randint(0, len(text))
    change = rng.random()
    if change < 0.5 or len(text) < 2:
        motifs[at] = text[:place] + piece(rng) + text[place:]
    elif change < 0.8:
        motifs[at] = text[: max(1, place - 1)] + text[place:]
    else:
        motifs[at] = text[:place] + piece(rng) + text[place + 1 :]
    return (kind, *(one[:24] for one in motifs))  # type: ignore[return-value]


def text_of(shape: Shape, characters: int) -> str:
    """Return a text of a shape, of so many characters."""
    kind, head, first, second = shape

    def run(of: str, count: int) -> str:
        return (of * (count // len(of) + 1))[:count]

    match kind:
        case "repeat":
            return run(first, characters)
        case "run":
            return (head + run(first[0], characters))[:characters]
        case "two runs":
            return run(first, characters // 2) + run(second, characters - characters // 2)
        case "parts":
            count = max(2, int(characters**0.5))
            part = run(first, count)
            return run(part + head, characters)
        case _:
            draw = random.Random(head)
            pieces = (first, second, head)
            return "".join(draw.choice(pieces) for _ in range(characters))[:characters]


def hostile_text(rng: random.Random, most: float = 3e6) -> str:
    """Return a text that repeats, is marked, or holds what moves a cursor."""
    if rng.random() < 0.3:
        signs = (MARKER, HEADING, FORMULA, "\x1b[31mred", "\x9b2J", "\u202eright", "=1+1", "\r\nx")
        return rng.choice(signs) + rng.choice(("", "plain words", rng.choice(signs)))
    return text_of(text_shape(rng), size_between(rng, 1, most))


def json_text(rng: random.Random, most: float = 3e7) -> str:
    """Return the JSON text of a hostile value."""
    return rng.choice(_JSON_TEXTS)(rng, size_between(rng, 1, most))


def _deep(rng: random.Random, size: int) -> str:
    opens, closes = rng.choice((("[", "]"), ('{"a":', "}")))
    depth = min(size, 200_000)
    return opens * depth + "1" + closes * depth


def _wide(rng: random.Random, size: int) -> str:
    one = rng.choice(("[]", "{}", "0", '""', "1.5", "null", '"a"', "[[]]"))
    return "[" + ",".join([one] * max(1, size // (len(one) + 1))) + "]"


def _keyed(rng: random.Random, size: int) -> str:
    names = (f'"{number:x}":0' for number in range(max(1, size // 12)))
    return "{" + ",".join(names) + "}"


def _edge(rng: random.Random, size: int) -> str:
    numbers = ("NaN", "Infinity", "-Infinity", "1e999", "-0.0", "1e-400", "1e18", "-1", "0")
    others = ("true", "null", r'"\ud800"', r'"\u0000"', "9223372036854775808", '""')
    return rng.choice((*numbers, *others, str(rng.randint(1, 9)) * size))


_JSON_TEXTS = (
    lambda rng, size: json.dumps(hostile_text(rng, size + 1)),
    _deep,
    _wide,
    _keyed,
    _edge,
    _edge,
)


def places(value: object, path: tuple[object, ...] = ()) -> Iterator[tuple[object, ...]]:
    """Yield the path of everything inside a JSON value."""
    yield path
    if isinstance(value, dict):
        for key, one in value.items():
            yield from places(one, (*path, key))
    elif isinstance(value, list):
        for key, one in enumerate(value):
            yield from places(one, (*path, key))


def mutated_json(rng: random.Random, value: object, most: float = 3e7) -> tuple[str, str]:
    """Return the family of a change and the JSON text of ``value`` with it somewhere inside."""
    value = json.loads(json.dumps(value))
    spots = [path for path in places(value) if path]
    path = rng.choice(spots)
    holder = value
    for key in path[:-1]:
        holder = holder[key]  # type: ignore[index]
    old, hole = holder[path[-1]], "@@hole@@"  # type: ignore[index]
    if isinstance(old, list) and old and rng.random() < 0.6:
        one = json.dumps(rng.choice(old))
        times = size_between(rng, 2, max(3, min(most, 2e7) / len(one)))
        family, text = "repeated entry", "[" + ",".join([one] * times) + "]"
    elif isinstance(old, dict) and old and rng.random() < 0.4:
        key, one = rng.choice(list(old.items()))
        times = size_between(rng, 2, max(3, min(most, 2e7) / (len(json.dumps(one)) + 12)))
        inner = json.dumps(one)
        more = ",".join(f'"{key}{number}":{inner}' for number in range(times))
        family, text = "many keys", "{" + json.dumps(old)[1:-1] + "," + more + "}"
    elif isinstance(old, str) and rng.random() < 0.6:
        family, text = "text", json.dumps(hostile_text(rng, most))
    else:
        family, text = "value", json_text(rng, most)
    holder[path[-1]] = hole  # type: ignore[index]
    name = "/".join(str(one) for one in path if isinstance(one, str))
    return f"{family} at {name}", json.dumps(value).replace(f'"{hole}"', text, 1)
