"""What was counted in scored adverts, so that counts of units add up to those of a collection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from adverts.errors import plural, printable
from adverts.inputs.contacts.plain_names import plain_name
from adverts.runtime.predict.responses import NOTHING_TO_READ, Reading, Response
from adverts.runtime.rules.routing import ORDER_ONLY, ReviewBand

_MOST_CELLS, _LONGEST_NAME = 5_000, 60
_WEEK = 1
_MOST_LINES, _LONGEST_LINE = 5, 40
OTHER = "(other)"
"""Stands for the platform, week and language of cells beyond the most that are counted apart."""
UNKNOWN = "(unknown)"
"""Stands for a language, platform or week that is not known."""
Cell = tuple[str, str, str, str]


@dataclass(slots=True)
class CollectionCounts:
    """Numbers of adverts, in all and by what is known of them.

    Attributes:
        adverts: Number of adverts, those with an error included.
        exited: Number of adverts that left early, judged by their n-grams alone.
        errors: Maps each code of an error to its number of adverts.
        abstained: Maps each reason of an abstention without an error to its number of adverts.
        cells: Maps platform, ISO week, language and review band to a number of adverts. A source
            may name any number of platforms; cells beyond the first 5,000 are counted as
            :data:`OTHER`.
        pictures: Number of adverts with a picture, those with an error included.
        pictures_read: Number of these whose pictures the model looked at for text.
        pictures_without_text: Number of these in whose pictures no text was read.
        unusable_times: Number of adverts whose time of posting cannot be used, so that their week
            is not known.
        repeated_ids: Number of adverts with the id of an earlier one of their unit. Ids of
            different units are not compared.
        evidence_faults: Maps each field of the evidence to the number of cells, texts or pictures
            that could not be used, and are missing in it.
    """

    adverts: int = 0
    exited: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    abstained: Counter[str] = field(default_factory=Counter)
    cells: Counter[Cell] = field(default_factory=Counter)
    pictures: int = 0
    pictures_read: int = 0
    pictures_without_text: int = 0
    unusable_times: int = 0
    repeated_ids: int = 0
    evidence_faults: Counter[str] = field(default_factory=Counter)

    def add(
        self, response: Response, *, platform: str | None, week: str | None, pictured: bool
    ) -> None:
        """Count one advert.

        Args:
            response: Its answer, with what was read in it.
            platform: Where it was posted; what is no name is withheld.
            week: ISO week in which it was posted; cut after 60 characters.
            pictured: Whether it has a picture.
        """
        self.adverts += 1
        self.exited += response.exited
        if response.error is not None:
            self.errors[response.error.code] += 1
        elif response.review_band == "abstain":
            self.abstained[response.reason] += 1
        if pictured:
            self._add_pictures(response.reading)
        language = response.language.tag if response.language else None
        named = plain_name(platform) if platform else UNKNOWN
        place = (named, _cut(week) or UNKNOWN, language or UNKNOWN)
        self._count(*place, response.review_band, 1)

    def _add_pictures(self, reading: Reading | None) -> None:
        self.pictures += 1
        if reading is not None and reading.pictures_read:
            self.pictures_read += 1
            self.pictures_without_text += not reading.masked[1]

    def merge(self, other: CollectionCounts) -> None:
        """Add the counts of other adverts."""
        self.adverts += other.adverts
        self.exited += other.exited
        self.errors += other.errors
        self.abstained += other.abstained
        self.pictures += other.pictures
        self.pictures_read += other.pictures_read
        self.pictures_without_text += other.pictures_without_text
        self.unusable_times += other.unusable_times
        self.repeated_ids += other.repeated_ids
        self.evidence_faults += other.evidence_faults
        for cell, number in other.cells.items():
            self._count(*cell, number)

    def _count(self, platform: str, week: str, language: str, band: str, number: int) -> None:
        cell = (platform, week, language, band)
        if cell not in self.cells and len(self.cells) >= _MOST_CELLS:
            cell = (OTHER, OTHER, OTHER, band)
        self.cells[cell] += number

    def by(self, place: int) -> dict[str, Counter[str]]:
        """Return the number of adverts in each review band, by platform, week or language.

        Args:
            place: 0 for platforms, 1 for weeks, 2 for languages.
        """
        found: dict[str, Counter[str]] = {}
        for cell, number in sorted(self.cells.items()):
            found.setdefault(cell[place], Counter())[cell[3]] += number
        return found

    @property
    def bands(self) -> Counter[str]:
        """Number of adverts in each review band."""
        found = Counter[str]()
        for (*_, band), number in self.cells.items():
            found[band] += number
        return found

    @property
    def nothing_to_read(self) -> int:
        """Number of adverts without text, and without a picture that the model looks at."""
        return self.abstained[NOTHING_TO_READ]

    @property
    def other_abstentions(self) -> Counter[str]:
        """Other abstentions than on what cannot be read and what is ordered alone, by reason."""
        apart = (NOTHING_TO_READ, ORDER_ONLY)
        return Counter({one: n for one, n in self.abstained.items() if one not in apart})

    @property
    def order_only(self) -> int:
        """Number of adverts that are ordered by score, since no threshold ships."""
        return self.abstained[ORDER_ONLY]

    def lines(self) -> Iterable[str]:
        """Yield the lines of a summary for a terminal."""
        bands, errors = self.bands, self.errors.total()
        told = ", ".join(f"{bands[one]:,} {one}" for one in get_args(ReviewBand))
        yield f"{self.adverts - errors:,} adverts scored, {errors:,} errors: {told}"
        for number, what in (
            (self.exited, "left early: their n-grams alone judged them"),
            (self.nothing_to_read, "with nothing to read, left to a person"),
            (self.order_only, "order_only: read from the highest score down; nothing is promised"),
        ):
            if number:
                yield f"{number:,} {what}"
        for reason, count in self.other_abstentions.most_common(3):
            yield f"{count:,} need review by a person: {reason}"
        if self.unusable_times:
            yield f"{plural(self.unusable_times, 'unusable time')}: posted_at is not in ISO 8601"
        if self.repeated_ids:
            yield f"{plural(self.repeated_ids, 'repeated id')} within units"
        for name, count in self.evidence_faults.most_common():
            yield f"{count:,} times {name} could not be used as evidence"
        if bands["abstain"] == bands.total() > errors + self.order_only:
            yield "every advert needs review by a person, in the order of the column score"

    def table(self) -> Iterable[str]:
        """Yield the lines of a short table for a terminal: adverts in each band, by place."""
        bands = get_args(ReviewBand)
        named = [
            (printable(f"{title} {name}")[:_LONGEST_LINE], found)
            for title, place in (("platform", 0), ("language", 2), ("week", _WEEK))
            for name, found in self._largest(place)
        ]
        width = max((len(name) for name, _ in named), default=0)
        numbers = max(9, len(f"{self.adverts:,}")) + 2
        heads = "".join(f"{head:>{numbers}}" for head in ("adverts", *bands))
        yield f"{'':<{width}}{heads}"
        for name, found in named:
            counted = (found.total(), *(found[band] for band in bands))
            yield f"{name:<{width}}" + "".join(f"{one:>{numbers},}" for one in counted)
        yield "these are counts of what was collected; flags are not a count of harmful adverts"

    def _largest(self, place: int) -> list[tuple[str, Counter[str]]]:
        """Return the most frequent names of a place that is known of any advert; the last weeks."""
        by = self.by(place)
        if set(by) <= {UNKNOWN}:
            return []
        if place == _WEEK:
            known = sorted(week for week in by if week not in (UNKNOWN, OTHER))
            return [(week, by[week]) for week in known[-_MOST_LINES:]]
        return sorted(by.items(), key=lambda one: (-one[1].total(), one[0]))[:_MOST_LINES]

    def plain(self) -> dict[str, Any]:
        """Return these counts as values of JSON, which :meth:`of_plain` reads."""
        return {
            "adverts": self.adverts,
            "exited": self.exited,
            "errors": dict(sorted(self.errors.items())),
            "abstained": dict(sorted(self.abstained.items())),
            "cells": [[*cell, number] for cell, number in sorted(self.cells.items())],
            "pictures": self.pictures,
            "pictures_read": self.pictures_read,
            "pictures_without_text": self.pictures_without_text,
            "unusable_times": self.unusable_times,
            "repeated_ids": self.repeated_ids,
            "evidence_faults": dict(sorted((+self.evidence_faults).items())),
        }

    @classmethod
    def of_plain(cls, raw: Mapping[str, Any]) -> CollectionCounts:
        """Return the counts that :meth:`plain` described.

        Raises:
            KeyError, TypeError, ValueError: They are no such counts.
        """
        cells = Counter[Cell]()
        for platform, week, language, band, number in raw["cells"]:
            cells[_name(platform), _name(week), _name(language), _name(band)] = _whole(number)
        return cls(
            adverts=_whole(raw["adverts"]),
            exited=_whole(raw["exited"]),
            errors=_counter(raw["errors"]),
            abstained=_counter(raw["abstained"]),
            cells=cells,
            pictures=_whole(raw["pictures"]),
            pictures_read=_whole(raw["pictures_read"]),
            pictures_without_text=_whole(raw["pictures_without_text"]),
            unusable_times=_whole(raw["unusable_times"]),
            repeated_ids=_whole(raw["repeated_ids"]),
            evidence_faults=_counter(raw["evidence_faults"]),
        )


def _whole(raw: object) -> int:
    if type(raw) is not int or raw < 0:
        raise ValueError("a count must be a whole number from 0")
    return raw


def _name(raw: object) -> str:
    if not isinstance(raw, str):
        raise TypeError("what is counted must have a text as its name")
    return raw


def _counter(raw: object) -> Counter[str]:
    if not isinstance(raw, dict):
        raise TypeError("counts must be an object")
    return Counter({_name(name): _whole(number) for name, number in raw.items()})


def _cut(name: str | None) -> str | None:
    return None if name is None else name[:_LONGEST_NAME].strip()
