"""What the bank knew on an earlier day, and how much of that was erased since."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from adverts.chained_file import ChainedFile
from adverts.moments import in_order
from adverts.record_chain import LATER
from adverts_findings.campaigns.bank_tables import ENTRANTS
from adverts_findings.campaigns.judgements.judgements import Judgement

ERASURES = "erasures.jsonl"
ERASURES_VERSION = 1
Tables = Mapping[str, pa.Table]
Why = Literal["erasure", "expiry"]
_HOLDING = ("adverts", "restricted", "candidates")
_ENDS = ("first", "second")


@dataclass(frozen=True, slots=True)
class Erasure:
    """That something was erased: when, why and how much, and nothing of what.

    Attributes:
        on: Day, ISO 8601.
        why: Because somebody asked, or because its time was over.
        adverts: Number of adverts.
        candidates: Number of candidates.
        edges: Number of edges of the adverts.
        identities: Number of posting identities that had no advert left.
        campaigns: Number of campaigns that closed, and that nothing took the place of.
        entered: Number of the adverts by the day on which they had entered, ISO 8601. The day is
            empty where it is not known, as it is of those that were restricted before.
        build: Number of the build that left them out; 0 in lines of earlier releases, which were
            written after it.
        number: Number of its line, from 1; 0 before it is written.
        before: Hash of the line before.
        hash: Hash of its own line.
    """

    on: str
    why: Why
    adverts: int
    candidates: int
    edges: int
    identities: int
    campaigns: int
    entered: dict[str, int]
    build: int = field(default=0, metadata=LATER)
    number: int = field(default=0, compare=False)
    before: str = field(default="", compare=False)
    hash: str = field(default="", compare=False)


def record_erasure(
    folder: Path, before: Tables, after: Tables, *, build: int, on: datetime.date, why: Why
) -> Erasure:
    """Record durably how much a build will leave out; nothing is recorded where that is nothing.

    It is recorded before the build is written, since nobody could count afterwards what a killed
    process had erased. Until there is such a build the line counts for nothing, and of several for
    one build the last counts. What is restricted has not left, and neither has a candidate that
    became an advert.

    Args:
        folder: Folder of the bank.
        before: Tables of the build before.
        after: Tables of the build.
        build: Number of the build.
        on: Day in UTC.
        why: Because somebody asked, or because its time was over.

    Raises:
        InputError: It cannot be written.
        IntegrityError: An earlier line was changed or damaged; the message names it.
    """
    one = replace(_erasure(before, after, on=on, why=why), build=build)
    file = _file(folder)
    is_told = any(other.build == build for other in file.verified())  # of a build never written
    if one.adverts or one.candidates or is_told:
        file.extend(lambda _: [one])
    return one


def _file(folder: Path) -> ChainedFile[Erasure]:
    adds = "they are added where adverts are erased, so bring back the file as it was"
    return ChainedFile(Erasure, ERASURES_VERSION, folder / ERASURES, "erasures", adds=adds)


def _erasure(before: Tables, after: Tables, *, on: datetime.date, why: Why) -> Erasure:
    left, released = (_gone(before[name], after) for name in ("adverts", "restricted"))
    edges, closed = before["edges"], _closed(after["replaced"])
    closed.subtract(_closed(before["replaced"]))
    ended = pc.or_(*(pc.is_in(edges[end], left["id"].combine_chunks()) for end in _ENDS))
    return Erasure(
        on=on.isoformat(),
        why=why,
        adverts=len(left) + len(released),
        candidates=len(_gone(before["candidates"], after)),
        edges=len(edges.filter(ended)),
        identities=closed["identity"],
        campaigns=closed["campaign"],
        entered=_entered(before["builds"], left, released),
    )


def _gone(table: pa.Table, after: Tables) -> pa.Table:
    """Return the rows whose ids are in no table of adverts of the next build."""
    there = [after[name]["id"].combine_chunks() for name in _HOLDING]
    return table.filter(pc.invert(pc.is_in(table["id"], pa.concat_arrays(there))))


def _closed(replaced: pa.Table) -> Counter[str]:
    """Return the number of ids of each level that nothing took the place of."""
    return Counter(replaced.filter(pc.equal(replaced["how"], "closed"))["level"].to_pylist())


def _entered(builds: pa.Table, left: pa.Table, released: pa.Table) -> dict[str, int]:
    """Return the number of adverts that left by the day on which they had entered."""
    days = dict(zip(builds["build"].to_pylist(), builds["built_at"].to_pylist(), strict=True))
    times = [days.get(build) for build in left["entered_build"].to_pylist()]
    counts = Counter("" if at is None else at.date().isoformat() for at in times)
    counts[""] += len(released)
    return {day: count for day, count in sorted(counts.items()) if count}


def read_erasures(folder: Path, build: int) -> tuple[Erasure, ...]:
    """Return how much was erased when, the earliest first.

    Args:
        folder: Folder of the bank.
        build: Number of its current build; what was recorded for later ones never happened.

    Raises:
        InputError: It cannot be read.
        IntegrityError: A line was changed, moved, removed or damaged; the message names it.
    """
    lines = _file(folder).verified()
    last = {one.build or -number: one for number, one in enumerate(lines)}
    return tuple(one for one in last.values() if one.build <= build)


def erased_since(erasures: Sequence[Erasure], day: datetime.date) -> int:
    """Return how many adverts that were known on a day were erased after it.

    Those of which the day of entry is not known are counted.
    """
    return sum(
        count
        for one in erasures
        if datetime.date.fromisoformat(one.on) > day
        for entered, count in one.entered.items()
        if not entered or datetime.date.fromisoformat(entered) <= day
    )


def judgements_until(judgements: Sequence[Judgement], day: datetime.date) -> tuple[Judgement, ...]:
    """Return the judgements that were recorded on a day or before it, in UTC.

    When a person says that they said it counts only in lines of earlier releases, which do not hold
    when they were recorded.
    """
    end = _end_of(day)
    return tuple(one for one in judgements if in_order(one.recorded_at or one.at) < end)


def known_on(tables: Tables, day: datetime.date) -> pa.Table:
    """Return the adverts that were known at the end of a day, in UTC, and were not erased since.

    A build until then had taken them in, and they were collected until then. What was known of
    them follows from a build of these adverts with :func:`judgements_until` that day.

    Args:
        tables: Tables ``adverts`` and ``builds`` of the bank.
        day: The day.
    """
    end, last = _end(day), last_build(tables, day)
    adverts = tables["adverts"]
    late = pc.greater_equal(adverts["collected_at"], end).fill_null(False)
    known = pc.and_(pc.less_equal(adverts["entered_build"], last), pc.invert(late))
    return adverts.filter(known).select(ENTRANTS.names)


def last_build(tables: Tables, day: datetime.date) -> int:
    """Return the number of the last build until the end of a day, in UTC; 0 if there was none."""
    builds = tables["builds"].filter(pc.less(tables["builds"]["built_at"], _end(day)))
    return int(pc.max(builds["build"]).as_py() or 0)


def _end(day: datetime.date) -> pa.Scalar:
    return pa.scalar(_end_of(day), pa.timestamp("us", "UTC"))


def _end_of(day: datetime.date) -> datetime.datetime:
    following = day + datetime.timedelta(days=1)
    return datetime.datetime.combine(following, datetime.time(), datetime.UTC)
