"""The contacts that join no adverts, as a Parquet file beside the shards of a prepared dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.clusters.shared_contacts import UnlinkedContact
from adverts.data.staging import open_private

UNLINKED_CONTACTS = "unlinked_contacts.parquet"
_SCHEMA = pa.schema(
    [
        ("token", pa.string()),
        ("reason", pa.string()),
        ("adverts", pa.int64()),
        ("accounts", pa.int64()),
    ]
)


def write_unlinked_contacts(path: Path, contacts: Sequence[UnlinkedContact]) -> None:
    """Write one row for each contact, with why it joins nothing, into a private file."""
    with open_private(path) as file:
        pq.write_table(pa.Table.from_pylist([asdict(one) for one in contacts], _SCHEMA), file)
