"""The contacts that join no adverts, as a Parquet file beside the shards of a prepared dataset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from adverts.clusters.shared_contacts import UnlinkedContact
from adverts.files.staging import open_private

UNLINKED_CONTACTS = "unlinked_contacts.parquet"
_SCHEMA = pa.schema([("token", pa.string()), ("reason", pa.string()), ("id", pa.string())])


def write_unlinked_contacts(
    path: Path, contacts: Sequence[UnlinkedContact], *, ids: Sequence[str]
) -> None:
    """Write one row for each contact and advert that shows it, with why the contact joins nothing.

    Args:
        path: New file that only its owner can read.
        contacts: As clustering found them.
        ids: Identifier of each row that they count.
    """
    rows = [
        {"token": one.token, "reason": one.reason, "id": ids[row]}
        for one in contacts
        for row in one.rows
    ]
    with open_private(path) as file:
        pq.write_table(pa.Table.from_pylist(rows, _SCHEMA), file, compression="zstd")
