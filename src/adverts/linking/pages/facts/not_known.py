"""What is not known of the adverts of a campaign, and what they show that counts for nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from adverts.linking.pages.campaign_rows import AdvertRow
from adverts.linking.pages.describe_edges import shown_listed
from adverts.linking.pages.edge_record import ShownListed

MOST_LISTED = 100
"""Most values that join nothing in a record."""


def not_counted(adverts: Sequence[AdvertRow], listed: pa.Table) -> tuple[ShownListed, ...]:
    """Return contacts that adverts show and that join nothing."""
    shown = {value for one in adverts for value in one["contacts"] or ()}
    mine = pc.is_in(listed["value"], value_set=pa.array(sorted(shown), pa.string()))
    return shown_listed(listed.filter(mine), most=MOST_LISTED)


def not_known(adverts: Sequence[AdvertRow]) -> Mapping[str, int]:
    """Return of how many adverts something is not known."""
    missing = {
        "time": sum(one["posted_at"] is None for one in adverts),
        "platform": sum(one["platform"] is None for one in adverts),
        "account": sum(one["account"] is None for one in adverts),
        "language": sum(one["language"] is None for one in adverts),
        "contact": sum(not one["contacts"] for one in adverts),
    }
    return {name: number for name, number in missing.items() if number}
