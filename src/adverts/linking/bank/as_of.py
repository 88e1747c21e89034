"""What the bank knew on an earlier day, and how much of that was erased since."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from adverts.errors import InputError
from adverts.linking.bank.keeping import Kept
from adverts.linking.judgements.judgements import Judgement
from adverts.record_lines import append_lines, read_lines

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
        campaigns: Number of campaigns that closed.
        entered: Number of the adverts by the day on which they had entered, ISO 8601.
    """

    on: str
    why: Literal["erasure", "expiry"]
    adverts: int
    candidates: int
    edges: int
    identities: int
    campaigns: int
    entered: dict[str, int]


def record_erasure(
    folder: Path, kept: Kept, *, on: datetime.date, why: Literal["erasure", "expiry"]
) -> None:
    """Record durably how much was erased; nothing is recorded where nothing was.

    Raises:
        InputError: It cannot be written.
        IntegrityError: An earlier line was damaged; the message names it.
    """
    one = Erasure(
        on=on.isoformat(),
        why=why,
        adverts=len(kept.erased),
        candidates=kept.candidates,
        edges=kept.edges,
        identities=len(kept.identities),
        campaigns=len(kept.campaigns),
        entered=kept.entered,
    )
    if one.adverts or one.candidates:
        path = folder / ERASURES
        try:
            append_lines(Erasure, path, ERASURES_VERSION, new=lambda _: [one])
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


def judgements_until(judgements: Sequence[Judgement], day: datetime.date) -> tuple[Judgement, ...]:
    """Return the judgements that were recorded on a day or before it, in UTC."""
    end = _end_of(day)
    return tuple(one for one in judgements if _utc(one.at) < end)


def as_of(tables: Mapping[str, pa.Table], day: datetime.date) -> dict[str, pa.Table]:
    """Return what was known at the end of a day, in UTC, and has not been erased since.

    Adverts are those that a build until then had taken in and that were collected until then.
    Edges between two of them stay, the rejected ones too, as the latest build left them. Campaigns,
    posting identities, templates, bridges and what became of judgements depend on what came later,
    so they are left out: a build from these adverts and the judgements until then finds them again.
    What replaced what, and which campaigns had been opened, is as it was then.

    Args:
        tables: All tables of the bank.
        day: The day.
    """
    end = pa.scalar(_end_of(day), pa.timestamp("us", "UTC"))
    builds = tables["builds"].filter(pc.less(tables["builds"]["built_at"], end))
    last = pc.max(builds["build"]).as_py() or 0
    adverts = tables["adverts"]
    late = pc.greater_equal(adverts["collected_at"], end).fill_null(False)
    adverts = adverts.filter(pc.invert(late))
    adverts = _until(adverts, "entered_build", last)
    ids = adverts["id"].combine_chunks()
    edges = tables["edges"]
    both = pc.and_(pc.is_in(edges["first"], ids), pc.is_in(edges["second"], ids))
    candidates = tables["candidates"]
    flagged = pc.less(candidates["flagged_at"], end).fill_null(False)
    known = {name: table.slice(0, 0) for name, table in tables.items()}
    return known | {
        "adverts": _unnamed(adverts, "template", "campaign"),
        "candidates": candidates.filter(flagged),
        "edges": _unnamed(edges.filter(both), "campaign"),
        "campaigns": _campaigns_then(tables["campaigns"], last),
        "replaced": _until(tables["replaced"], "build", last),
        "builds": builds,
    }


def _until(table: pa.Table, column: str, last: int) -> pa.Table:
    return table.filter(pc.less_equal(table[column], last).fill_null(False))


def _unnamed(table: pa.Table, *columns: str) -> pa.Table:
    for name in columns:
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.nulls(len(table), pa.string()))
    return table


def _campaigns_then(campaigns: pa.Table, last: int) -> pa.Table:
    """Return the campaigns that were opened until a build, without what was counted later."""
    then = _until(campaigns, "opened_build", last)
    closed = pc.less_equal(then["closed_build"], last).fill_null(False)
    columns = {
        name: pa.nulls(len(then), then.schema.field(name).type) for name in then.column_names
    }
    columns |= {name: then[name] for name in ("campaign", "opened_build")}
    columns["closed_build"] = pc.if_else(closed, then["closed_build"], columns["closed_build"])
    return pa.table(columns, schema=campaigns.schema)


def _end_of(day: datetime.date) -> datetime.datetime:
    following = day + datetime.timedelta(days=1)
    return datetime.datetime.combine(following, datetime.time(), datetime.UTC)


def _utc(at: str) -> datetime.datetime:
    time = datetime.datetime.fromisoformat(at)
    return time.replace(tzinfo=datetime.UTC) if time.tzinfo is None else time
