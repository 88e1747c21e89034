"""From what a build found to the tables of the bank."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Ints
from adverts.linking.bank_tables import TABLES
from adverts.linking.edges import EDGE_KINDS, EDGE_STATUSES, Edges
from adverts.linking.found import FoundCampaigns, FoundEvidence, Replaced

ALONE = ""
"""Name of the campaign of an advert that is in none."""
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Lasting names of what a build found, of ``N`` adverts.

    Attributes:
        templates: Name of the template of each advert.
        campaigns: Name of the campaign of each advert; :data:`ALONE` if it is in none.
        identities: Name of each posting identity, in their order.
        replaced: Names that are no longer used.
    """

    templates: Sequence[str]
    campaigns: Sequence[str]
    identities: Sequence[str]
    replaced: Sequence[Replaced]


@dataclass(frozen=True, slots=True)
class BuildFacts:
    """What a build was made of and by.

    Attributes:
        build: Its number, from 1.
        built_at: When.
        created_by: Version of this package, and the commit if it is known.
        token_key_id: Id of the key of the tokens.
        inputs: Maps each input to its hash and the number of adverts that were looked at.
        parameters: Rules, weights and calibration.
        counts: What was counted.
    """

    build: int
    built_at: datetime.datetime
    created_by: str
    token_key_id: str
    inputs: Mapping[str, object]
    parameters: Mapping[str, object]
    counts: Mapping[str, object]


def content_of(
    entrants: pa.Table,
    evidence: FoundEvidence,
    found: FoundCampaigns,
    named: Named,
    facts: BuildFacts,
    *,
    candidates: pa.Table,
    restricted: pa.Table,
    before: Mapping[str, pa.Table],
    calibrated: bool,
) -> dict[str, pa.Table]:
    """Return all tables of the bank after a build.

    Args:
        entrants: Its adverts, in the order of the rows of ``evidence`` and ``found``.
        evidence: Identities, and values that join nothing.
        found: Campaigns and edges.
        named: Lasting names.
        facts: What the build was made of.
        candidates: Adverts that wait for a person.
        restricted: Adverts that are kept under a hold.
        before: Tables of the build before, for what they keep of history; empty for a new bank.
        calibrated: Whether probabilities are calibrated.
    """
    adverts = _adverts(entrants, named, facts.build, before)
    campaigns = _campaigns(
        adverts, evidence, found, named, build=facts.build, calibrated=calibrated
    )
    tables = {
        "adverts": adverts,
        "candidates": candidates,
        "restricted": restricted,
        "identities": _identities(adverts, evidence, named, before),
        "edges": _edges(adverts, found.edges, named),
        "campaigns": _with_closed(campaigns, before, facts.build),
        "bridges": _bridges(adverts, found, named),
        "listed": _records("listed", [asdict(one) for one in evidence.listed]),
        "replaced": _after(
            before, "replaced", [{**asdict(one), "build": facts.build} for one in named.replaced]
        ),
        "judged": _records("judged", [asdict(one) for one in found.held]),
        "builds": _after(before, "builds", [_build(facts)]),
    }
    return {
        name: table.select(TABLES[name].names).cast(TABLES[name]) for name, table in tables.items()
    }


def _plain(record: object, *names: str) -> dict[str, object]:
    return {name: getattr(record, name) for name in names}


def _records(name: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict(one) for one in rows], schema=TABLES[name])


def _after(
    before: Mapping[str, pa.Table], name: str, rows: Sequence[Mapping[str, object]]
) -> pa.Table:
    """Return a table of history with more rows."""
    new = _records(name, rows)
    return pa.concat_tables([before[name], new]).combine_chunks() if name in before else new


def _build(facts: BuildFacts) -> dict[str, object]:
    told = {
        name: json.dumps(getattr(facts, name), sort_keys=True, ensure_ascii=False)
        for name in ("inputs", "parameters", "counts")
    }
    return {**_plain(facts, "build", "built_at", "created_by", "token_key_id"), **told}


def _adverts(
    entrants: pa.Table, named: Named, build: int, before: Mapping[str, pa.Table]
) -> pa.Table:
    entered: dict[str, int] = {}
    if "adverts" in before:
        known = before["adverts"]
        entered = dict(
            zip(known["id"].to_pylist(), known["entered_build"].to_pylist(), strict=True)
        )
    builds = [entered.get(one, build) for one in entrants["id"].to_pylist()]
    campaigns = [one or None for one in named.campaigns]
    return (
        entrants.append_column("entered_build", pa.array(builds, pa.int32()))
        .append_column("template", pa.array(named.templates, pa.string()))
        .append_column("campaign", pa.array(campaigns, pa.string()))
    )


def _identities(
    adverts: pa.Table, evidence: FoundEvidence, named: Named, before: Mapping[str, pa.Table]
) -> pa.Table:
    standing: dict[str, str] = {}
    if "identities" in before:
        known = before["identities"]
        standing = dict(
            zip(known["identity"].to_pylist(), known["standing"].to_pylist(), strict=True)
        )
    at, accounts = adverts["posted_at"].to_pylist(), adverts["account"].to_pylist()
    ids = adverts["id"].to_pylist()
    rows = []
    for name, one in zip(named.identities, evidence.identities, strict=True):
        times = [at[row] for row in one.rows if at[row] is not None]
        rows.append(
            {
                "identity": name,
                **_plain(one, "kind", "value", "platform"),
                "first_seen": min(times, default=None),
                "last_seen": max(times, default=None),
                "adverts": len(one.rows),
                "accounts": len({accounts[row] for row in one.rows} - {None}),
                "campaign": _only([named.campaigns[row] for row in one.rows]),
                "standing": standing.get(name, UNKNOWN),
                "shown_in": [ids[row] for row in one.rows],
            }
        )
    return _records("identities", rows)


def _only(campaigns: Sequence[str]) -> str | None:
    """Return the one campaign of all adverts; None where they are of several, or alone."""
    found = set(campaigns)
    return (found.pop() or None) if len(found) == 1 else None


def _edges(adverts: pa.Table, edges: Edges, named: Named) -> pa.Table:
    ids: list[str] = adverts["id"].to_pylist()
    id_column, sources = adverts["id"].combine_chunks(), adverts["source"].to_pylist()
    posted = adverts["posted_at"].combine_chunks()
    campaigns = np.array(named.campaigns, dtype=object)
    inside = campaigns[edges.first] == campaigns[edges.second]
    first, second = edges.first.tolist(), edges.second.tolist()
    return pa.table(
        {
            "edge": pa.array(edges.names(ids), pa.string()),
            "first": id_column.take(pa.array(edges.first)),
            "second": id_column.take(pa.array(edges.second)),
            "kind": _named(edges.kind, EDGE_KINDS),
            "value": pa.array(edges.value, pa.string()),
            "adverts": pa.array(edges.adverts, pa.int64()),
            "accounts": pa.array(edges.accounts, pa.int64()),
            "silence_days": pa.array(edges.silence, pa.float64(), from_pandas=True),
            "across": pa.array(edges.across, pa.bool_()),
            **{
                name: pa.array(
                    [_bits(one) for one in getattr(edges, name).tolist()], pa.list_(pa.string())
                )
                for name in ("also", "against")
            },
            "first_seen": posted.take(pa.array(edges.first)),
            "last_seen": posted.take(pa.array(edges.second)),
            "origin": pa.array(
                [sorted({sources[a], sources[b]}) for a, b in zip(first, second, strict=True)],
                pa.list_(pa.string()),
            ),
            "weight": pa.array(edges.weight, pa.float64(), from_pandas=True),
            "probability": pa.array(edges.probability, pa.float64(), from_pandas=True),
            "status": _named(edges.status, EDGE_STATUSES),
            "reason": pa.array(edges.reason, pa.string()),
            "campaign": pa.array(
                [
                    str(name) if same and name else None
                    for name, same in zip(campaigns[edges.first], inside.tolist(), strict=True)
                ],
                pa.string(),
            ),
        }
    ).sort_by("edge")


def _named(codes: Ints, names: Sequence[str]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(codes))


def _bits(bits: int) -> list[str]:
    return [kind for place, kind in enumerate(EDGE_KINDS) if bits >> place & 1]


def _campaigns(
    adverts: pa.Table,
    evidence: FoundEvidence,
    found: FoundCampaigns,
    named: Named,
    *,
    build: int,
    calibrated: bool,
) -> pa.Table:
    inside = adverts.filter(pc.is_valid(adverts["campaign"]))
    told = inside.group_by("campaign").aggregate(
        [
            ("id", "count"),
            ("account", "count_distinct"),
            ("template", "count_distinct"),
            ("posted_at", "min"),
            ("posted_at", "max"),
        ]
    )
    identities: dict[str, int] = {}
    for one in evidence.identities:
        for name in {named.campaigns[row] for row in one.rows}:
            identities[name] = identities.get(name, 0) + 1
    chance: dict[str, float | None] = {}
    piece: dict[str, float | None] = {}
    parts: dict[str, int] = {}
    for row, name in enumerate(named.campaigns):
        if name:
            chance.setdefault(name, found.probability.get(int(found.roots[row])))
            piece.setdefault(name, found.largest_piece.get(int(found.roots[row])))
            parts[name] = max(parts.get(name, 1), int(found.parts[row]) + 1)
    names: list[str] = told["campaign"].to_pylist()
    return pa.table(
        {
            "campaign": told["campaign"],
            "opened_build": pa.array([build] * len(names), pa.int32()),
            "closed_build": pa.nulls(len(names), pa.int32()),
            "adverts": told["id_count"],
            "accounts": told["account_count_distinct"],
            "templates": told["template_count_distinct"],
            "identities": pa.array([identities.get(one, 0) for one in names], pa.int64()),
            "first_seen": told["posted_at_min"],
            "last_seen": told["posted_at_max"],
            "probability": pa.array([chance[one] for one in names], pa.float64(), from_pandas=True),
            "calibrated": pa.array([calibrated] * len(names), pa.bool_()),
            "part_count": pa.array([parts[one] for one in names], pa.int32()),
            "largest_piece": pa.array([piece[one] for one in names], pa.float64()),
        }
    )


def _with_closed(now: pa.Table, before: Mapping[str, pa.Table], build: int) -> pa.Table:
    """Return the campaigns of now with the build that opened each, and those that are closed."""
    if "campaigns" not in before:
        return now.sort_by("campaign")
    known = {one["campaign"]: one for one in before["campaigns"].to_pylist()}
    open_now = set(now["campaign"].to_pylist())
    opened = [
        known[name]["opened_build"] if name in known else build
        for name in now["campaign"].to_pylist()
    ]
    now = now.set_column(1, "opened_build", pa.array(opened, pa.int32()))
    closed = [
        {**one, "closed_build": one["closed_build"] or build}
        for name, one in known.items()
        if name not in open_now
    ]
    parts = [now.cast(TABLES["campaigns"]), _records("campaigns", closed)]
    return pa.concat_tables(parts).sort_by("campaign")


def _bridges(adverts: pa.Table, found: FoundCampaigns, named: Named) -> pa.Table:
    names = found.edges.names(adverts["id"].to_pylist()) if found.bridges else []
    rows = [
        {
            "campaign": named.campaigns[one.campaign],
            "edge": names[one.edge],
            "probability": None if np.isnan(one.probability) else one.probability,
            **_plain(one, "smaller_side", "larger_side"),
            "others": [names[place] for place in one.others],
        }
        for one in found.bridges
    ]
    return _records("bridges", rows)
