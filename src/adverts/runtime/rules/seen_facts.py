"""What the adverts were like that a bundle was judged on, in numbers, to notice other adverts."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import numpy as np

from adverts.errors import IntegrityError
from adverts.runtime.manifest import SEEN_NAME
from adverts.runtime.rules.coverage import UNKNOWN
from adverts.runtime.stored_fields import Fields, parse_object

SCHEMA_VERSION = 1
FEWEST = 5
"""Fewest adverts that a stored count may stand for; smaller ones are pooled."""
OTHER = "(other)"
"""Stands for all names whose counts are pooled."""
NONE = "(none)"
"""Stands for adverts without the number, such as those without a score."""
FactName = Literal[
    "score", "language", "script", "modality", "characters", "ocr_quality", "unknown_tokens"
]
FACT_NAMES: tuple[FactName, ...] = get_args(FactName)
_NUMBERS: tuple[FactName, ...] = ("score", "characters")
_MOST_NAMES, _MOST_EDGES, _MOST_ADVERTS, _LONGEST_NAME = 200, 20, 10**9, 40
_GROUPS, _FEWER_GROUPS, _MANY = 10, 5, 1_000
_FEWEST_IN_GROUP = 10


@dataclass(frozen=True, slots=True)
class SeenFact:
    """How many of the adverts had each value of one fact.

    Attributes:
        name: What the fact is.
        edges: Ascending borders of the groups of a number; empty where values are names.
        counts: Maps each name, or the place of each group from ``"0"``, to its number of adverts;
            :data:`OTHER` stands for rare names, :data:`NONE` for a missing number.
    """

    name: FactName
    edges: tuple[float, ...]
    counts: Mapping[str, int]

    @property
    def is_number(self) -> bool:
        """Whether the values are numbers, in groups."""
        return self.name in _NUMBERS

    def group_of(self, value: float | str | None) -> str:
        """Return the name of a value, or the place of its group."""
        if not self.is_number:
            return UNKNOWN if value is None else str(value)
        if value is None or isinstance(value, str):
            return NONE
        return str(bisect_right(self.edges, value))


@dataclass(frozen=True, slots=True)
class SeenFacts:
    """Facts of the adverts that a bundle was judged on; no text, and no count below 5.

    Attributes:
        split: Split of the adverts: ``validation``, or ``train`` where there is no other.
        adverts: Number of adverts.
        effective: Number of independent adverts that are worth as much, since adverts of one
            cluster resemble each other; at most ``adverts``.
        facts: The facts, each counted over all adverts.
    """

    split: str
    adverts: int
    effective: float
    facts: tuple[SeenFact, ...]

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        plain = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> SeenFacts:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: The text holds no such facts, or is of another schema version; the
                message names the field.
        """
        try:
            return _read(parse_object(text, ""))
        except ValueError as error:
            raise IntegrityError(f"{SEEN_NAME} is not valid: {error}") from error


def seen_names(name: FactName, values: Sequence[str | None]) -> SeenFact:
    """Count names; those of fewer than 5 adverts are pooled, so that none can be told apart."""
    counts = Counter(UNKNOWN if one is None else one for one in values)
    rare = [one for one, number in counts.items() if number < FEWEST]
    kept = sorted((one for one in counts if one not in rare), key=lambda one: (-counts[one], one))
    rare += kept[_MOST_NAMES - 1 :]
    del kept[_MOST_NAMES - 1 :]
    while rare and kept and sum(counts[one] for one in rare) < FEWEST:
        rare.append(kept.pop())
    pooled = {OTHER: sum(counts[one] for one in rare)} if rare else {}
    return SeenFact(name, (), {one: counts[one] for one in kept} | pooled)


def seen_numbers(
    name: FactName, values: Sequence[float | None], *, effective: float
) -> SeenFact | None:
    """Count numbers in groups of about equal size: ten where there is evidence for it, else five.

    Returns:
        The fact; None where no advert has the number.
    """
    known = np.array(sorted(one for one in values if one is not None), dtype=np.float64)
    if not len(known):
        return None
    most = _GROUPS if effective >= _MANY else _FEWER_GROUPS
    groups = max(1, min(most, len(known) // _FEWEST_IN_GROUP))
    borders = np.quantile(known, np.arange(1, groups) / groups)
    edges = sorted({float(f"{border:.3g}") for border in borders.tolist()})
    while True:
        counts = np.bincount(np.searchsorted(edges, known, "right"), minlength=len(edges) + 1)
        small = [place for place, number in enumerate(counts) if number < FEWEST]
        if not small or not edges:
            break
        del edges[min(small[0], len(edges) - 1)]
    found = {str(place): int(number) for place, number in enumerate(counts)}
    missing = len(values) - len(known)
    if missing >= FEWEST or not missing:
        found |= {NONE: missing} if missing else {}
    else:
        found["0"] += missing
    return SeenFact(name, tuple(edges), found)


def effective_number(clusters: Sequence[str]) -> float:
    """Return how many independent adverts are worth as much as these, whose clusters are given.

    Source: Kish, "Survey sampling", 1965: the number of adverts over the design effect, for
    adverts that are equal within a cluster.
    """
    sizes = Counter(clusters).values()
    return len(clusters) ** 2 / sum(size * size for size in sizes) if clusters else 0.0


def _read(fields: Fields) -> SeenFacts:
    version = fields.number("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {version:g}, wanted {SCHEMA_VERSION}")
    split, adverts = fields.text("split"), _count(fields.number("adverts"), "adverts")
    effective = fields.number("effective")
    if not 0 < effective <= adverts:
        raise ValueError(f"effective is {effective:g}, wanted a number up to that of the adverts")
    if split not in ("train", "validation"):
        raise ValueError(f"split is {split[:40]!r}, wanted train or validation")
    facts = tuple(_read_fact(one, adverts) for one in fields.objects("facts"))
    fields.end()
    if len({one.name for one in facts}) < len(facts):
        raise ValueError("facts has two entries of one name")
    return SeenFacts(split, adverts, effective, facts)


def _read_fact(fields: Fields, adverts: int) -> SeenFact:
    given, edges = fields.text("name"), fields.numbers("edges")
    name = next((one for one in FACT_NAMES if one == given), None)
    if name is None:
        raise ValueError(f"{fields.path('name')} is {given[:40]!r}, wanted {', '.join(FACT_NAMES)}")
    place = fields.path("counts")
    counts = {
        one: _count(number, place) for one, number in fields.numbers_by_name("counts").items()
    }
    fields.end()
    if len(edges) > _MOST_EDGES or list(edges) != sorted(set(edges)):
        raise ValueError(f"{fields.path('edges')} must ascend, at most {_MOST_EDGES} of them")
    if not 1 <= len(counts) <= _MOST_NAMES or sum(counts.values()) != adverts:
        raise ValueError(f"{place} must hold 1 to {_MOST_NAMES} entries that add up to the adverts")
    if edges and name not in _NUMBERS:
        raise ValueError(f"{fields.path('edges')} are for numbers, and {name} has names")
    if name in _NUMBERS and not set(counts) <= {
        NONE,
        *(str(place) for place in range(len(edges) + 1)),
    }:
        raise ValueError(f"{place} must name the groups of the edges")
    if any(not one.isprintable() or not 1 <= len(one) <= _LONGEST_NAME for one in counts):
        raise ValueError(f"{place} has a name that is not plain")
    return SeenFact(name, edges, counts)


def _count(number: float, place: str) -> int:
    if not 0 <= number <= _MOST_ADVERTS or number != int(number):
        raise ValueError(f"{place} is {number:g}, wanted a whole number")
    return int(number)
