"""What may no longer be kept leaves the tables of the bank, unless a person holds it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts.linking.bank.holds import Hold, Restricted
from adverts.linking.bank.support import supported_campaigns, supported_identities
from adverts.linking.bank_tables import TABLES

Tables = Mapping[str, pa.Table]
LEAST_ADVERTS = 2
"""Least adverts of a campaign."""


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """The tables after something left them, and what left.

    Attributes:
        tables: All tables.
        erased: Ids of the adverts that left, in ascending order.
        candidates: Number of candidates that left.
        edges: Number of edges that left.
        identities: Ids of the posting identities that have no advert left.
        campaigns: Ids of the campaigns that closed, since fewer than two adverts are left.
        restricted: All adverts and candidates that are kept under a hold instead of being erased.
    """

    tables: dict[str, pa.Table]
    erased: tuple[str, ...]
    candidates: int
    edges: int
    identities: tuple[str, ...]
    campaigns: tuple[str, ...]
    restricted: tuple[Restricted, ...]


def expire(
    tables: Tables,
    today: datetime.date,
    *,
    held: Mapping[str, Hold],
    restricted: Iterable[Restricted] = (),
    build: int,
) -> Kept:
    """Return the tables without what may no longer be kept.

    Candidates leave after the day of ``expires``, and adverts after that of ``retain_until``. Those
    that are held stay and are restricted; when their hold is over, they leave too.

    Args:
        tables: All tables of the bank.
        today: Day in UTC.
        held: The hold of each advert that one is on for, see
            :func:`adverts.linking.bank.holds.held_adverts`.
        restricted: What was restricted before.
        build: Number of the build that the tables become.
    """
    adverts = _ids_before(tables["adverts"], "retain_until", today)
    candidates = _ids_before(tables["candidates"], "expires", today)
    return _erased(
        tables,
        today,
        adverts=adverts,
        candidates=candidates,
        held=held,
        restricted=restricted,
        build=build,
    )


def erase(
    tables: Tables,
    ids: Iterable[str],
    today: datetime.date,
    *,
    held: Mapping[str, Hold],
    restricted: Iterable[Restricted] = (),
    build: int,
) -> Kept:
    """Return the tables without some adverts, wherever they were.

    Edges of an erased advert go, and so do posting identities and templates that have no advert
    left. Campaigns with fewer than two adverts left close. Counts and times of the others are those
    of the adverts left; which of them still belong together is for the next build to find. Adverts
    that are held stay and are restricted; what was restricted before leaves when its hold is over.

    Args:
        tables: All tables of the bank.
        ids: Ids of adverts or candidates; those that are not in the bank are ignored.
        today: Day in UTC.
        held: The hold of each advert that one is on for.
        restricted: What was restricted before.
        build: Number of the build that the tables become.
    """
    wanted = set(ids)
    return _erased(
        tables,
        today,
        adverts=wanted,
        candidates=wanted,
        held=held,
        restricted=restricted,
        build=build,
    )


def _ids_before(table: pa.Table, column: str, today: datetime.date) -> set[str]:
    over = pc.less(table[column], pa.scalar(today, pa.date32())).fill_null(False)
    return set(table.filter(over)["id"].to_pylist())


def _erased(
    tables: Tables,
    today: datetime.date,
    *,
    adverts: Collection[str],
    candidates: Collection[str],
    held: Mapping[str, Hold],
    restricted: Iterable[Restricted],
    build: int,
) -> Kept:
    before = {one.id: one for one in restricted}
    wanted = {*adverts, *candidates, *before}
    left = dict(tables)
    left["adverts"] = _without(tables["adverts"], {*adverts, *before} - held.keys(), "id")
    left["candidates"] = _without(tables["candidates"], {*candidates, *before} - held.keys(), "id")
    leaving = _those_that_left(tables["adverts"], left["adverts"])
    gone = set(_texts(leaving, "id"))
    left["edges"] = _without(_without(tables["edges"], gone, "first"), gone, "second")
    left["bridges"] = _with_edges(tables["bridges"], left["edges"])
    left["identities"], identities = supported_identities(
        tables["identities"], left["adverts"], leaving
    )
    campaigns = _close_campaigns(left, leaving, build)
    templates = set(_texts(leaving, "template")) - set(_texts(left["adverts"], "template"))
    closed = {"template": sorted(templates), "identity": identities, "campaign": campaigns}
    left["replaced"] = _with_closed(tables["replaced"], closed, build)
    left["listed"] = _listed(tables["listed"], left["adverts"], leaving)
    present = {*_texts(left["adverts"], "id"), *_texts(left["candidates"], "id")}
    kept = sorted(wanted & held.keys() & present)
    return Kept(
        tables=left,
        erased=tuple(sorted(gone)),
        candidates=len(tables["candidates"]) - len(left["candidates"]),
        edges=len(tables["edges"]) - len(left["edges"]),
        identities=tuple(identities),
        campaigns=tuple(campaigns),
        restricted=tuple(_restricted(one, held[one], before.get(one), today) for one in kept),
    )


def _texts(table: pa.Table, column: str) -> list[str]:
    found: list[str] = table[column].drop_null().to_pylist()
    return found


def _among(table: pa.Table, values: Collection[str], column: str) -> pa.ChunkedArray:
    return pc.is_in(table[column], pa.array(sorted(values), pa.string()))


def _without(table: pa.Table, values: Collection[str], column: str) -> pa.Table:
    return table.filter(pc.invert(_among(table, values, column)))


def _those_that_left(before: pa.Table, after: pa.Table) -> pa.Table:
    return _without(before, _texts(after, "id"), "id")


def _with_edges(bridges: pa.Table, edges: pa.Table) -> pa.Table:
    return bridges.filter(_among(bridges, _texts(edges, "edge"), "edge"))


def _close_campaigns(left: dict[str, pa.Table], leaving: pa.Table, build: int) -> list[str]:
    """Count the campaigns of adverts that leave again, and take the closed ones from all tables."""
    left["campaigns"], closed = supported_campaigns(
        left["campaigns"],
        left["adverts"],
        left["identities"],
        touched=set(_texts(leaving, "campaign")),
        least=LEAST_ADVERTS,
        build=build,
    )
    left["bridges"] = _without(left["bridges"], closed, "campaign")
    for name in ("adverts", "edges", "identities"):
        table = left[name]
        place = table.column_names.index("campaign")
        names = pc.if_else(
            _among(table, closed, "campaign"), pa.scalar(None, pa.string()), table["campaign"]
        )
        left[name] = table.set_column(place, "campaign", names)
    return closed


def _with_closed(replaced: pa.Table, closed: Mapping[str, list[str]], build: int) -> pa.Table:
    rows = [
        {"level": level, "old": old, "new": "", "build": build, "how": "closed"}
        for level, names in closed.items()
        for old in names
    ]
    return pa.concat_tables([replaced, pa.Table.from_pylist(rows, schema=TABLES["replaced"])])


def _listed(listed: pa.Table, adverts: pa.Table, leaving: pa.Table) -> pa.Table:
    """Return the values that join nothing, those that left with an advert counted again."""
    shown = set(leaving["contacts"].combine_chunks().flatten().to_pylist())
    touched = shown & set(_texts(listed, "value"))
    if not touched:
        return listed
    counts, accounts = Counter[str](), {value: set[str]() for value in touched}
    for contacts, account in zip(
        adverts["contacts"].to_pylist(), adverts["account"].to_pylist(), strict=True
    ):
        for value in touched.intersection(contacts or ()):
            counts[value] += 1
            accounts[value] |= {account} - {None}
    rows = [
        {**row, "adverts": counts[row["value"]], "accounts": len(accounts[row["value"]])}
        if row["value"] in touched
        else row
        for row in listed.to_pylist()
    ]
    rows = [row for row in rows if row["value"] not in touched or row["adverts"]]
    return pa.Table.from_pylist(rows, schema=TABLES["listed"])


def _restricted(
    name: str, hold: Hold, before: Restricted | None, today: datetime.date
) -> Restricted:
    since = today.isoformat() if before is None else before.since
    return Restricted(name, since, hold.by, hold.until, hold.why)
