"""The links of evidence of an export, and hypotheses, which follow from those that do not join."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from adverts.linking.exports.columns import LINKS
from adverts.linking.exports.plain_values import account_values

_PARTED = "judged"


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


def hypothesis_links(edges: pa.Table, adverts: pa.Table, campaigns: pa.ChunkedArray) -> pa.Table:
    """Return pairs of exported campaigns between which evidence lies that joins nothing.

    Pairs of which a person said that they are different advertisers are left out, and so are
    campaigns of a single advert.

    Args:
        edges: The table of edges of the bank.
        adverts: Its table of adverts, those that are exported alone.
        campaigns: Names of the exported campaigns.
    """
    ids, owners = adverts["id"].combine_chunks(), _larger(adverts, campaigns)
    ends = [owners.take(_places(edges[end], ids)) for end in ("first", "second")]
    between = pa.table(
        {
            "source": pc.min_element_wise(*ends, skip_nulls=False),
            "target": pc.max_element_wise(*ends, skip_nulls=False),
            "kind": edges["kind"],
            "probability": edges["probability"],
        }
    ).filter(pc.and_(pc.not_equal(*ends), pc.not_equal(edges["status"], "joins")))
    pairs = between.group_by(["source", "target"], use_threads=False).aggregate(
        [("kind", "count"), ("kind", "distinct"), ("probability", "max")]
    )
    kinds = [sorted(one) for one in pairs["kind_distinct"].to_pylist()]
    is_open = pa.array([_PARTED not in one for one in kinds], pa.bool_())
    return pa.table(
        {
            "source": pairs["source"],
            "target": pairs["target"],
            "links": pairs["kind_count"],
            "kinds": pa.array(kinds, pa.list_(pa.string())),
            "probability": pairs["probability_max"],
        }
    ).filter(is_open)


def _larger(adverts: pa.Table, campaigns: pa.ChunkedArray) -> pa.Array:
    """Return the campaign of each advert; missing if it is not exported or has no other advert."""
    owners = adverts["campaign"].combine_chunks()
    counted = pc.value_counts(owners)
    several = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    known = pc.and_(
        pc.is_in(owners, value_set=several), pc.is_in(owners, value_set=campaigns.combine_chunks())
    )
    return pc.if_else(known, owners, pa.scalar(None, pa.string()))


def _places(column: pa.ChunkedArray, ids: pa.Array) -> pa.Array:
    return pc.index_in(column, value_set=ids).combine_chunks()
