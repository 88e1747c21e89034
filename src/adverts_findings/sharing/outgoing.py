"""All that is written for one recipient at once: a share, or a withdrawal."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from adverts_findings.config.sharing import Kind, LawConfig, RecipientConfig, SenderConfig
from adverts_findings.sharing.leaving.item import Item
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry, SharedItem
from adverts_findings.sharing.ledger.outstanding import OutItem


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What one recipient is sent at once. Everything that is written is a function of this.

    Attributes:
        entry: The ledger's line of it; its hash is the head that every output states.
        name: Name of the recipient in the configuration.
        recipient: The recipient.
        sender: Who shares.
        laws: Laws that notices rest on, by name.
        originals: The adverts of this share, by the reference of their items; empty for a
            withdrawal.
        current: All that the recipient may use as of this entry, by reference, in their order.
        removed: All that it may use no longer and whose withdrawal it has not confirmed.
        history: Lines of the ledger of this recipient, oldest first; the last one is ``entry``.
    """

    entry: LedgerEntry
    name: str
    recipient: RecipientConfig
    sender: SenderConfig
    laws: Mapping[str, LawConfig]
    originals: Mapping[str, Item]
    current: tuple[OutItem, ...]
    removed: tuple[OutItem, ...]
    history: tuple[LedgerEntry, ...]

    @property
    def day(self) -> datetime.date:
        """Day of the entry, in UTC."""
        return datetime.datetime.fromisoformat(self.entry.at).date()

    def shared_now(self, kind: Kind) -> tuple[SharedItem, ...]:
        """Return the items of which this kind leaves in this share; none for a withdrawal."""
        shared = self.entry.shared
        return () if shared is None else tuple(one for one in shared.items if kind in one.kinds)

    def in_use(self, kind: Kind) -> tuple[OutItem, ...]:
        """Return all that the recipient may use of a kind, this share included."""
        return tuple(one for one in self.current if kind in one.kinds)

    def taken_back(self, kind: Kind) -> tuple[OutItem, ...]:
        """Return what it got of a kind, may use no longer, and has not confirmed."""
        return tuple(one for one in self.removed if kind in one.kinds)
