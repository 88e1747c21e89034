"""The edges of a bank's tables as arrays, as the functions on campaigns take them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Floats, Ints
from adverts.errors import IntegrityError
from adverts.linking.edges import EDGE_KINDS, EDGE_STATUSES, Edges


@dataclass(frozen=True, slots=True, eq=False)
class BankEdges:
    """Edges and campaigns of the ``N`` adverts of a bank.

    Attributes:
        edges: The edges, between rows of adverts.
        roots: Smallest row of the campaign of each advert, ``(N,)``; its own row if it is in none.
        names: Name of the campaign of each advert; None if it is in none.
    """

    edges: Edges
    roots: Ints
    names: list[str | None]


def edges_of(tables: Mapping[str, pa.Table]) -> BankEdges:
    """Return the edges of a bank; the other kinds of evidence of each are left out.

    Raises:
        IntegrityError: An edge is of a kind or status that this version does not know, or of an
            advert that the bank does not hold.
    """
    adverts, table = tables["adverts"], tables["edges"]
    ids = adverts["id"].combine_chunks()
    edges = Edges(
        first=_places(table, "first", ids),
        second=_places(table, "second", ids),
        kind=_places(table, "kind", pa.array(EDGE_KINDS)),
        value=tuple(table["value"].to_pylist()),
        adverts=table["adverts"].to_numpy(),
        accounts=table["accounts"].to_numpy(),
        silence=_floats(table, "silence_days"),
        across=np.asarray(table["across"].to_numpy(), np.bool_),
        also=np.zeros(len(table), np.int64),
        weight=_floats(table, "weight"),
        probability=_floats(table, "probability"),
        status=_places(table, "status", pa.array(EDGE_STATUSES)),
        reason=tuple(table["reason"].to_pylist()),
    )
    return BankEdges(edges, _roots(adverts["campaign"]), adverts["campaign"].to_pylist())


def _places(table: pa.Table, column: str, values: pa.Array) -> Ints:
    found = pc.index_in(table[column], value_set=values)
    if found.null_count:
        row = int(np.flatnonzero(pc.is_null(found).to_numpy())[0])
        raise IntegrityError(
            f"the bank has the edge {table['edge'][row].as_py()} with {column} "
            f"{str(table[column][row].as_py())[:80]!r}, which is not known; build it again"
        )
    return np.asarray(found.to_numpy(), np.int64)


def _floats(table: pa.Table, column: str) -> Floats:
    return np.asarray(table[column].to_numpy(), np.float64)


def _roots(campaigns: pa.ChunkedArray) -> Ints:
    codes = campaigns.combine_chunks().dictionary_encode().indices
    rows = np.arange(len(codes), dtype=np.int64)
    inside = pc.is_valid(codes).to_numpy(zero_copy_only=False)
    names = codes.drop_null().to_numpy()
    first = np.full(int(names.max(initial=-1)) + 1, len(rows), np.int64)
    np.minimum.at(first, names, rows[inside])
    roots = rows.copy()
    roots[inside] = first[names]
    return roots
