"""How much was erased from a bank, when and why: dates and counts, and nothing of what it was."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import InputError
from adverts.record_lines import append_lines, read_lines

Tables = Mapping[str, pa.Table]
Why = Literal["erasure", "expiry"]
ERASURES = "erasures.jsonl"
ERASURES_VERSION = 1


@dataclass(frozen=True, slots=True)
class Erasure:
    """That something was erased: when, why and how much, and nothing of what.

    Attributes:
        on: Day, ISO 8601.
        why: Because somebody asked, or because its time was over.
        adverts: Number of adverts.
        candidates: Number of candidates.
        edges: Number of edges.
        identities: Number of posting identities that had no advert left.
        campaigns: Number of campaigns that closed, since nothing took their place.
        entered: Number of the adverts by the day on which they had entered, ISO 8601; the day is
            empty where it is not known.
    """

    on: str
    why: Why
    adverts: int
    candidates: int
    edges: int
    identities: int
    campaigns: int
    entered: dict[str, int]


def erasure_between(before: Tables, after: Tables, *, on: datetime.date, why: Why) -> Erasure:
    """Return how much left between two states of the tables of a bank.

    Args:
        before: Tables of the build before.
        after: Tables of the next one. An advert that was a candidate before did not leave.
        on: Day in UTC.
        why: Why it left.
    """
    adverts, kept = before["adverts"], after["adverts"]["id"].combine_chunks()
    leaving = adverts.filter(pc.invert(pc.is_in(adverts["id"], kept)))
    gone = leaving["id"].combine_chunks()
    edges = before["edges"]
    ended = pc.or_(pc.is_in(edges["first"], gone), pc.is_in(edges["second"], gone))
    there = {*kept.to_pylist(), *after["candidates"]["id"].to_pylist()}
    closed = _closed(after["replaced"])
    closed.subtract(_closed(before["replaced"]))
    return Erasure(
        on=on.isoformat(),
        why=why,
        adverts=len(leaving),
        candidates=sum(one not in there for one in before["candidates"]["id"].to_pylist()),
        edges=int(pc.sum(ended).as_py() or 0),
        identities=closed["identity"],
        campaigns=closed["campaign"],
        entered=_entered(before["builds"], leaving),
    )


def _closed(replaced: pa.Table) -> Counter[str]:
    """Return how many ids of each level were closed, since nothing took their place."""
    return Counter(replaced.filter(pc.equal(replaced["how"], "closed"))["level"].to_pylist())


def _entered(builds: pa.Table, leaving: pa.Table) -> dict[str, int]:
    days = dict(zip(builds["build"].to_pylist(), builds["built_at"].to_pylist(), strict=True))
    counts: Counter[str] = Counter()
    for build in leaving["entered_build"].to_pylist():
        at = days.get(build)
        counts["" if at is None else at.date().isoformat()] += 1
    return dict(sorted(counts.items()))


def record_erasure(folder: Path, erasure: Erasure) -> None:
    """Record durably how much was erased; nothing is recorded where nothing was.

    Raises:
        InputError: It cannot be written.
        IntegrityError: An earlier line was damaged; the message names it.
    """
    if erasure.adverts or erasure.candidates:
        path = folder / ERASURES
        try:
            append_lines(Erasure, path, ERASURES_VERSION, new=lambda _: [erasure])
        except OSError as error:
            raise InputError(f"{path} cannot be written ({error.strerror or error})") from None


def read_erasures(folder: Path) -> tuple[Erasure, ...]:
    """Return how much was erased when, the earliest first.

    Raises:
        InputError: It cannot be read.
        IntegrityError: A line was damaged; the message names it.
    """
    try:
        return read_lines(Erasure, folder / ERASURES, ERASURES_VERSION)
    except OSError as error:
        raise InputError(f"{folder / ERASURES} cannot be read ({error.strerror})") from None


def erased_since(erasures: Sequence[Erasure], day: datetime.date) -> int:
    """Return how many adverts that were known on a day were erased after it."""
    return sum(
        count
        for one in erasures
        if datetime.date.fromisoformat(one.on) > day
        for entered, count in one.entered.items()
        if not entered or datetime.date.fromisoformat(entered) <= day
    )
