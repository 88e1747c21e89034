"""The evidence behind the clusters of a prepared dataset, as a Parquet file beside its shards."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from adverts.clusters.links import LINK_KINDS, Links
from adverts.data.staging import open_private

LINKS = "links.parquet"


def write_links(path: Path, links: Links, refused: Links, *, ids: Sequence[str]) -> None:
    """Write one row for each link: both ids, its kind, the similarity, and whether it joined.

    Args:
        path: New file that only its owner can read.
        links: What joined adverts.
        refused: What did not, since a chain of them would join unlike adverts.
        ids: Identifier of each row that links count.
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
