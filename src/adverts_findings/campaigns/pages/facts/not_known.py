"""What is not known of the adverts of a campaign, and what they show that counts for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from adverts_findings.campaigns.pages.campaign_rows import AdvertRow
from adverts_findings.campaigns.pages.describe_edges import shown_listed
from adverts_findings.campaigns.pages.edge_record import ShownListed

MOST_LISTED = 100
"""Most values that join nothing in a record."""


_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Adverts of which one thing is not known.

    Attributes:
        adverts: Number of adverts.
        ids: Their ids, in order: at most ten.
    """

    adverts: int
    ids: tuple[str, ...]


def not_counted(adverts: Sequence[AdvertRow], listed: pa.Table) -> tuple[ShownListed, ...]:
    """Return contacts that adverts show and that join nothing."""
    here = Counter(value for one in adverts for value in set(one["contacts"] or ()))
    mine = pc.is_in(listed["value"], value_set=pa.array(sorted(here), pa.string()))
    return shown_listed(listed.filter(mine), most=MOST_LISTED, here=here)


def not_known(adverts: Sequence[AdvertRow]) -> Mapping[str, NotKnown]:
    """Return of which adverts something is not known."""
    missing = {
        "time": [one["id"] for one in adverts if one["posted_at"] is None],
        "platform": [one["id"] for one in adverts if one["platform"] is None],
        "account": [one["id"] for one in adverts if one["account"] is None],
        "language": [one["id"] for one in adverts if one["language"] is None],
        "contact": [one["id"] for one in adverts if not one["contacts"]],
    }
    return {
        what: NotKnown(len(ids), tuple(sorted(ids)[:_MOST_NAMED]))
        for what, ids in missing.items()
        if ids
    }
