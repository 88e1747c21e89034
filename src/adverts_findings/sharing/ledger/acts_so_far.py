"""What the acts of a ledger allow the next act to be, so that what is out can be derived."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry, Shared

ACTS = ("shared", "withdrawn", "confirmed", "answered")
"""The acts of which an entry has exactly one."""


class ActsSoFar:
    """Items and references of the entries that were taken so far."""

    def __init__(self) -> None:
        self._items: dict[str, tuple[str, str]] = {}
        self._out: dict[tuple[str, str], str] = {}
        self._acts: set[str] = set()

    def fault_of(self, entry: LedgerEntry) -> str:
        """Return why an entry cannot be the next one, in words that follow ``it``; or nothing."""
        acts = [one for one in ACTS if getattr(entry, one) is not None]
        if len(acts) != 1:
            return f"has {len(acts)} acts, wanted one of {', '.join(ACTS)}"
        times = [entry.at, *([entry.answered.at] if entry.answered and entry.answered.at else [])]
        wrong = [one for one in times if not _is_utc(one)]
        if wrong:
            return f"has the time {wrong[0][:40]!r}, wanted one in UTC"
        if entry.reference in self._acts:
            return f"has the reference {entry.reference[:40]}, which an earlier line has"
        if entry.shared is not None:
            return next(self._share_faults(entry.recipient, entry.shared), "")
        return self._unknown(entry, *_spoken_of(entry))

    def take(self, entry: LedgerEntry) -> None:
        """Take an entry without a fault as the next one."""
        self._acts.add(entry.reference)
        if entry.shared is not None:
            for one in entry.shared.items:
                pair = entry.recipient, one.item
                self._items[one.reference] = pair
                self._out[pair] = one.reference
        if entry.withdrawn is not None:
            for reference in entry.withdrawn.causes:
                pair = self._items[reference]
                if self._out.get(pair) == reference:
                    del self._out[pair]

    def _unknown(self, entry: LedgerEntry, what: str, references: tuple[str, ...]) -> str:
        if not references:
            return f"{what} nothing"
        for one in references:
            if self._items.get(one, ("", ""))[0] != entry.recipient:
                return f"{what} {one[:40]}, which was never shared with {entry.recipient}"
        return ""

    def _share_faults(self, recipient: str, share: Shared) -> Iterator[str]:
        if not share.items:
            yield "shares nothing"
        if not _is_day(share.expires):
            yield f"expires on {share.expires[:40]!r}, wanted a day such as 2027-02-01"
        for name in ("reference", "item"):
            if len({getattr(one, name) for one in share.items}) < len(share.items):
                yield f"shares one {name} twice"
        for one in share.items:
            yield from self._item_faults(one.reference, (recipient, one.item))

    def _item_faults(self, reference: str, pair: tuple[str, str]) -> Iterator[str]:
        if self._items.get(reference, pair) != pair:
            yield f"shares {reference[:40]}, which is the reference of another item"
        if self._out.get(pair, reference) != reference:
            yield f"shares {reference[:40]}, which is out as {self._out[pair]}"
        if reference in self._items and pair not in self._out:
            yield f"shares {reference[:40]} again, which was withdrawn"


def _spoken_of(entry: LedgerEntry) -> tuple[str, tuple[str, ...]]:
    """Return what an entry other than a share does, and the references that it names."""
    if entry.withdrawn is not None:
        return "withdraws", tuple(entry.withdrawn.causes)
    if entry.confirmed is not None:
        return "confirms", entry.confirmed.references
    assert entry.answered is not None
    return "answers", (entry.answered.reference,)


def _is_utc(text: str) -> bool:
    try:
        return datetime.datetime.fromisoformat(text).utcoffset() == datetime.timedelta(0)
    except ValueError:
        return False


def _is_day(text: str) -> bool:
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
