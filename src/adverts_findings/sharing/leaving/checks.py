"""Which adverts may leave to a recipient as what, and why each of the others may not."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from adverts.data.review.people import person
from adverts.moments import is_later, moment
from adverts_findings.config.sharing import Kind, Sensitivity
from adverts_findings.sharing.leaving.item import AnyGroup, Item, Refusal
from adverts_findings.sharing.leaving.legal_ground import missing_ground
from adverts_findings.sharing.leaving.order import Order, require_allowed
from adverts_findings.sharing.leaving.posting_address import clean_id, clean_url
from adverts_findings.sharing.ledger.outstanding import OutItem

UNSTATED = "unstated"
"""Licence of data that states none; it allows nothing."""
_CAREFUL: Sequence[str] = get_args(Sensitivity)
_ANOTHER_GROUP: Mapping[AnyGroup, str] = {
    "A": "people judged it group A, such as somebody who travels or asks for help: never shared",
    "N": "people judged that it does not violate (group N)",
    "U": "people could not judge it (group U)",
    "?": "people disagree about its group",
}
_Reason = tuple[str, str]
"""Why something is refused, and what would change that; both empty if it is not."""
_FINE: _Reason = ("", "")


@dataclass(frozen=True, slots=True)
class Checked:
    """What may leave, and what may not.

    Attributes:
        allowed: Maps each kind that was asked for to the adverts that may leave as it, in order.
        refusals: Why each other advert may not, in the order of the adverts.
    """

    allowed: Mapping[Kind, tuple[Item, ...]]
    refusals: tuple[Refusal, ...]

    def without(self, kinds: Collection[Kind], refusals: Sequence[Refusal]) -> Checked:
        """Return it with more adverts refused as some kinds.

        A refusal of an advert that may leave as none of these kinds anyway is left out.

        Args:
            kinds: The kinds.
            refusals: Why each advert is refused.
        """
        names = {one.item for one in refusals}
        some = {
            one.item for kind in kinds for one in self.allowed.get(kind, ()) if one.item in names
        }
        allowed = {
            kind: tuple(one for one in items if kind not in kinds or one.item not in names)
            for kind, items in self.allowed.items()
        }
        more = tuple(one for one in refusals if one.item in some)
        return replace(self, allowed=allowed, refusals=(*self.refusals, *more))


def check_items(
    items: Sequence[Item], order: Order, state: Mapping[str, OutItem], today: datetime.date
) -> Checked:
    """Return which adverts may leave as what.

    The audience of the bundle that found an advert decides nothing: no score and no word of a model
    leaves, and each advert leaves on what people said of it.

    Args:
        items: The adverts.
        order: What is asked for.
        state: Everything that was ever shared, by reference, as of now.
        today: Day of today in UTC.

    Raises:
        InputError: The order as a whole is not allowed, whatever the adverts are.
    """
    require_allowed(order, today)
    kinds = tuple(dict.fromkeys(order.kinds))
    allowed: dict[Kind, list[Item]] = {kind: [] for kind in kinds}
    at_recipient: dict[str, list[OutItem]] = defaultdict(list)
    taken_back: dict[str, list[OutItem]] = defaultdict(list)
    for one in state.values():
        if one.recipient == order.name:
            at_recipient[one.item.item].append(one)
        if one.withdrawal is not None:
            taken_back[one.item.item].append(one)
    refusals = []
    for item in items:
        out = at_recipient.get(item.item, ())
        reason, until = _why_not(item, order, out, taken_back.get(item.item, ()), today)
        if reason:
            refusals.append(Refusal(item.item, "all", reason, until))
            continue
        for kind in kinds:
            reason, until = _why_not_as(kind, item, order, out, today)
            if reason:
                refusals.append(Refusal(item.item, kind, reason, until))
            else:
                allowed[kind].append(item)
    return Checked({kind: tuple(several) for kind, several in allowed.items()}, tuple(refusals))


def _why_not(
    item: Item,
    order: Order,
    out: Sequence[OutItem],
    taken_back: Sequence[OutItem],
    today: datetime.date,
) -> _Reason:
    """Return the first reason why nothing of an advert may leave."""
    rules: Sequence[Callable[[], _Reason]] = (
        lambda: _safeguarding(item),
        lambda: _group(item, today),
        lambda: _approver(item, order),
        lambda: _sensitivity(item, order),
        lambda: _licence(item, order),
        lambda: _retention(item, order, today),
        lambda: _withdrawn(item, order, taken_back),
        lambda: _other_terms(order, out, today),
    )
    return next((found for rule in rules if (found := rule()) != _FINE), _FINE)


def _safeguarding(item: Item) -> _Reason:
    signals = item.reviewed.safeguarding
    if not signals:
        return _FINE
    return (
        f"held for safeguarding: {', '.join(signals)}",
        "a person says that it was dealt with: adverts share danger=closed",
    )


def _group(item: Item, today: datetime.date) -> _Reason:
    reviewed = item.reviewed
    at = moment(reviewed.at)
    if at is None or not any(map(person, reviewed.reviewers)):
        return "no review names a person who judged it", "a person reviews it as group V"
    if reviewed.group != "V":
        changed = "a person who decides says group V" if reviewed.group == "?" else ""
        return _ANOTHER_GROUP[reviewed.group], changed
    if at.date() > today:
        return f"its last review is dated {at.date()}, after today", f"{at.date()}"
    return _FINE


def _approver(item: Item, order: Order) -> _Reason:
    reviewed = item.reviewed
    if order.approver in map(person, reviewed.reviewers):
        return "the person who approves the share reviewed it", "another person approves it"
    if _login(order.account) in map(_login, reviewed.accounts):
        until = "another person approves it, with an account of their own"
        return "the account that shares it reviewed it, under another name", until
    return _FINE


def _login(account: str) -> str:
    """Return the name in an account: people work at several machines, or in new containers."""
    return account.partition("@")[0]


def _sensitivity(item: Item, order: Order) -> _Reason:
    ceiling = order.recipient.sensitivity_ceiling
    if _CAREFUL.index(item.sensitivity) <= _CAREFUL.index(ceiling):
        return _FINE
    return f"its data is {item.sensitivity}; {order.name} may get {ceiling} at most", ""


def _licence(item: Item, order: Order) -> _Reason:
    if item.licence.strip().casefold() in ("", UNSTATED):
        return "its data states no licence", "the licence is stated where the data is configured"
    if item.licence not in order.recipient.licences:
        return f"its licence, {item.licence[:80]}, is not one of those for {order.name}", ""
    return _FINE


def _retention(item: Item, order: Order, today: datetime.date) -> _Reason:
    last = item.retain_until
    if last is None or order.expires <= last:
        return _FINE
    until = f"expires={last} or before" if last > today else ""
    return f"it may be kept until {last}, and the share expires later", until


def _withdrawn(item: Item, order: Order, taken_back: Sequence[OutItem]) -> _Reason:
    """Refuse what was taken back from anybody; an expiry elsewhere says nothing of the advert."""
    for one in taken_back:
        told = one.withdrawal
        assert told is not None, "it was taken back"
        if told.cause == "expired" and one.recipient != order.name:
            continue
        if not all(
            is_later(item.reviewed.at, before) for before in (told.at, one.item.reviewed_at)
        ):
            whom = "" if one.recipient == order.name else f" from {one.recipient}"
            return (
                f"it was withdrawn{whom} on {told.at[:10]} ({told.reference}, {told.cause}), and "
                "nobody has reviewed it since",
                "a new review says group V",
            )
    return _FINE


def _other_terms(order: Order, out: Sequence[OutItem], today: datetime.date) -> _Reason:
    """Refuse to change until when, or how, what the recipient has of an advert may be used."""
    for one in out:
        if one.withdrawal is not None:
            continue
        if one.is_over(today):
            return (
                f"what {order.name} has of it expired on {one.expires} ({one.item.reference}), and "
                "was not withdrawn",
                "withdraw=true, and a new review that says group V",
            )
        if one.expires != order.expires.isoformat() and set(order.kinds) - set(one.kinds):
            return (
                f"{order.name} has it until {one.expires} ({one.item.reference}), and another "
                "kind of it would change that",
                f"expires={one.expires}",
            )
        if one.action != order.action and set(order.kinds) - set(one.kinds):
            return (
                f"{order.name} has it with action={one.action} ({one.item.reference}), and another "
                "kind of it would change that",
                f"action={one.action}",
            )
    return _FINE


def _why_not_as(
    kind: Kind, item: Item, order: Order, out: Sequence[OutItem], today: datetime.date
) -> _Reason:
    """Return the first reason why an advert may not leave as one kind."""
    for one in out:
        if kind in one.kinds and one.is_current(today):
            return (
                f"{order.name} has it as {kind} since {one.since[:10]} ({one.item.reference})",
                "it is withdrawn, and reviewed again",
            )
    return _no_notice(item, order) if kind == "notice" else _FINE


def _no_notice(item: Item, order: Order) -> _Reason:
    if not item.platform:
        return "nobody knows on which platform it was posted", ""
    if item.platform not in order.recipient.platforms:
        return f"it was posted on {item.platform}, which {order.name} does not run", ""
    place = clean_id(item.platform_item_id)
    if not place and not clean_url(item.url, place):
        return (
            "neither an address nor an id on the platform is known that a notice can state",
            "it is linked from scores whose data names data.columns.url",
        )
    return missing_ground(order, item.reviewed.label), ""
