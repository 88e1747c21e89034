"""The graph of a bank, as exports write it: nodes and links, of adverts that may still be kept."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.bank.overdue import not_overdue
from adverts_findings.campaigns.exports.columns import ADDRESSES, LINKS, NODES
from adverts_findings.campaigns.exports.evidence_links import evidence_links, hypothesis_links
from adverts_findings.campaigns.exports.plain_values import (
    account_values,
    advert_tokens,
    plain_reasons,
    plain_tokens,
)
from adverts_findings.campaigns.plain_names import plain_names

Tables = Mapping[str, pa.Table]
_OF_ADVERTS = (
    *("id", "judged_by", "platform", "language", "account", "posted_at", "collected_at"),
    *("entered_build", "retain_until", "template", "campaign", "url", "platform_item_id"),
)
READ: Mapping[str, tuple[str, ...] | None] = {
    "adverts": _OF_ADVERTS,
    "identities": None,
    "edges": None,
    "campaigns": None,
    "bridges": None,
}
"""Maps the tables of the bank that an export reads to the columns, None for all: no candidate, no
restricted or barred advert."""
_NAMES = ("platform", "language", "judged_by", "standing", "kind", "status")
_RULES: Mapping[str, Callable[[pa.ChunkedArray], pa.ChunkedArray]] = {
    **dict.fromkeys(_NAMES, plain_names),
    **dict.fromkeys(("value", "account"), plain_tokens),
    "reason": plain_reasons,
}
_COUNTED = [
    ("name", "count"),
    ("account", "count_distinct"),
    ("kind", "count_distinct"),
    ("posted_at", "min"),
    ("posted_at", "max"),
]
_NAMED = {
    "by": "id",
    "name_count": "adverts",
    "account_count_distinct": "accounts",
    "kind_count_distinct": "templates",
    "posted_at_min": "first_seen",
    "posted_at_max": "last_seen",
}


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The nodes and links of an export.

    Attributes:
        nodes: Maps each kind of node to its table, in the order of the ids; see
            :data:`adverts_findings.campaigns.exports.columns.NODES`.
        links: Maps each kind of link to its table, in the order of the bank; ``source`` and
            ``target`` are ids of nodes.
        left_out: Number of adverts of the bank that may be kept no longer, and are not in it.
        delete_by: Earliest last day on which an exported advert may be kept; None if none is known.
    """

    nodes: Tables
    links: Tables
    left_out: int
    delete_by: datetime.date | None


def graph_of(tables: Tables, *, key: bytes, today: datetime.date, addresses: bool = False) -> Graph:
    """Return the graph of a bank.

    Adverts that may be kept no longer are left out, with the links and identities that rest on them
    alone, and numbers of adverts and times are those of the exported ones.

    Args:
        tables: The tables :data:`READ` of the bank.
        key: Secret key of its tokens, with which ids of adverts become tokens.
        today: The day on which an advert may still be kept.
        addresses: Whether ids of the source and addresses of postings are columns too.
    """
    adverts = not_overdue(tables["adverts"], today)
    ids = adverts["id"].combine_chunks()
    names = advert_tokens(ids, key)
    adverts = adverts.append_column("name", names)
    shown = _shown(tables["identities"], ids, names)
    campaigns, edges = _campaigns(tables["campaigns"], adverts, shown), tables["edges"]
    links = {
        "in_campaign": _of(adverts, "campaign"),
        "in_template": _of(adverts, "template"),
        "shows": shown,
        "of_campaign": _in_campaigns(tables["identities"], shown, campaigns["id"]),
        "evidence": evidence_links(edges, tables["bridges"], ids=ids, names=names),
        "hypothesis": hypothesis_links(edges, adverts),
    }
    nodes = {
        "campaigns": campaigns,
        "identities": _identities(tables["identities"], adverts, shown),
        "templates": _counted(adverts, "template").select(list(NODES["templates"])),
        "adverts": _adverts(adverts, addresses=addresses),
    }
    return Graph(
        {name: _plain(nodes[name].sort_by("id")) for name in NODES},
        {name: _plain(links[name].select(list(LINKS[name]))) for name in LINKS},
        left_out=len(tables["adverts"]) - len(adverts),
        delete_by=pc.min(adverts["retain_until"]).as_py(),
    )


def _plain(table: pa.Table) -> pa.Table:
    """Return a table whose texts hold no contact, whatever the bank holds."""
    for place, name in enumerate(table.column_names):
        if name in _RULES:
            table = table.set_column(place, name, _RULES[name](table[name]))
    return table


def _adverts(adverts: pa.Table, *, addresses: bool) -> pa.Table:
    columns = {name: adverts[name] for name in NODES["adverts"]}
    columns |= {"id": adverts["name"], "account": account_values(adverts["account"])}
    if addresses:
        columns |= {
            "source_id": adverts["id"],
            "url": adverts["url"],
            "platform_item_id": adverts["platform_item_id"],
        }
    return pa.table(
        {name: columns[name] for name in (*NODES["adverts"], *ADDRESSES) if name in columns}
    )


def _of(adverts: pa.Table, column: str) -> pa.Table:
    inside = adverts.filter(pc.is_valid(adverts[column]))
    return pa.table({"source": inside["name"], "target": inside[column]})


def _shown(identities: pa.Table, ids: pa.Array, names: pa.Array) -> pa.Table:
    """Return which kept advert shows which identity, and the row of the advert."""
    lists = identities["shown_in"].combine_chunks()
    places = pc.index_in(pc.list_flatten(lists), value_set=ids)
    of = identities["identity"].combine_chunks().take(pc.list_parent_indices(lists))
    there = pc.is_valid(places)
    rows = places.filter(there)
    return pa.table({"source": names.take(rows), "target": of.filter(there), "row": rows})


def _campaigns(campaigns: pa.Table, adverts: pa.Table, shown: pa.Table) -> pa.Table:
    """Return the campaigns that have exported adverts."""
    counted = _counted(adverts, "campaign")
    inside = adverts["campaign"].combine_chunks().take(shown["row"].combine_chunks())
    pairs = pa.table({"campaign": inside, "identity": shown["target"]})
    owned = pairs.group_by(["campaign", "identity"], use_threads=False).aggregate([])
    identities = owned.group_by("campaign", use_threads=False).aggregate([("identity", "count")])
    found = _beside(counted["id"], identities, "campaign", "identity_count")
    columns = {name: counted[name] for name in counted.column_names}
    columns |= {
        "identities": pc.fill_null(found, 0),
        "communities": _beside(counted["id"], campaigns, "campaign", "part_count"),
    }
    for name in ("probability", "calibrated", "largest_piece", "opened_build"):
        columns[name] = _beside(counted["id"], campaigns, "campaign", name)
    return pa.table({name: columns[name] for name in NODES["campaigns"]})


def _identities(identities: pa.Table, adverts: pa.Table, shown: pa.Table) -> pa.Table:
    """Return the identities that exported adverts show."""
    counted_by = adverts.select(["name", "account", "template", "posted_at"])
    rows = counted_by.take(shown["row"]).append_column("identity", shown["target"])
    counted = _counted(rows, "identity")
    columns = {name: counted[name] for name in counted.column_names}
    for name in ("kind", "value", "platform", "standing"):
        columns[name] = _beside(counted["id"], identities, "identity", name)
    is_account = pc.equal(columns["kind"], "account")
    columns["value"] = pc.if_else(is_account, account_values(columns["value"]), columns["value"])
    return pa.table({name: columns[name] for name in NODES["identities"]})


def _in_campaigns(identities: pa.Table, shown: pa.Table, campaigns: pa.ChunkedArray) -> pa.Table:
    """Return the one campaign of each exported identity that has one."""
    there = pc.is_in(identities["identity"], value_set=shown["target"].combine_chunks())
    inside = pc.is_in(identities["campaign"], value_set=campaigns.combine_chunks())
    found = identities.filter(pc.and_(there, inside))
    return pa.table({"source": found["identity"], "target": found["campaign"]})


def _counted(rows: pa.Table, by: str) -> pa.Table:
    """Return numbers and times of adverts by what is in a column; a missing one counts nowhere."""
    asked = rows.filter(pc.is_valid(rows[by]))
    counted = (
        asked.select(["account", "name", "posted_at"])
        .append_column("by", asked[by])
        .append_column("kind", asked["template"])
        .group_by("by", use_threads=False)
        .aggregate(_COUNTED)
    )
    return counted.select(list(_NAMED)).rename_columns(list(_NAMED.values()))


def _beside(names: pa.ChunkedArray, table: pa.Table, by: str, column: str) -> pa.ChunkedArray:
    """Return what a table says of each name in a column; missing where it does not have it."""
    places = pc.index_in(names, value_set=table[by].combine_chunks())
    return table[column].combine_chunks().take(places)
