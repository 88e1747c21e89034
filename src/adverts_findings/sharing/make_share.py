"""What an order shares: which of the adverts that were read leave, and as what."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.moments import is_later
from adverts_findings.config.sharing import Kind, ShareConfig
from adverts_findings.sharing.leaving.checks import Checked, check_items
from adverts_findings.sharing.leaving.item import Item, Refusal
from adverts_findings.sharing.leaving.order import Order
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry, Shared, SharedItem, Signal
from adverts_findings.sharing.ledger.outstanding import OutItem, outstanding
from adverts_findings.sharing.ledger.references import item_reference

Signals = Mapping[str, tuple[Signal, ...]]
NEED_SIGNALS: tuple[Kind, ...] = ("hashes", "stix", "misp")
"""What holds nothing of an advert none of whose hashes may leave."""


@dataclass(frozen=True, slots=True)
class Offered:
    """What somebody asks to share, as it was read.

    Attributes:
        bank: Id of the bank that they are of.
        items: The adverts.
        signals: Hashes of each, by its name in reviews; empty where none may leave.
        no_signals: Why an advert has none.
        probability: The bank's calibrated probability that the adverts of a campaign belong
            together, by its name; without those that are not calibrated.
    """

    bank: str
    items: tuple[Item, ...]
    signals: Signals
    no_signals: tuple[Refusal, ...]
    probability: Mapping[str, float]


def order_of(config: ShareConfig, account: str) -> Order:
    """Return what is asked for, of a configuration that asks to share, with an account."""
    assert config.recipient is not None
    assert config.approved_by is not None
    assert config.purpose is not None
    assert config.expires is not None
    return Order(
        name=config.recipient,
        recipient=config.recipients[config.recipient],
        kinds=tuple(dict.fromkeys(config.kinds)),
        approved_by=config.approved_by,
        account=account,
        purpose=config.purpose,
        expires=config.expires,
        action=config.action,
        good_faith=config.good_faith or "",
        laws=config.laws,
        sender=config.sender,
    )


def is_such(entry: LedgerEntry, order: Order) -> bool:
    """Return whether an entry shares what an order asks, whatever the adverts are."""
    share = entry.shared
    return (
        share is not None
        and entry.recipient == order.name
        and share.kinds == order.kinds
        and share.purpose == order.purpose
        and share.expires == order.expires.isoformat()
        and share.action == order.action
        and share.good_faith == bool(order.good_faith)
    )


def would_make(
    before: Sequence[LedgerEntry], entry: LedgerEntry, order: Order, offered: Offered
) -> bool:
    """Return whether the order would have made this entry, had it been given in its place."""
    assert entry.shared is not None
    checked = check_offered(before, entry.at, order, offered)
    return make_share(before, order, checked, offered, salt=entry.shared.salt) == entry.shared


def check_offered(
    entries: Sequence[LedgerEntry], at: str, order: Order, offered: Offered
) -> Checked:
    """Return which of the adverts may leave as what, after some entries of the ledger.

    Args:
        entries: Entries of the ledger.
        at: Time of the share, ISO 8601 in UTC.
        order: What is asked for.
        offered: The adverts with their hashes.

    Raises:
        InputError: The order as a whole is not allowed.
    """
    day = datetime.datetime.fromisoformat(at).date()
    checked = check_items(offered.items, order, outstanding(entries), day)
    ahead = [
        Refusal(one.item, "all", f"its last review is dated {one.reviewed.at}, after now")
        for one in offered.items
        if is_later(one.reviewed.at, at)
    ]
    return checked.without(NEED_SIGNALS, offered.no_signals).without(order.kinds, ahead)


def at_recipient(entries: Sequence[LedgerEntry], recipient: str) -> Mapping[str, OutItem]:
    """Return what is or was at a recipient, by reference."""
    every = outstanding(entries)
    return {name: one for name, one in every.items() if one.recipient == recipient}


def make_share(
    entries: Sequence[LedgerEntry],
    order: Order,
    checked: Checked,
    offered: Offered,
    *,
    salt: str,
) -> Shared:
    """Return the share that an order makes after some entries."""
    known = {
        one.item.item: name
        for name, one in at_recipient(entries, order.name).items()
        if one.withdrawal is None
    }
    items = []
    for item in offered.items:
        kinds = tuple(kind for kind in order.kinds if item in checked.allowed[kind])
        if kinds:
            new = item_reference(order.name, item.item, salt)
            items.append(_item(item, known.get(item.item, new), kinds, offered.signals))
    campaigns = {one.campaign for one in items}
    return Shared(
        salt=salt,
        bank=offered.bank,
        kinds=order.kinds,
        purpose=order.purpose,
        legal_basis=order.recipient.legal_basis,
        expires=order.expires.isoformat(),
        action=order.action,
        good_faith=bool(order.good_faith),
        probability={one: offered.probability.get(one, -1.0) for one in sorted(campaigns)},
        items=tuple(sorted(items, key=lambda one: one.reference)),
    )


def _item(item: Item, reference: str, kinds: tuple[Kind, ...], signals: Signals) -> SharedItem:
    hashed = not set(kinds).isdisjoint(NEED_SIGNALS)
    return SharedItem(
        reference=reference,
        kinds=kinds,
        item=item.item,
        campaign=item.campaign,
        platform=item.platform,
        language=item.language,
        label=item.reviewed.label,
        first_seen="" if item.posted_at is None else item.posted_at.date().isoformat(),
        reviewed_at=item.reviewed.at,
        signals=signals.get(item.item, ()) if hashed else (),
    )
