"""Edges and campaigns of a bank, as they are used, from its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Floats, Ints
from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, Edges


@dataclass(frozen=True, slots=True, eq=False)
class StoredEdges:
    """The edges of a bank, of adverts in the order of its table ``adverts``.

    Attributes:
        edges: The edges, in the order of the table ``edges``.
        roots: Smallest row of the campaign of each advert; its own row if it is alone.
        bridges: Places of the edges that are bridges.
    """

    edges: Edges
    roots: Ints
    bridges: frozenset[int]


def stored_edges(tables: Mapping[str, pa.Table]) -> StoredEdges:
    """Return the edges of a bank.

    Args:
        tables: Its tables ``adverts``, ``edges`` and ``bridges``.
    """
    adverts, told = tables["adverts"], tables["edges"]
    ids = adverts["id"].combine_chunks()
    names = tables["bridges"]["edge"].combine_chunks()
    found = Edges(
        first=_places(told["first"], ids),
        second=_places(told["second"], ids),
        kind=_codes(told["kind"], EDGE_KINDS),
        value=tuple(told["value"].to_pylist()),
        adverts=_whole(told["adverts"]),
        accounts=_whole(told["accounts"]),
        silence=_floats(told["silence_days"]),
        across=np.asarray(told["across"].to_numpy(), np.bool_),
        also=_bits(told["also"].to_pylist()),
        weight=_floats(told["weight"]),
        probability=_floats(told["probability"]),
        status=_codes(told["status"], EDGE_STATUSES),
        reason=tuple(told["reason"].to_pylist()),
        against=_bits(told["against"].to_pylist()),
    )
    bridges = np.flatnonzero(pc.is_in(told["edge"], names).to_numpy(zero_copy_only=False))
    return StoredEdges(found, _roots(adverts), frozenset(bridges.tolist()))


def campaigns_of(tables: Mapping[str, pa.Table]) -> dict[str, list[str]]:
    """Return the ids of the adverts of each campaign of a bank."""
    found: dict[str, list[str]] = {}
    adverts = tables.get("adverts")
    if adverts is None:
        return found
    columns = (adverts[name].to_pylist() for name in ("id", "campaign"))
    for one, campaign in zip(*columns, strict=True):
        if campaign is not None:
            found.setdefault(campaign, []).append(one)
    return found


def _roots(adverts: pa.Table) -> Ints:
    roots = np.arange(len(adverts), dtype=np.int64)
    first: dict[str, int] = {}
    for row, campaign in enumerate(adverts["campaign"].to_pylist()):
        if campaign is not None:
            roots[row] = first.setdefault(campaign, row)
    return roots


def _places(column: pa.ChunkedArray, ids: pa.Array) -> Ints:
    return _whole(pc.index_in(column, value_set=ids))


def _codes(column: pa.ChunkedArray, names: Sequence[str]) -> Ints:
    return _whole(pc.index_in(column, value_set=pa.array(names, pa.string())))


def _whole(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.to_numpy(), np.int64)


def _floats(column: pa.ChunkedArray) -> Floats:
    return np.asarray(column.to_numpy(zero_copy_only=False), np.float64)


def _bits(several: Sequence[Sequence[str]]) -> Ints:
    places: dict[str, int] = {kind: 1 << place for place, kind in enumerate(EDGE_KINDS)}
    return np.array([sum(places[kind] for kind in one) for one in several], np.int64)
