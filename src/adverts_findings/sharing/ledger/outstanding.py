"""What is out, derived from the ledger: every item with its kinds, expiry, withdrawal, answers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from adverts_findings.config.sharing import Kind
from adverts_findings.sharing.ledger.ledger_entry import (
    Answered,
    Cause,
    LedgerEntry,
    Shared,
    SharedItem,
    Signal,
)


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """That an item was withdrawn.

    Attributes:
        at: When, ISO 8601 in UTC.
        reference: Reference of the withdrawal.
        cause: Why.
    """

    at: str
    reference: str
    cause: Cause


@dataclass(frozen=True, slots=True)
class OutItem:
    """One advert at one recipient.

    Attributes:
        item: What was shared, with the signals of all shares of it.
        recipient: Name of the recipient in the configuration.
        bank: Id of the bank that it is of.
        kinds: What the recipient got of it, in the order of sharing.
        since: When it was shared first, ISO 8601 in UTC.
        shares: References of its shares.
        expires: Last day on which it may be used, ISO 8601: that of its last share.
        action: What was asked last.
        purpose: What for, of the last share.
        withdrawal: How it was withdrawn; None while it is out.
        confirmed_at: When the recipient said that it is gone there; empty before.
        answers: What the recipient answered, each with when it was recorded, oldest first.
    """

    item: SharedItem
    recipient: str
    bank: str
    kinds: tuple[Kind, ...]
    since: str
    shares: tuple[str, ...]
    expires: str
    action: str
    purpose: str
    withdrawal: Withdrawal | None = None
    confirmed_at: str = ""
    answers: tuple[tuple[str, Answered], ...] = ()

    def is_over(self, day: datetime.date) -> bool:
        """Return whether its last day is before ``day``."""
        return datetime.date.fromisoformat(self.expires) < day

    def is_current(self, day: datetime.date) -> bool:
        """Return whether the recipient may use it on a day."""
        return self.withdrawal is None and not self.is_over(day)

    @property
    def is_active(self) -> bool:
        """Whether it may still be in use at the recipient, until a withdrawal is confirmed."""
        return not self.confirmed_at


def outstanding(entries: Sequence[LedgerEntry]) -> Mapping[str, OutItem]:
    """Return every item that was ever shared, by its reference, as of the last entry."""
    found: dict[str, OutItem] = {}
    for entry in entries:
        found |= changed(found, entry)
    return found


def listed_by(entries: Sequence[LedgerEntry], number: int) -> Mapping[str, OutItem]:
    """Return what the files of an act listed as in use, by its reference, as of the last entry.

    That is what a share shared, and what its recipient had before, since lists of hashes and
    indicators are complete each time.

    Args:
        entries: All entries.
        number: Number of the act, from 1.
    """
    entry, out = entries[number - 1], outstanding(entries)
    own = {one.reference for one in entry.shared.items} if entry.shared else set()
    day = datetime.date.fromisoformat(entry.at[:10])
    return {
        name: out[name]
        for name, one in sorted(outstanding(entries[:number]).items())
        if one.recipient == entry.recipient
        and one.is_current(day)
        and (name in own or set(one.kinds) != {"notice"})
    }


def changed(found: Mapping[str, OutItem], entry: LedgerEntry) -> dict[str, OutItem]:
    """Return the items that an entry adds or changes."""
    if entry.shared is not None:
        share = entry.shared
        return {
            one.reference: _shared(found.get(one.reference), one, entry, share)
            for one in share.items
        }
    if entry.withdrawn is not None:
        return {
            one: replace(
                found[one],
                withdrawal=found[one].withdrawal or Withdrawal(entry.at, entry.reference, cause),
            )
            for one, cause in entry.withdrawn.causes.items()
        }
    if entry.confirmed is not None:
        several = [found[one] for one in entry.confirmed.references]
        return {one.item.reference: replace(one, confirmed_at=entry.at) for one in several}
    assert entry.answered is not None
    before = found[entry.answered.reference]
    answers = (*before.answers, (entry.at, entry.answered))
    return {entry.answered.reference: replace(before, answers=answers)}


def _shared(before: OutItem | None, one: SharedItem, entry: LedgerEntry, share: Shared) -> OutItem:
    made = OutItem(
        item=one,
        recipient=entry.recipient,
        bank=share.bank,
        kinds=one.kinds,
        since=entry.at,
        shares=(entry.reference,),
        expires=share.expires,
        action=share.action,
        purpose=share.purpose,
    )
    if before is None:
        return made
    signals: dict[tuple[str, str], Signal] = {
        (signal.type, signal.value): signal for signal in (*before.item.signals, *one.signals)
    }
    return replace(
        made,
        item=replace(one, signals=tuple(signals.values())),
        kinds=tuple(dict.fromkeys((*before.kinds, *one.kinds))),
        since=before.since,
        shares=(*before.shares, entry.reference),
        answers=before.answers,
    )
