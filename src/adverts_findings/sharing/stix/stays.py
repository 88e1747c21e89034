"""Since when a recipient has had a thing without a break: a hash, a campaign, or a pair of them.

Many adverts can show one hash, and each is shared and withdrawn by itself. A record of the hash
begins with the first of them and ends with the last. In STIX a record that was revoked never comes
back (section 3.6 of STIX 2.1), so the same hash that is shared again later begins another stay.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adverts_findings.config.sharing import Kind
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry, SharedItem
from adverts_findings.sharing.ledger.outstanding import OutItem, changed
from adverts_findings.sharing.outgoing import Outgoing

Key = tuple[str, ...]
"""What a stay is of, such as ``("indicator", "sha256", "3f…")``."""
_SECOND = datetime.timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Member:
    """One advert of a stay.

    Attributes:
        out: The advert at the recipient, as of its last share.
        probability: The bank's probability, at that share, that the adverts of its campaign belong
            together; -1 where it is not known.
        at: Time of that share.
    """

    out: OutItem
    probability: float
    at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Stay:
    """A thing that a recipient has, or had, without a break.

    Attributes:
        key: What it is.
        root: References of the share that began it and of the first of its adverts there. No two
            stays of one key have the same, nor two campaigns, as an advert is in one of them.
        since: Time of that share.
        changed: Time of the last share, withdrawal or confirmation that changed it.
        is_over: Whether its last advert was withdrawn.
        members: Its adverts; if it is over, those that it had last.
    """

    key: Key
    root: str
    since: datetime.datetime
    changed: datetime.datetime
    is_over: bool
    members: tuple[Member, ...]


def stays(
    outgoing: Outgoing, kind: Kind, keys_of: Callable[[SharedItem], Sequence[Key]]
) -> tuple[Stay, ...]:
    """Return what the recipient has, and what is over and not confirmed as gone, oldest first.

    Args:
        outgoing: What is sent.
        kind: Kind of output; adverts of which it never left are not counted.
        keys_of: Returns the things that an advert shows.

    Raises:
        ValueError: The history does not end with the entry, or lacks an advert that is out.
    """
    if not outgoing.history or outgoing.history[-1].hash != outgoing.entry.hash:
        raise ValueError("the history of what is sent does not end with its entry")
    book = _Book(kind, keys_of)
    found: dict[str, OutItem] = {}
    for entry, at in _timed(outgoing.history):
        if entry.answered is None:
            new = changed(found, entry)
            found |= new
            book.take(entry, at, new)
    unknown = {one.item.reference for one in (*outgoing.current, *outgoing.removed)} - set(found)
    if unknown:
        raise ValueError(f"the history of what is sent lacks {min(unknown)}")
    return tuple(one.frozen() for one in book.every if one.members or one.waiting)


def time_of_message(outgoing: Outgoing, *, first: bool = False) -> datetime.datetime:
    """Return the time that what is sent states as its own, or that of the first that was sent."""
    times = [at for _, at in _timed(outgoing.history)]
    return times[0] if first else times[-1]


def _timed(history: Sequence[LedgerEntry]) -> Iterator[tuple[LedgerEntry, datetime.datetime]]:
    """Yield each entry with its time, in whole seconds.

    Readers take a later version of a record only if its time is later, and MISP counts whole
    seconds. So what changes something is at least one second later than what did so before, even if
    both happened in one second or the clock was set back.
    """
    last = datetime.datetime.min.replace(tzinfo=datetime.UTC)
    for entry in history:
        if entry.answered is None:
            at = datetime.datetime.fromisoformat(entry.at).astimezone(datetime.UTC)
            last = max(at.replace(microsecond=0), last + _SECOND)
        yield entry, last


@dataclass(slots=True)
class _Open:
    """A stay while entries are read."""

    key: Key
    root: str
    since: datetime.datetime
    changed: datetime.datetime
    members: dict[str, Member] = field(default_factory=dict)
    before: tuple[Member, ...] = ()
    waiting: set[str] = field(default_factory=set)

    def frozen(self) -> Stay:
        members = tuple(self.members.values()) or self.before
        return Stay(self.key, self.root, self.since, self.changed, not self.members, members)


@dataclass(slots=True)
class _Book:
    """All stays of a recipient, while entries are read."""

    kind: Kind
    keys_of: Callable[[SharedItem], Sequence[Key]]
    every: list[_Open] = field(default_factory=list)
    current: dict[Key, _Open] = field(default_factory=dict)
    shown: dict[str, tuple[Key, ...]] = field(default_factory=dict)
    left: dict[str, list[_Open]] = field(default_factory=dict)

    def take(self, entry: LedgerEntry, at: datetime.datetime, new: Mapping[str, OutItem]) -> None:
        """Read an entry, given the adverts that it adds or changes."""
        touched: dict[Key, _Open] = {}
        for reference, out in new.items():
            before, now = self.shown.get(reference, ()), self._shown_by(out)
            self.shown[reference] = now
            for key in dict.fromkeys((*before, *now)):
                root = f"{entry.reference} {reference}"
                stay = self.current.setdefault(key, _Open(key, root, at, at))
                if key not in touched:
                    touched[key] = stay
                    stay.before = tuple(stay.members.values())
                self._move(stay, reference, _member(entry, at, out) if key in now else None)
            if entry.confirmed is not None:
                for stay in self.left.pop(reference, ()):
                    stay.waiting.discard(reference)
        for key, stay in touched.items():
            self._close(key, stay, at)

    def _shown_by(self, out: OutItem) -> tuple[Key, ...]:
        is_out = out.withdrawal is None and not out.confirmed_at and self.kind in out.kinds
        return tuple(self.keys_of(out.item)) if is_out else ()

    def _move(self, stay: _Open, reference: str, member: Member | None) -> None:
        if member is not None:
            stay.members[reference] = member
            stay.waiting.discard(reference)
        else:
            del stay.members[reference]
            stay.waiting.add(reference)
            self.left.setdefault(reference, []).append(stay)

    def _close(self, key: Key, stay: _Open, at: datetime.datetime) -> None:
        if not stay.before:
            self.every.append(stay)
        stay.changed = at
        if not stay.members:
            del self.current[key]


def _member(entry: LedgerEntry, at: datetime.datetime, out: OutItem) -> Member:
    assert entry.shared is not None
    return Member(out, entry.shared.probability.get(out.item.campaign, -1.0), at)
