"""Reads and writes the links behind clusters, and contacts that join none, as Parquet files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from adverts.clusters.link_contacts import UnlinkedContact
from adverts.clusters.links import LINK_KINDS, Links
from adverts.files.staging import open_private

LINKS = "links.parquet"
UNLINKED_CONTACTS = "unlinked_contacts.parquet"
_SCHEMA = pa.schema([("token", pa.string()), ("reason", pa.string()), ("id", pa.string())])


def write_links(path: Path, links: Links, refused: Links, *, ids: Sequence[str]) -> None:
    """Write one row for each link: both ids, its kind, the similarity, and whether it joined.

    Args:
        path: New file that only its owner can read.
        links: Links that joined adverts.
        refused: Links that did not, since a chain of them would join unlike adverts.
        ids: Identifiers of the rows that links refer to by number.
    """
    names = pa.array(list(ids), pa.large_string())
    first = np.concatenate([links.first, refused.first])
    second = np.concatenate([links.second, refused.second])
    kinds = np.concatenate([links.kinds, refused.kinds]).astype(np.int8)
    joined = np.arange(len(first)) < len(links)
    table = pa.table(
        {
            "first": names.take(pa.array(first)),
            "second": names.take(pa.array(second)),
            "kind": pa.DictionaryArray.from_arrays(kinds, list(LINK_KINDS)),
            "similarity": np.concatenate([links.similarity, refused.similarity]),
            "joined": joined,
        }
    )
    with open_private(path) as file:
        pq.write_table(table, file, compression="zstd")


@dataclass(frozen=True, slots=True, eq=False)
class StoredLinks:
    """The links of a prepared dataset, between adverts by number.

    Attributes:
        others: Ids that links name but the dataset does not hold: adverts that were left out.
        kind_names: Every kind that occurs.
        kinds: Index into ``kind_names``, ``(P,)``.
        first: One advert of each link: its row, or the number of rows plus an index into
            ``others``.
        second: The other advert of each link.
        similarity: Similarity of the adverts; 1.0 if they are equal.
        joined: Whether the link joined its adverts to one cluster.
        num_rows: Number of adverts of the dataset.
    """

    others: tuple[str, ...]
    kind_names: tuple[str, ...]
    kinds: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    similarity: NDArray[np.float64]
    joined: NDArray[np.bool_]
    num_rows: int

    def __len__(self) -> int:
        """Number of links."""
        return len(self.first)


def read_links(path: Path, ids: Sequence[str]) -> StoredLinks:
    """Read the links of a prepared dataset; there are none if the file does not exist.

    Args:
        path: ``links.parquet`` next to the shards.
        ids: Identifier of each row of the dataset.
    """
    if not path.is_file():
        none = np.array([], np.int64)
        return StoredLinks(
            (), (), none, none, none, none.astype(float), none.astype(bool), len(ids)
        )
    table = pq.read_table(path).combine_chunks()
    known = pa.array(list(ids), pa.large_string())
    named = pc.unique(pa.chunked_array([*table["first"].chunks, *table["second"].chunks]))
    others = named.filter(pc.invert(pc.is_in(named, value_set=known))).sort()
    everything = pa.concat_arrays([known, others.cast(pa.large_string())])
    kinds = table["kind"].cast(pa.string()).combine_chunks().dictionary_encode()
    return StoredLinks(
        others=tuple(others.to_pylist()),
        kind_names=tuple(kinds.dictionary.to_pylist()),
        kinds=_integers(kinds.indices),
        first=_integers(pc.index_in(table["first"], value_set=everything)),
        second=_integers(pc.index_in(table["second"], value_set=everything)),
        similarity=table["similarity"].to_numpy().astype(np.float64),
        joined=np.asarray(table["joined"].to_numpy(), dtype=bool),
        num_rows=len(ids),
    )


def count_links(path: Path) -> tuple[dict[str, int], int]:
    """Return the number of links of each kind that joined adverts, and of refused links."""
    table = pq.read_table(path, columns=["kind", "joined"])
    joined = Counter(table.filter(table["joined"])["kind"].to_pylist())
    counts: dict[str, int] = {kind: joined[kind] for kind in LINK_KINDS if joined[kind]}
    return counts, len(table) - joined.total()


def _integers(column: pa.Array) -> NDArray[np.int64]:
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)


def write_unlinked_contacts(
    path: Path, contacts: Sequence[UnlinkedContact], *, ids: Sequence[str]
) -> None:
    """Write one row for each contact and advert that shows it, with why the contact joins nothing.

    Args:
        path: New file that only its owner can read.
        contacts: Contacts as found by clustering.
        ids: Identifiers of the rows that the contacts refer to by number.
    """
    rows = [
        {"token": one.token, "reason": one.reason, "id": ids[row]}
        for one in contacts
        for row in one.rows
    ]
    with open_private(path) as file:
        pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), file, compression="zstd")
