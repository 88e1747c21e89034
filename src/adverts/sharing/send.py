"""Share adverts of campaigns with one recipient: check, record in the ledger, write the folder."""

from __future__ import annotations

import datetime
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adverts.config.sharing import Kind, ShareConfig
from adverts.errors import InputError, plural
from adverts.sharing.leaving.checks import Checked, Order, check_items
from adverts.sharing.leaving.item import Item, Refusal
from adverts.sharing.leaving.moments import is_later
from adverts.sharing.ledger.ledger_entry import LedgerEntry, Shared, SharedItem, Signal
from adverts.sharing.ledger.open_ledger import ledger_turn
from adverts.sharing.ledger.outstanding import OutItem, outstanding
from adverts.sharing.ledger.references import act_reference, item_reference
from adverts.sharing.write_folder import outgoing_of, require_place, write_folder

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


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a share.

    Attributes:
        entry: The ledger's line of it; None if nothing could leave.
        is_again: Whether the same share was recorded before, and its files were written again.
        refusals: What did not leave, and why.
    """

    entry: LedgerEntry | None
    is_again: bool
    refusals: tuple[Refusal, ...]


def send(
    config: ShareConfig,
    offered: Offered,
    *,
    now: datetime.datetime,
    account: str,
    log: Callable[[LedgerEntry], None],
) -> Sent:
    """Share what may leave, and write the folder of it.

    Files are written first, then the ledger's line, then the folder appears: a process that is
    killed leaves either nothing, or a line whose files the same command writes again, byte by byte.
    A share that was recorded before is not recorded twice.

    Args:
        config: What is asked.
        offered: The adverts with their hashes.
        now: Time of now, in UTC.
        account: Account of the system that does it.
        log: Tells the bank's log of a share before it is recorded in the ledger.

    Raises:
        InputError: The order is not allowed as a whole, or the folder holds something else.
        IntegrityError: The ledger is damaged.
    """
    order = order_of(config)
    assert config.share_dir is not None
    with ledger_turn(config.ledger) as turn:
        for number, entry in enumerate(turn.entries):
            before = turn.entries[:number]
            if _is_such(entry, order) and _made_then(before, entry, order, offered):
                require_place(config.share_dir, entry.reference)
                _refuse_withdrawn(turn.entries, number, now)
                refusals = _checked(before, entry.at, order, offered).refusals
                _write(config, turn.entries[: number + 1], offered, refusals, record=_nothing)
                return Sent(entry, True, refusals)
        at = now.astimezone(datetime.UTC).isoformat(timespec="seconds")
        checked = _checked(turn.entries, at, order, offered)
        shared = _shared(turn.entries, order, checked, offered, salt=secrets.token_hex(16))
        if not shared.items:
            return Sent(None, False, checked.refusals)
        entry = turn.next_entry(
            at=at,
            reference=act_reference("S", turn.head, order.name),
            recipient=order.name,
            account=account,
            approved_by=order.approved_by,
            reason=order.purpose,
            act=shared,
        )
        require_place(config.share_dir, entry.reference)

        def record() -> None:
            log(entry)
            turn.append(entry)

        _write(config, (*turn.entries, entry), offered, checked.refusals, record=record)
        return Sent(entry, False, checked.refusals)


def order_of(config: ShareConfig) -> Order:
    """Return what is asked for, of a configuration that asks to share."""
    assert config.recipient is not None
    assert config.approved_by is not None
    assert config.purpose is not None
    assert config.expires is not None
    return Order(
        name=config.recipient,
        recipient=config.recipients[config.recipient],
        kinds=tuple(dict.fromkeys(config.kinds)),
        approved_by=config.approved_by,
        purpose=config.purpose,
        expires=config.expires,
        action=config.action,
        good_faith=config.good_faith or "",
        laws=config.laws,
        sender=config.sender,
    )


def _is_such(entry: LedgerEntry, order: Order) -> bool:
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


def _made_then(
    before: Sequence[LedgerEntry], entry: LedgerEntry, order: Order, offered: Offered
) -> bool:
    """Return whether the order would have made this entry, had it been given in its place."""
    assert entry.shared is not None
    checked = _checked(before, entry.at, order, offered)
    return _shared(before, order, checked, offered, salt=entry.shared.salt) == entry.shared


def _checked(entries: Sequence[LedgerEntry], at: str, order: Order, offered: Offered) -> Checked:
    day = datetime.datetime.fromisoformat(at).date()
    checked = check_items(offered.items, order, _at(entries, order.name), day)
    ahead = [
        Refusal(one.item, "all", f"its last review is dated {one.reviewed.at}, after now")
        for one in offered.items
        if is_later(one.reviewed.at, at)
    ]
    return checked.without(NEED_SIGNALS, offered.no_signals).without(order.kinds, ahead)


def _at(entries: Sequence[LedgerEntry], recipient: str) -> Mapping[str, OutItem]:
    """Return what is or was at a recipient, by reference."""
    every = outstanding(entries)
    return {name: one for name, one in every.items() if one.recipient == recipient}


def _shared(
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
        for name, one in _at(entries, order.name).items()
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


def _refuse_withdrawn(entries: Sequence[LedgerEntry], number: int, now: datetime.datetime) -> None:
    """Refuse to write an earlier share again that listed what may be used no longer.

    Its lists were complete, so they hold what was shared before, too.
    """
    entry, out = entries[number], outstanding(entries)
    then, day = (
        _at(entries[: number + 1], entry.recipient),
        datetime.date.fromisoformat(entry.at[:10]),
    )
    today = now.astimezone(datetime.UTC).date()
    for name in sorted(name for name, one in then.items() if one.is_current(day)):
        withdrawal = out[name].withdrawal
        if withdrawal is None and out[name].is_current(today):
            continue
        over = (
            "has expired"
            if withdrawal is None
            else (f"was withdrawn on {withdrawal.at[:10]} ({withdrawal.cause})")
        )
        raise InputError(
            f"{name} of {entry.reference} or a share before it {over}; the files of this share "
            "are not written again"
        )


def _write(
    config: ShareConfig,
    entries: Sequence[LedgerEntry],
    offered: Offered,
    refusals: Sequence[Refusal],
    *,
    record: Callable[[], None],
) -> None:
    """Write the folder of the last entry, which is recorded before it appears."""
    assert config.share_dir is not None
    entry = entries[-1]
    assert entry.shared is not None
    by_item = {one.item: one for one in offered.items}
    originals = {one.reference: by_item[one.item] for one in entry.shared.items}
    outgoing = outgoing_of(config, entries, originals=originals)
    write_folder(
        config.share_dir, outgoing, refusals=refusals, sign_with=config.sign_with, record=record
    )


def _nothing() -> None:
    """Record nothing: the ledger has it."""


def refusal_lines(refusals: Sequence[Refusal]) -> Iterator[str]:
    """Yield one line for each reason of refusals, those of most adverts first."""
    counts = Counter((one.kind, one.reason, one.until) for one in refusals)
    first = {(one.kind, one.reason, one.until): one.item for one in reversed(refusals)}
    for asked, number in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        kind, reason, until = asked
        what = "nothing leaves" if kind == "all" else f"no {kind}"
        of = f"{plural(number, 'advert')}, such as {first[asked]}"
        yield f"{what} of {of}: {reason}" + (f"; what would change it: {until}" if until else "")
