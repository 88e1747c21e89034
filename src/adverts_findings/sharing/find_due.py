"""What has to be withdrawn: expired, gone from the bank, reviewed anew, or judged apart."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from adverts.data.review.reviews import item_name
from adverts.errors import InputError, plural
from adverts_findings.campaigns.bank.erased_ids import read_erased
from adverts_findings.campaigns.bank.overdue import not_overdue
from adverts_findings.campaigns.bank.read_bank import Bank
from adverts_findings.campaigns.bank_tables import LAST_DAYS
from adverts_findings.campaigns.build import memory_of
from adverts_findings.campaigns.pages.former_ids import CampaignHistory
from adverts_findings.sharing.leaving.item import Reviewed
from adverts_findings.sharing.ledger.ledger_entry import Cause
from adverts_findings.sharing.ledger.outstanding import OutItem


@dataclass(frozen=True, slots=True)
class Known:
    """What is known today of the adverts that were shared.

    Attributes:
        bank: Id of the bank. It says nothing of adverts of another one.
        campaigns: Maps the name of each advert of the bank in reviews to its campaign; empty text
            where it is in none. Adverts that may be kept no longer are not there.
        became: Maps former ids of campaigns to what took their place.
        reviewed: What people said, by the name of the advert.
        day: Day of today, in UTC.
    """

    bank: str
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
    erased = read_erased(bank.folder)
    campaigns = {
        item_name(one): name or ""
        for one, name in zip(ids, names, strict=True)
        if one not in erased
    }
    open_now = frozenset(name for name in campaigns.values() if name)
    became = CampaignHistory(bank.table("replaced")).all_current(open_now)
    return Known(bank_id(bank), campaigns, became, reviewed, day)


def bank_id(bank: Bank) -> str:
    """Return the id of a bank."""
    return memory_of({"builds": bank.table("builds")}).bank


def find_due(out: Mapping[str, OutItem], known: Known) -> Mapping[str, dict[str, Cause]]:
    """Return what has to be withdrawn of each recipient: references of items, and why.

    Of adverts of another bank only what has expired is found.

    Args:
        out: All that was ever shared, by reference.
        known: What is known today.

    Raises:
        InputError: The reviews lack adverts that were shared by a review and are still in the bank,
            so they are not the reviews that those were shared by.
    """
    waiting = {name: one for name, one in out.items() if one.withdrawal is None}
    _require_reviews(waiting, known)
    found: dict[str, dict[str, Cause]] = {}
    for reference, one in sorted(waiting.items()):
        cause = _cause(one, known)
        if cause is not None:
            found.setdefault(one.recipient, {})[reference] = cause
    return found


def _require_reviews(waiting: Mapping[str, OutItem], known: Known) -> None:
    lacking = [
        name
        for name, one in sorted(waiting.items())
        if one.bank == known.bank
        and one.item.item in known.campaigns
        and one.item.item not in known.reviewed
    ]
    if lacking:
        raise InputError(
            f"the reviews say nothing of {plural(len(lacking), 'advert')} that a review let out, "
            f"such as {lacking[0]}; give reviews= as it was, with all that was added since"
        )


def _cause(one: OutItem, known: Known) -> Cause | None:
    over: Cause | None = "expired" if one.is_over(known.day) else None
    if one.bank != known.bank:
        return over
    campaign = known.campaigns.get(one.item.item)
    if campaign is None:
        return "left the bank"
    said = known.reviewed[one.item.item]
    if said.group != "V" or said.safeguarding:
        return "reviewed anew"
    if campaign != known.became.get(one.item.campaign, one.item.campaign):
        return "judged apart"
    return over
