"""What the bank knew on an earlier day, as far as it was not erased since."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts.linking.judgements.judgements import Judgement


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
