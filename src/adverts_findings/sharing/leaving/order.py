"""What somebody asks to share with one recipient, and what of that its configuration forbids."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from adverts.data.review.people import person
from adverts.errors import InputError
from adverts_findings.config.sharing import Kind, LawConfig, RecipientConfig, SenderConfig


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for, whatever the adverts are.

    Attributes:
        name: Name of the recipient in the configuration.
        recipient: The recipient.
        kinds: What is to be written of every advert.
        approved_by: Person who signs it off.
        account: Account of the system that it is asked for with.
        purpose: What it is shared for.
        expires: Last day on which it may be used.
        action: What is asked of hashes and indicators.
        good_faith: Person who states in good faith that notices are accurate; empty: nobody does.
        laws: Laws that notices can rest on, by name.
        sender: Who shares.
    """

    name: str
    recipient: RecipientConfig
    kinds: tuple[Kind, ...]
    approved_by: str
    account: str
    purpose: str
    expires: datetime.date
    action: Literal["review", "block"]
    good_faith: str
    laws: Mapping[str, LawConfig]
    sender: SenderConfig

    @property
    def approver(self) -> str:
        """The person who signs it off, as names are compared."""
        return person(self.approved_by)


def require_allowed(order: Order, today: datetime.date) -> None:
    """Refuse an order that its recipient's configuration does not allow, whatever the adverts are.

    Args:
        order: The order.
        today: Day of today in UTC.

    Raises:
        InputError: A part of it is not allowed. The message says which and what is, and names no
            person.
    """
    fault = next(_faults(order, today), None)
    if fault is not None:
        raise InputError(f"{fault}; nothing is shared")


def _faults(order: Order, today: datetime.date) -> Iterator[str]:
    who, name = order.recipient, order.name
    if not order.kinds:
        yield "kinds= names nothing; give what is to be shared"
    for kind in order.kinds:
        if kind not in who.kinds:
            yield f"{name} may not get {kind}, only {', '.join(who.kinds)}"
    if not order.approver or order.approver not in map(person, who.approvers):
        yield f"approved_by= names nobody who may approve a share with {name}, see its approvers"
    if order.purpose not in who.purposes:
        yield (
            f"nothing may be given to {name} for the purpose {order.purpose[:80]!r}, only for "
            f"{', '.join(who.purposes)}"
        )
    yield from _faults_of_expiry(order, today)
    if order.action == "block" and not who.block:
        yield f"{name} may not be told to block; give action=review"


def _faults_of_expiry(order: Order, today: datetime.date) -> Iterator[str]:
    days = order.recipient.longest_days
    if order.expires <= today:
        yield f"expires={order.expires} is not after today, {today}"
    if (order.expires - today).days > days:
        last = today + datetime.timedelta(days=days)
        yield (
            f"expires={order.expires} is more than {days:,} days away, the most for {order.name}; "
            f"give {last} or a day before"
        )
