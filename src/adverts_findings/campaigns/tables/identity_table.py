"""The table of posting identities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from adverts.arrays import Ints
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.found import Identity
from adverts_findings.campaigns.tables.column_codes import (
    codes_of,
    pairs_of,
    plain,
    spans_of,
    taken,
)
from adverts_findings.campaigns.tables.grouped import Grouped, identity_rows


def identity_table(
    adverts: pa.Table,
    identities: Sequence[Identity],
    names: Sequence[str],
    standings: Sequence[str],
) -> pa.Table:
    """Return the table of posting identities, in their order.

    Args:
        adverts: The table of adverts, in the order of the rows of the identities.
        identities: The identities.
        names: Lasting name of each.
        standings: Standing of each, as people said.
    """
    rows = identity_rows(identities)
    first, last = spans_of(adverts["posted_at"], rows)
    accounts, _ = codes_of(adverts["account"])
    owner, _ = pairs_of(rows.groups, accounts[rows.members])
    campaigns, campaign_names = codes_of(adverts["campaign"])
    return pa.table(
        {
            "identity": pa.array(names, pa.string()),
            "kind": pa.array([one.kind for one in identities], pa.string()),
            "value": pa.array([one.value for one in identities], pa.string()),
            "platform": pa.array([one.platform for one in identities], pa.string()),
            "first_seen": first,
            "last_seen": last,
            "adverts": pa.array(rows.sizes),
            "accounts": pa.array(np.bincount(owner, minlength=len(rows)), pa.int64()),
            "campaign": taken(campaign_names, _only(campaigns, rows)),
            "standing": pa.array(standings, pa.string()),
            "shown_in": pa.ListArray.from_arrays(
                pa.array(np.append(0, np.cumsum(rows.sizes)), pa.int32()),
                plain(adverts["id"]).take(pa.array(rows.members)),
            ),
        },
        schema=TABLES["identities"],
    )


def _only(codes: Ints, rows: Grouped) -> Ints:
    """Return the code that all rows of a group have; -1 where they have several or none."""
    if not len(rows):
        return codes[:0]
    of_rows = codes[rows.members]
    least = np.minimum.reduceat(of_rows, rows.starts)
    return np.where(np.maximum.reduceat(of_rows, rows.starts) == least, least, -1)
