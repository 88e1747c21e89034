"""The table of campaigns: those of now, and those that are closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Ints
from adverts_findings.campaigns.bank_tables import TABLES
from adverts_findings.campaigns.found import FoundCampaigns, Identity
from adverts_findings.campaigns.tables.column_codes import codes_of, pairs_of, plain
from adverts_findings.campaigns.tables.grouped import identity_rows

_COUNTED = [
    ("id", "count"),
    ("account", "count_distinct"),
    ("template", "count_distinct"),
    ("posted_at", "min"),
    ("posted_at", "max"),
]


def campaign_table(
    adverts: pa.Table,
    identities: Sequence[Identity],
    found: FoundCampaigns,
    *,
    build: int,
    calibrated: bool,
    before: Mapping[str, pa.Table],
) -> pa.Table:
    """Return the table of campaigns, in the order of their names.

    Args:
        adverts: The table of adverts, in the order of the rows of the campaigns.
        identities: Posting identities.
        found: The campaigns.
        build: Number of the build.
        calibrated: Whether probabilities are calibrated.
        before: Tables of the build before; empty for a new bank.
    """
    told = (
        adverts.select(["campaign", "id", "account", "template", "posted_at"])
        .filter(pc.is_valid(adverts["campaign"]))
        .group_by("campaign")
        .aggregate(_COUNTED)
        .sort_by("campaign")
    )
    codes, names = codes_of(adverts["campaign"])
    order = pc.index_in(plain(told["campaign"]), value_set=names).to_numpy(zero_copy_only=False)
    roots = _roots(codes, found.roots, len(names))[order].tolist()
    now = pa.table(
        {
            "campaign": told["campaign"],
            "opened_build": _opened(told["campaign"], build, before),
            "closed_build": pa.nulls(len(told), pa.int32()),
            "adverts": told["id_count"],
            "accounts": told["account_count_distinct"],
            "templates": told["template_count_distinct"],
            "identities": pa.array(_identity_counts(codes, identities, len(names))[order]),
            "first_seen": told["posted_at_min"],
            "last_seen": told["posted_at_max"],
            "probability": pa.array(
                [found.probability.get(root) for root in roots], pa.float64(), from_pandas=True
            ),
            "calibrated": pa.array([calibrated] * len(told), pa.bool_()),
            "part_count": pa.array(_part_counts(codes, found.parts, len(names))[order], pa.int32()),
            "largest_piece": pa.array(
                [found.largest_piece.get(root) for root in roots], pa.float64()
            ),
        },
        schema=TABLES["campaigns"],
    )
    return pa.concat_tables([now, _closed(now, build, before)]).sort_by("campaign")


def _roots(codes: Ints, roots: Ints, count: int) -> Ints:
    """Return the smallest row of each campaign."""
    found = np.zeros(count, np.int64)
    inside = codes >= 0
    found[codes[inside]] = roots[inside]
    return found


def _part_counts(codes: Ints, parts: Ints, count: int) -> Ints:
    """Return the number of communities of each campaign."""
    found = np.ones(count, np.int64)
    inside = codes >= 0
    np.maximum.at(found, codes[inside], parts[inside] + 1)
    return found


def _identity_counts(codes: Ints, identities: Sequence[Identity], count: int) -> Ints:
    """Return the number of identities with an advert in each campaign."""
    rows = identity_rows(identities)
    _, campaigns = pairs_of(rows.groups, codes[rows.members])
    return np.bincount(campaigns, minlength=count).astype(np.int64)


def _opened(names: pa.ChunkedArray, build: int, before: Mapping[str, pa.Table]) -> pa.Array:
    """Return the build that opened each campaign."""
    if "campaigns" not in before:
        return pa.array([build] * len(names), pa.int32())
    known = before["campaigns"]
    places = pc.index_in(plain(names), value_set=plain(known["campaign"]))
    return pc.fill_null(plain(known["opened_build"]).take(places), pa.scalar(build, pa.int32()))


def _closed(now: pa.Table, build: int, before: Mapping[str, pa.Table]) -> pa.Table:
    """Return the campaigns of before that are no longer, with the build that closed each."""
    if "campaigns" not in before:
        return now.slice(0, 0)
    known = before["campaigns"].cast(TABLES["campaigns"])
    over = known.filter(pc.invert(pc.is_in(known["campaign"], value_set=plain(now["campaign"]))))
    since = pc.fill_null(over["closed_build"], pa.scalar(build, pa.int32()))
    place = over.schema.get_field_index("closed_build")
    return over.set_column(place, over.schema.field(place), since)
