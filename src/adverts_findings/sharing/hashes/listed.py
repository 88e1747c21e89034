"""The hashes that a recipient may use, each once with all its items, and those taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adverts_findings.sharing.ledger.ledger_entry import Signal, SignalType
from adverts_findings.sharing.ledger.outstanding import OutItem
from adverts_findings.sharing.outgoing import Outgoing


@dataclass(frozen=True, slots=True)
class Listed:
    """A hash that a recipient may use.

    Attributes:
        type: What it is a hash of.
        value: Its value in hex.
        quality: PDQ's measure of detail, 0 to 100; 100 for what is no PDQ hash.
        action: ``block`` only if that was asked for every item that has it, else ``review``.
        references: References of the items that have it, in their order.
        first_seen: Earliest day of posting, ISO 8601; empty if none is known.
        expires: Last day on which it may be used, ISO 8601: the last of its items.
        false_per_million: Highest bound that was measured for it, see
            :class:`~adverts_findings.sharing.ledger.ledger_entry.Signal`; -1: none was.
    """

    type: SignalType
    value: str
    quality: int
    action: str
    references: tuple[str, ...]
    first_seen: str
    expires: str
    false_per_million: float


@dataclass(frozen=True, slots=True)
class RemovedHash:
    """A hash of an item that a recipient must use no longer, and that no other item has.

    Attributes:
        type: What it is a hash of.
        value: Its value in hex.
        reference: Reference of the item.
        removed_at: When it was withdrawn, or the last day on which it could be used, ISO 8601.
        reason: Why.
    """

    type: SignalType
    value: str
    reference: str
    removed_at: str
    reason: str


def listed(outgoing: Outgoing) -> tuple[Listed, ...]:
    """Return all hashes that the recipient may use, in the order of references."""
    having: dict[tuple[str, str], list[tuple[Signal, OutItem]]] = {}
    for one in outgoing.in_use("hashes"):
        for signal in one.item.signals:
            having.setdefault((signal.type, signal.value), []).append((signal, one))
    return tuple(_merged(several) for several in having.values())


def taken_back(outgoing: Outgoing) -> tuple[RemovedHash, ...]:
    """Return the hashes that the recipient must use no longer, in the order of references."""
    current = {(one.type, one.value) for one in listed(outgoing)}
    return tuple(
        _taken(signal, one)
        for one in outgoing.taken_back("hashes")
        for signal in one.item.signals
        if (signal.type, signal.value) not in current
    )


def _merged(several: Sequence[tuple[Signal, OutItem]]) -> Listed:
    signal = several[0][0]
    items = [one for _, one in several]
    return Listed(
        type=signal.type,
        value=signal.value,
        quality=min(one.quality for one, _ in several),
        action="block" if all(one.action == "block" for one in items) else "review",
        references=tuple(one.item.reference for one in items),
        first_seen=min((one.item.first_seen for one in items if one.item.first_seen), default=""),
        expires=max(one.expires for one in items),
        false_per_million=max(one.false_per_million for one, _ in several),
    )


def _taken(signal: Signal, one: OutItem) -> RemovedHash:
    withdrawal = one.withdrawal
    at = one.expires if withdrawal is None else withdrawal.at
    reason = "expired" if withdrawal is None else withdrawal.cause
    return RemovedHash(signal.type, signal.value, one.item.reference, at, reason)
