"""A sample of the texts of a collection, all copies of a text or none, to compare with others.

Whether a text is kept depends on its hash alone, so units need not know of each other, and their
samples add up to that of the collection in any order.

Source: Broder, "On the resemblance and containment of documents", 1997 (the smallest hashes are a
sample of the distinct texts).
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from adverts.inputs.letters.folding import fold
from adverts.runtime import Classifier
from adverts.runtime.predict.advert_facts import facts_of
from adverts.runtime.predict.responses import Reading, Response
from adverts.runtime.rules.coverage import modality_of
from adverts.work.units.plan import Plan

TEXTS_WANTED, MOST_ROWS = 5_000, 20_000
"""Distinct texts that are aimed at, and most rows of a sample whatever a source holds."""
_USUAL_BYTES = 250
"""Bytes of an advert in a file whose number of rows is unknown."""
_HASHES, _LONGEST_VALUE = 2**53, 40
Row = tuple[int | str, ...]
"""The hash of a text, then the group of each fact of adverts with this text."""


@dataclass(slots=True)
class DriftSample:
    """Facts of the adverts with the smallest hashes of text, and how many adverts share them.

    Attributes:
        rows: Maps each row to its number of adverts; at most 20,000 rows after :meth:`settle`.
        bound: The first row that had no room; None where every row had.
    """

    rows: dict[Row, int] = field(default_factory=dict)
    bound: Row | None = None

    def add(self, row: Row, number: int = 1) -> None:
        """Count adverts of one row, unless it is beyond the bound."""
        if self.bound is not None and row >= self.bound:
            return
        self.rows[row] = self.rows.get(row, 0) + number
        if len(self.rows) >= 2 * MOST_ROWS:
            self.settle()

    def merge(self, other: DriftSample) -> None:
        """Add the sample of other adverts; samples give the same whole in any order."""
        if other.bound is not None and (self.bound is None or other.bound < self.bound):
            self.bound = other.bound
            self.rows = {row: number for row, number in self.rows.items() if row < other.bound}
        for row, number in other.rows.items():
            self.add(row, number)

    def settle(self) -> DriftSample:
        """Leave out the rows that have no room, those of the largest hashes, and return itself."""
        if len(self.rows) > MOST_ROWS:
            kept = sorted(self.rows)
            self.bound = kept[MOST_ROWS]
            self.rows = {row: self.rows[row] for row in kept[:MOST_ROWS]}
        return self

    def whole(self) -> dict[Row, int]:
        """Return the rows of the texts that are there with all their adverts, in order."""
        rows = sorted(self.settle().rows)
        if self.bound is not None:
            rows = rows[: bisect_left(rows, self.bound[:1])]
        return {row: self.rows[row] for row in rows}

    def plain(self) -> dict[str, Any]:
        """Return this sample as values of JSON, which :meth:`of_plain` reads."""
        self.settle()
        return {
            "rows": [[*row, number] for row, number in sorted(self.rows.items())],
            "bound": None if self.bound is None else list(self.bound),
        }

    @classmethod
    def of_plain(cls, raw: Any, facts: int) -> DriftSample:  # noqa: ANN401 - any value of JSON
        """Return the sample that :meth:`plain` described.

        Args:
            raw: Values of JSON.
            facts: Number of facts of each row.

        Raises:
            KeyError, TypeError, ValueError: They are no such sample.
        """
        found = cls(bound=None if raw["bound"] is None else _row(raw["bound"], facts))
        if len(raw["rows"]) > MOST_ROWS:
            raise ValueError(f"{len(raw['rows'])} rows, wanted at most {MOST_ROWS}")
        for *row, number in raw["rows"]:
            if type(number) is not int or number < 1:
                raise ValueError(f"{number!r} adverts, wanted a whole number from 1")
            found.add(_row(row, facts), number)
        return found


def _row(raw: Sequence[Any], facts: int) -> Row:
    key, *values = raw
    if type(key) is not int or not 0 <= key < _HASHES or len(values) != facts:
        raise ValueError("a row must hold a hash and the group of each fact")
    if not all(isinstance(one, str) and len(one) <= _LONGEST_VALUE for one in values):
        raise ValueError("a group must be a short text")
    return (key, *values)


def kept_share(plan: Plan) -> float:
    """Return the share of distinct texts that is kept: about 5,000 of the adverts of a plan.

    Where the number of rows of a file is unknown, its size stands for it.
    """
    rows, unknown = 0.0, set[str]()
    for unit in plan.units:
        number = unit.get("rows")
        if isinstance(number, int):
            rows += number
        else:
            unknown.add(str(unit["file"]))
    for file in unknown:
        stamp = plan.inputs.get(file)
        size = stamp.get("size") if isinstance(stamp, Mapping) else None
        rows += (size if isinstance(size, int) else 0) / _USUAL_BYTES
    return min(1.0, TEXTS_WANTED / rows) if rows else 1.0


class DriftSampler:
    """Adds the adverts of a unit to a sample; adds none where the bundle has no facts."""

    def __init__(self, classifier: Classifier, plan: Plan) -> None:
        """Take a bundle and a plan, which decides the texts that are kept."""
        self._seen, self._tell = classifier.seen, facts_of(classifier)
        self._below = round(kept_share(plan) * _HASHES)
        self._salt = plan.key.encode()  # so that nobody writes a text that is never looked at

    def add(self, sample: DriftSample, response: Response, images: Sequence[bytes]) -> None:
        """Add an advert to a sample if its text is kept; one with an error has no facts."""
        if self._seen is None or response.error or response.reading is None:
            return
        key = _key(self._salt, response.reading, images)
        if key < self._below:
            modality = modality_of(response.reading.advert)
            facts = self._tell(response, response.reading, modality)
            sample.add((key, *(one.group_of(facts.get(one.name)) for one in self._seen.facts)))


def _key(salt: bytes, reading: Reading, images: Sequence[bytes]) -> int:
    """Return the hash of the folded texts of an advert; of its pictures where it has no text."""
    digest = hashlib.sha256(salt)
    text = "\n".join(part for part in reading.masked if part)
    if text:
        digest.update(fold(text).encode(errors="replace"))
    else:
        for picture in images:
            digest.update(hashlib.sha256(picture).digest())
    return int.from_bytes(digest.digest()[:8]) >> 11
