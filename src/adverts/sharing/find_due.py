"""What has to be withdrawn: expired, gone from the bank, reviewed anew, or judged apart."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from adverts.data.review.reviews import item_name
from adverts.linking.bank.overdue import LAST_DAYS, not_overdue
from adverts.linking.bank.read_bank import Bank
from adverts.linking.pages.former_ids import CampaignHistory
from adverts.sharing.leaving.item import Reviewed
from adverts.sharing.ledger.ledger_entry import Cause
from adverts.sharing.ledger.outstanding import OutItem


@dataclass(frozen=True, slots=True)
class Known:
    """What is known today of the adverts that were shared.

    Attributes:
        campaigns: Maps the name of each advert of the bank in reviews to its campaign; empty text
            where it is in none. Adverts that may be kept no longer are not there.
        became: Maps former ids of campaigns to what took their place.
        reviewed: What people said, by the name of the advert.
        day: Day of today, in UTC.
    """

    campaigns: Mapping[str, str]
    became: Mapping[str, str]
    reviewed: Mapping[str, Reviewed]
    day: datetime.date


def known_of(bank: Bank, reviewed: Mapping[str, Reviewed], day: datetime.date) -> Known:
    """Return what a bank and reviews say today.

    Raises:
        IntegrityError: The bank is damaged.
    """
    table = bank.table("adverts", ("id", "campaign", LAST_DAYS["adverts"]))
    table = not_overdue(table, day)
    ids, names = table["id"].to_pylist(), table["campaign"].to_pylist()
    campaigns = {item_name(one): name or "" for one, name in zip(ids, names, strict=True)}
    open_now = frozenset(name for name in campaigns.values() if name)
    became = CampaignHistory(bank.table("replaced")).all_current(open_now)
    return Known(campaigns, became, reviewed, day)


def find_due(out: Mapping[str, OutItem], known: Known) -> Mapping[str, dict[str, Cause]]:
    """Return what has to be withdrawn of each recipient: references of items, and why.

    Args:
        out: All that was ever shared, by reference.
        known: What is known today.
    """
    found: dict[str, dict[str, Cause]] = {}
    for reference, one in sorted(out.items()):
        cause = None if one.withdrawal is not None else _cause(one, known)
        if cause is not None:
            found.setdefault(one.recipient, {})[reference] = cause
    return found


def _cause(one: OutItem, known: Known) -> Cause | None:
    campaign = known.campaigns.get(one.item.item)
    said = known.reviewed.get(one.item.item)
    if said is None or said.group != "V" or said.safeguarding:
        return "reviewed anew"
    if campaign is None:
        return "left the bank"
    before = known.became.get(one.item.campaign, one.item.campaign)
    if campaign != before:
        return "judged apart"
    return "expired" if one.is_over(known.day) else None
