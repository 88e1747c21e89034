"""From what a build found to the tables of the bank."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts.inputs.contacts.masking import mask_contacts
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.found import FoundCampaigns, FoundEvidence
from adverts_findings.campaigns.judgements.standings import Settled, Statement
from adverts_findings.campaigns.tables.campaign_table import campaign_table
from adverts_findings.campaigns.tables.collected_table import collected_table
from adverts_findings.campaigns.tables.column_codes import plain
from adverts_findings.campaigns.tables.edge_table import bridge_table, edge_table
from adverts_findings.campaigns.tables.identity_table import identity_table
from adverts_findings.campaigns.tables.named import Named


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
    barred: pa.Table,
    collected: pa.Table,
    before: Mapping[str, pa.Table],
    calibrated: bool,
    settled: Settled,
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
        barred: Adverts that labels of inputs bar.
        collected: How many adverts the inputs of this build held.
        before: Tables of the build before, for what they keep of history; empty for a new bank.
        calibrated: Whether probabilities are calibrated.
        settled: What people say of identities and sources.
    """
    adverts = _adverts(entrants, named, facts.build, before)
    edge_names = found.edges.names(entrants["id"].to_pylist())
    tables = {
        "adverts": adverts,
        "candidates": candidates,
        "restricted": restricted,
        "barred": barred,
        "collected": collected_table(collected, facts.inputs, before),
        "identities": identity_table(
            adverts, evidence.identities, named.identities, settled.standings
        ),
        "edges": edge_table(adverts, found.edges, edge_names),
        "campaigns": campaign_table(
            adverts,
            evidence.identities,
            found,
            build=facts.build,
            calibrated=calibrated,
            before=before,
        ),
        "bridges": bridge_table(found.bridges, named.campaigns, edge_names),
        "listed": _records("listed", [asdict(one) for one in evidence.listed]),
        "replaced": _after(
            before, "replaced", [{**asdict(one), "build": facts.build} for one in named.replaced]
        ),
        "judged": _records("judged", [asdict(one) for one in found.held]),
        "said": _records("said", [_said(one, named.identities) for one in settled.statements]),
        "builds": _after(before, "builds", [_build(facts)]),
    }
    return {
        name: table.select(TABLES[name].names).cast(TABLES[name]) for name, table in tables.items()
    }


def _records(name: str, rows: Sequence[Mapping[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([dict(one) for one in rows], schema=TABLES[name])


def _said(one: Statement, identities: Sequence[str]) -> dict[str, object]:
    word = one.judgement
    return {
        "judgement": word.id,
        "level": one.level,
        "name": identities[one.place] if isinstance(one.place, int) else one.place,
        "said": one.said,
        "by": mask_contacts(word.by),
        "at": word.at,
        "why": mask_contacts(word.why),
        "counts": one.counts,
    }


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
    plainly = ("build", "built_at", "created_by", "token_key_id")
    return {name: getattr(facts, name) for name in plainly} | told


def _adverts(
    entrants: pa.Table, named: Named, build: int, before: Mapping[str, pa.Table]
) -> pa.Table:
    campaigns = [one or None for one in named.campaigns]
    return (
        entrants.append_column("entered_build", _entered(entrants["id"], build, before))
        .append_column("template", pa.array(named.templates, pa.string()))
        .append_column("campaign", pa.array(campaigns, pa.string()))
    )


def _entered(ids: pa.ChunkedArray, build: int, before: Mapping[str, pa.Table]) -> pa.Array:
    """Return the build in which each advert entered."""
    if "adverts" not in before:
        return pa.array([build] * len(ids), pa.int32())
    known = before["adverts"]
    places = pc.index_in(plain(ids), value_set=plain(known["id"]))
    return pc.fill_null(plain(known["entered_build"]).take(places), pa.scalar(build, pa.int32()))
