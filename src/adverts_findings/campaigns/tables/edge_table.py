"""The tables of edges and of bridges."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, Edges
from adverts_findings.campaigns.found import Bridge
from adverts_findings.campaigns.tables.column_codes import codes_of, plain, taken

_KINDS_OF_BITS = pa.array(
    [
        [kind for place, kind in enumerate(EDGE_KINDS) if bits >> place & 1]
        for bits in range(1 << len(EDGE_KINDS))
    ],
    pa.list_(pa.string()),
)


def edge_table(adverts: pa.Table, edges: Edges, names: Sequence[str]) -> pa.Table:
    """Return the table of edges, in the order of their names.

    Args:
        adverts: The table of adverts, in the order of the rows of the edges.
        edges: The edges.
        names: Name of each.
    """
    ordered = pa.array(names, pa.string())
    order = pc.sort_indices(ordered)
    edges = edges.chosen(order.to_numpy().astype(np.int64))
    ids, posted = plain(adverts["id"]), plain(adverts["posted_at"])
    first, second = pa.array(edges.first), pa.array(edges.second)
    campaigns, campaign_names = codes_of(adverts["campaign"])
    of_first, of_second = campaigns[edges.first], campaigns[edges.second]
    return pa.table(
        {
            "edge": ordered.take(order),
            "first": ids.take(first),
            "second": ids.take(second),
            "kind": pa.array(EDGE_KINDS, pa.string()).take(pa.array(edges.kind)),
            "value": pa.array(edges.value, pa.string()),
            "adverts": pa.array(edges.adverts, pa.int64()),
            "accounts": pa.array(edges.accounts, pa.int64()),
            "silence_days": pa.array(edges.silence, pa.float64(), from_pandas=True),
            "across": pa.array(edges.across, pa.bool_()),
            "also": _KINDS_OF_BITS.take(pa.array(edges.also)),
            "first_seen": posted.take(first),
            "last_seen": posted.take(second),
            "origin": _origins(adverts, edges),
            "weight": pa.array(edges.weight, pa.float64(), from_pandas=True),
            "probability": pa.array(edges.probability, pa.float64(), from_pandas=True),
            "status": pa.array(EDGE_STATUSES, pa.string()).take(pa.array(edges.status)),
            "reason": pa.array(edges.reason, pa.string()),
            "campaign": taken(campaign_names, np.where(of_first == of_second, of_first, -1)),
            "against": _KINDS_OF_BITS.take(pa.array(edges.against)),
        },
        schema=TABLES["edges"],
    )


def _origins(adverts: pa.Table, edges: Edges) -> pa.Array:
    """Return the sources of both adverts of each edge: one list for each pair of sources."""
    sources, names = codes_of(adverts["source"])
    told, width = names.to_pylist(), len(names)
    pairs, place = np.unique(
        sources[edges.first] * width + sources[edges.second], return_inverse=True
    )
    both = zip(*(half.tolist() for half in np.divmod(pairs, max(width, 1))), strict=True)
    lists = [sorted({told[one], told[other]}) for one, other in both]
    return pa.array(lists, pa.list_(pa.string())).take(pa.array(place))


def bridge_table(
    bridges: Sequence[Bridge], campaigns: Sequence[str], names: Sequence[str]
) -> pa.Table:
    """Return the table of bridges, in their order.

    Args:
        bridges: The bridges.
        campaigns: Name of the campaign of each advert.
        names: Name of each edge.
    """
    rows = [
        {
            "campaign": campaigns[one.campaign],
            "edge": names[one.edge],
            "probability": None if np.isnan(one.probability) else one.probability,
            "smaller_side": one.smaller_side,
            "larger_side": one.larger_side,
            "others": [names[place] for place in one.others],
        }
        for one in bridges
    ]
    return pa.Table.from_pylist(rows, schema=TABLES["bridges"])
