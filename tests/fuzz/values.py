"""Hostile values of any format: texts that repeat, numbers at the edges, JSON without an end."""

from __future__ import annotations

import json
import random
import re
import sys
import unicodedata
from collections import defaultdict
from functools import cache

from walking import modules

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
MOST_JSON = 6e7
_MOST_KEYS = 300_000  # of what is made key by key
MARKER = "<img src=x onerror=1>"
HEADING = "\n# PWNED\n"
FORMULA = ";=1+1;"


@cache
def dictionary() -> tuple[str, ...]:
    """Return the words that the patterns and tables of the text functions hold themselves."""
    found: set[str] = set()
    for module in modules("adverts.inputs"):
        for value in vars(module).values():
            text = value.pattern if isinstance(value, re.Pattern) else value
            many = text if isinstance(text, tuple | frozenset | set | dict | list) else [text]
            for one in list(many)[:300]:
                if isinstance(one, str):
                    found.update(_WORD.findall(one)[:300])
    return tuple(sorted(found))


def size_between(rng: random.Random, low: float, high: float) -> int:
    """Return a size, all its magnitudes equally likely."""
    return int(low * (high / low) ** rng.random())


@cache
def categories() -> tuple[str, ...]:
    """Return the characters of each general category of Unicode, but for halves of characters.

    Marks that normalising puts in order are a category of their own.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for one in map(chr, range(sys.maxunicode + 1)):
        found[unicodedata.category(one) + "+" * bool(unicodedata.combining(one))].append(one)
    return tuple("".join(many) for name, many in sorted(found.items()) if name not in ("Cn", "Cs"))


def draw_size(rng: random.Random, most: float) -> int:
    """Return a size of any magnitude, one in three times near the largest."""
    return int(most * rng.uniform(0.3, 1)) if rng.random() < 0.3 else size_between(rng, 1, most)


def piece(rng: random.Random) -> str:
    """Return a character, or a word that a rule looks for, or a number."""
    kind = rng.random()
    if kind < 0.2:
        return rng.choice(dictionary())
    if kind < 0.3:
        return str(rng.randrange(10 ** rng.randint(1, 6)))
    if kind < 0.4:
        return rng.choice(rng.choice(categories()))
    return rng.choice(_CHARACTERS[:60] if kind < 0.6 else _CHARACTERS)


def motif(rng: random.Random) -> str:
    """Return one to five pieces, or a few characters of one category."""
    if rng.random() < 0.25:
        alike = rng.choice(categories())
        return "".join(rng.choice(alike) for _ in range(rng.randint(1, 5)))
    return "".join(piece(rng) for _ in range(rng.randint(1, 5)))


Shape = tuple[str, str, str, str]
_KINDS = ("repeat", "repeat", "headed", "headed", "run", "two runs", "mixed", "parts")


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
        case "headed":
            return (head + run(first, characters))[:characters]
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
            pieces = [draw.choice((first, second, head)) for _ in range(min(characters, 100_000))]
            return run("".join(pieces), characters)


def hostile_text(rng: random.Random, most: float = 3e6) -> str:
    """Return a text of any size that repeats, is marked, or holds what moves a cursor."""
    return text_of_size(rng, draw_size(rng, most))


def text_of_size(rng: random.Random, characters: int) -> str:
    """Return such a text of so many characters; what is marked is short."""
    if rng.random() < 0.3:
        signs = (MARKER, HEADING, FORMULA, "\x1b[31mred", "\x9b2J", "\u202eright", "=1+1", "\r\nx")
        return rng.choice(signs) + rng.choice(("", "plain words", rng.choice(signs)))
    return text_of(text_shape(rng), characters)


def json_text(rng: random.Random, size: int) -> str:
    """Return the JSON text of a hostile value, of about so many characters."""
    return rng.choice(_JSON_TEXTS)(rng, size)


def _deep(rng: random.Random, size: int) -> str:
    opens, closes = rng.choice((("[", "]"), ('{"a":', "}")))
    depth = min(size, 200_000)
    return opens * depth + "1" + closes * depth


def _wide(rng: random.Random, size: int) -> str:
    one = rng.choice(("[]", "{}", "0", '""', "1.5", "null", '"a"', "[[]]"))
    return "[" + ",".join([one] * max(1, size // (len(one) + 1))) + "]"


def _keyed(rng: random.Random, size: int) -> str:
    names = (f'"{number:x}":0' for number in range(max(1, min(size // 12, _MOST_KEYS))))
    return "{" + ",".join(names) + "}"


def _edge(rng: random.Random, size: int) -> str:
    numbers = ("NaN", "Infinity", "-Infinity", "1e999", "-0.0", "1e-400", "1e18", "-1", "0")
    others = ("true", "null", r'"\ud800"', r'"\u0000"', "9223372036854775808", '""')
    return rng.choice((*numbers, *others))


def _number(rng: random.Random, size: int) -> str:
    """Return a number that is long, in one of its parts."""
    size = min(size, 1_000_000)
    many = str(rng.randint(1, 9)) * size
    return rng.choice((many, "-" + many, f"0.{many}", f"1e{many}", f"{many}.5", f"1e-{many}"))


_JSON_TEXTS = (
    lambda rng, size: json.dumps(text_of_size(rng, size)),
    _deep,
    _wide,
    _wide,
    _keyed,
    _edge,
    _number,
)


def _spot(rng: random.Random, value: object) -> tuple[str | int, ...]:
    """Return the path of something inside a JSON value: what is deep is no likelier for it."""
    path: list[str | int] = []
    while isinstance(value, dict | list) and value and (not path or rng.random() < 0.6):
        inner = dict(value) if isinstance(value, dict) else dict(enumerate(value))
        large = [key for key, one in inner.items() if one and isinstance(one, dict | list)]
        key = rng.choice(large if large and rng.random() < 0.6 else list(inner))
        value = inner[key]
        path.append(key)
    return tuple(path)


def mutated_json(rng: random.Random, value: object, size: int) -> tuple[str, str]:
    """Return the family of a change and the JSON text of ``value`` with it somewhere inside.

    Equal draws change the same place in the same way, whatever the size.
    """
    whole = {"": json.loads(json.dumps(value))}
    path: tuple[str | int, ...] = ("", *_spot(rng, whole[""]))
    holder: object = whole
    for key in path[:-1]:
        holder = holder[key]  # type: ignore[index]
    old, hole = holder[path[-1]], "@@hole@@"  # type: ignore[index]
    family, text = _changed(rng, old, size)
    holder[path[-1]] = hole  # type: ignore[index]
    name = "/".join(one for one in path if isinstance(one, str))
    return f"{family} at {name}", json.dumps(whole[""]).replace(f'"{hole}"', text, 1)


def _changed(rng: random.Random, old: object, size: int) -> tuple[str, str]:
    """Return the family and the JSON text of what takes the place of a value."""
    if isinstance(old, list) and old and rng.random() < 0.7:
        return _longer_list(rng, old, size)
    if isinstance(old, dict) and old and rng.random() < 0.6:
        return _larger_object(rng, old, size)
    if isinstance(old, str) and rng.random() < 0.6:
        return "text", json.dumps(text_of_size(rng, size))
    return "value", json_text(rng, size)


def _longer_list(rng: random.Random, old: list[object], size: int) -> tuple[str, str]:
    """Repeat an entry, as it is or with a number in it; numbered ones may hold one twice."""
    entry = rng.choice(old)
    one = json.dumps(entry)
    times = 2 + size // (len(one) + 8)
    numbered = _numbered(rng, entry) if rng.random() < 0.6 else None
    if numbered is None:
        return "repeated entry", "[" + ",".join([one] * times) + "]"
    times = min(times, _MOST_KEYS)
    before, after = numbered.replace('"@@0@@"', "@@0@@").split("@@0@@")
    entries = [f"{before}{number}{after}" for number in range(times)]
    if rng.random() < 0.5:
        entries[rng.randrange(times)] = entries[-1]
    return "numbered entry", "[" + ",".join(entries) + "]"


def _numbered(rng: random.Random, entry: object) -> str | None:
    """Return an entry as JSON with a place for a number in a text or in place of one."""
    path = ("", *_spot(rng, entry))
    texts = (
        [key for key, one in entry.items() if isinstance(one, str)]
        if isinstance(entry, dict)
        else []
    )
    if texts and rng.random() < 0.7:
        path = ("", rng.choice(texts))
    whole = {"": json.loads(json.dumps(entry))}
    holder: object = whole
    for key in path[:-1]:
        holder = holder[key]  # type: ignore[index]
    old = holder[path[-1]]  # type: ignore[index]
    if not isinstance(old, str | int | float):
        return None
    holder[path[-1]] = f"{old}@@0@@" if isinstance(old, str) else "@@0@@"  # type: ignore[index]
    return json.dumps(whole[""])


def _larger_object(rng: random.Random, old: dict[str, object], size: int) -> tuple[str, str]:
    key, value = rng.choice(list(old.items()))
    inner = json.dumps(value)
    times = 2 + min(size // (len(inner) + 12), _MOST_KEYS)
    more = ",".join(f"{json.dumps(f'{key}{number}')}:{inner}" for number in range(times))
    return "many keys", "{" + json.dumps(old)[1:-1] + "," + more + "}"
