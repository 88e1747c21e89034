"""The links of evidence of an export, and hypotheses, as pages have them."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.exports.columns import LINKS
from adverts_findings.campaigns.exports.plain_values import account_values
from adverts_findings.campaigns.networks.find_networks import find_links


def evidence_links(
    edges: pa.Table, bridges: pa.Table, *, ids: pa.Array, names: pa.Array
) -> pa.Table:
    """Return the edges between exported adverts, with the columns of an export.

    Args:
        edges: The table of edges of the bank.
        bridges: Its table of bridges.
        ids: Ids of the exported adverts.
        names: The token that stands for each of them.
    """
    first, second = (_places(edges[end], ids) for end in ("first", "second"))
    there = pc.and_(pc.is_valid(first), pc.is_valid(second))
    kept = edges.filter(there)
    is_account = pc.equal(kept["kind"], "account")
    columns = {
        "id": kept["edge"],
        "source": names.take(first.filter(there)),
        "target": names.take(second.filter(there)),
        "value": pc.if_else(is_account, account_values(kept["value"]), kept["value"]),
        "bridge": pc.is_in(kept["edge"], value_set=bridges["edge"].combine_chunks()),
    }
    columns |= {name: kept[name] for name in LINKS["evidence"] if name not in columns}
    return pa.table({name: columns[name] for name in LINKS["evidence"]})


def hypothesis_links(edges: pa.Table, adverts: pa.Table) -> pa.Table:
    """Return the hypotheses between campaigns that the page of networks has, as links.

    Args:
        edges: The table of edges of the bank.
        adverts: Its table of adverts, those that are exported alone.
    """
    found = find_links({"adverts": adverts, "edges": edges})
    return pa.table(
        {
            "source": pa.array([one.first for one in found], pa.string()),
            "target": pa.array([one.second for one in found], pa.string()),
            "links": pa.array([one.edges for one in found], pa.int64()),
            "kinds": pa.array([sorted(one.kinds) for one in found], pa.list_(pa.string())),
            "probability": pa.array([one.shared[0].probability for one in found], pa.float64()),
        }
    )


def _places(column: pa.ChunkedArray, ids: pa.Array) -> pa.Array:
    return pc.index_in(column, value_set=ids).combine_chunks()
