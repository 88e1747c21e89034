"""What is out, with whom, until when, and what came of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from adverts_findings.sharing.ledger.ledger_entry import AnswerKind, LedgerEntry
from adverts_findings.sharing.ledger.outstanding import OutItem, outstanding
from adverts_findings.sharing.ledger.time_to_removal import Removal, removal_of, wait_of

State = Literal["current", "expired", "still active", "gone"]
"""What an item is: the recipient may use it; its last day is over and it was not withdrawn; it was
withdrawn and the recipient has not confirmed that it is gone; or the recipient has."""
STATES: tuple[State, ...] = ("current", "expired", "still active", "gone")
Answer = AnswerKind | Literal["unanswered"]
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What one recipient got.

    Attributes:
        name: Name of the recipient in the configuration; empty for all of them together.
        items: Number of items.
        kinds: Number of items of which each kind left.
        states: Number of items in each state.
        withdrawn: Number of items that were withdrawn, confirmed or not.
        answers: Number of items by the last answer, of those with a notice or an answer.
        reinstated: Number of items on which the recipient took its decision back on appeal.
        removal: Time to removal of items of which a notice was sent.
    """

    name: str
    items: int
    kinds: Counts
    states: Counts
    withdrawn: int
    answers: Counts
    reinstated: int
    removal: Removal


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One share.

    Attributes:
        reference: Its reference.
        recipient: Name of the recipient.
        at: When, ISO 8601 in UTC.
        expires: Last day on which it may be used.
        kinds: What was asked for.
        states: Number of its items in each state.
    """

    reference: str
    recipient: str
    at: str
    expires: str
    kinds: tuple[str, ...]
    states: Counts


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What a ledger says on a day.

    Attributes:
        day: The day, in UTC.
        lines: Number of lines of the ledger.
        head: Hash of the newest line; empty where there is none.
        all: All recipients together.
        recipients: Each recipient, by name.
        languages: Number of items by language and last answer, of those with a notice or an answer.
        shares: All shares, the newest first.
        expired: Items whose last day is over and that were not withdrawn, the oldest first.
        unconfirmed: Items that were withdrawn and not confirmed, the oldest withdrawal first.
        reinstated: Items on which a recipient took its decision back, by reference.
    """

    day: date
    lines: int
    head: str
    all: RecipientReport
    recipients: tuple[RecipientReport, ...]
    languages: Mapping[str, Counts]
    shares: tuple[ShareRow, ...]
    expired: tuple[OutItem, ...]
    unconfirmed: tuple[OutItem, ...]
    reinstated: tuple[OutItem, ...]

    def figures(self) -> Mapping[str, float]:
        """Return all counts and times as flat figures; what cannot be said is absent."""
        found = dict(_figures("share", self.all))
        for one in self.recipients:
            found |= _figures(f"share/{re.sub(r'[^A-Za-z0-9_.-]', '_', one.name)}", one)
        return found


def report(entries: Sequence[LedgerEntry], now: datetime) -> LedgerReport:
    """Return what a ledger says.

    Args:
        entries: All its entries, see
            :func:`adverts_findings.sharing.ledger.open_ledger.read_ledger`.
        now: The time now, in UTC.
    """
    out, day = outstanding(entries), now.date()
    noticed = _noticed(entries)
    items = list(out.values())
    names = sorted({one.recipient for one in items})
    expired = [one for one in items if state_of(one, day) == "expired"]
    unconfirmed = [one for one in items if state_of(one, day) == "still active"]
    return LedgerReport(
        day=day,
        lines=len(entries),
        head=entries[-1].hash if entries else "",
        all=_of_recipient("", items, noticed, now),
        recipients=tuple(
            _of_recipient(name, [one for one in items if one.recipient == name], noticed, now)
            for name in names
        ),
        languages=_by_language(items, noticed),
        shares=tuple(reversed([_share_row(one, out, day) for one in entries if one.shared])),
        expired=tuple(sorted(expired, key=lambda one: (one.expires, one.item.reference))),
        unconfirmed=tuple(sorted(unconfirmed, key=_withdrawn_at)),
        reinstated=tuple(sorted(filter(is_reinstated, items), key=lambda one: one.item.reference)),
    )


def state_of(one: OutItem, day: date) -> State:
    """Return what an item is on a day."""
    if not one.is_active:
        return "gone"
    if one.withdrawal is not None:
        return "still active"
    return "expired" if one.is_over(day) else "current"


def is_reinstated(one: OutItem) -> bool:
    """Return whether the recipient took its decision back on appeal."""
    return any(answer.appeal == "reversed" for _, answer in one.answers)


def last_answer(one: OutItem) -> Answer:
    """Return the last answer on an item."""
    return one.answers[-1][1].answer if one.answers else "unanswered"


def _noticed(entries: Sequence[LedgerEntry]) -> Mapping[str, str]:
    """Return when a notice of each item was shared first, by reference."""
    first: dict[str, str] = {}
    for entry in entries:
        for one in entry.shared.items if entry.shared else ():
            if "notice" in one.kinds:
                first.setdefault(one.reference, entry.at)
    return first


def _of_recipient(
    name: str, items: Sequence[OutItem], noticed: Mapping[str, str], now: datetime
) -> RecipientReport:
    states = Counter(state_of(one, now.date()) for one in items)
    notices = [one for one in items if one.item.reference in noticed]
    return RecipientReport(
        name=name,
        items=len(items),
        kinds=_most_first(Counter(kind for one in items for kind in one.kinds)),
        states={state: states[state] for state in STATES},
        withdrawn=sum(one.withdrawal is not None for one in items),
        answers=_answers(items, noticed),
        reinstated=sum(map(is_reinstated, items)),
        removal=removal_of(wait_of(one, noticed[one.item.reference], now) for one in notices),
    )


def _answers(items: Sequence[OutItem], noticed: Mapping[str, str]) -> Counts:
    return _most_first(
        Counter(last_answer(one) for one in items if one.item.reference in noticed or one.answers)
    )


def _by_language(items: Sequence[OutItem], noticed: Mapping[str, str]) -> Mapping[str, Counts]:
    names = sorted({one.item.language for one in items})
    found = {
        name: _answers([one for one in items if one.item.language == name], noticed)
        for name in names
    }
    return {name: counts for name, counts in found.items() if counts}


def _share_row(entry: LedgerEntry, out: Mapping[str, OutItem], day: date) -> ShareRow:
    assert entry.shared is not None
    states = Counter(state_of(out[one.reference], day) for one in entry.shared.items)
    return ShareRow(
        reference=entry.reference,
        recipient=entry.recipient,
        at=entry.at,
        expires=entry.shared.expires,
        kinds=entry.shared.kinds,
        states={state: states[state] for state in STATES},
    )


def _withdrawn_at(one: OutItem) -> tuple[str, str]:
    assert one.withdrawal is not None
    return one.withdrawal.at, one.item.reference


def _most_first(counts: Mapping[str, int]) -> Counts:
    return {one: counts[one] for one in sorted(counts, key=lambda one: (-counts[one], one))}


def _figures(name: str, one: RecipientReport) -> Iterator[tuple[str, float]]:
    yield f"{name}/items", one.items
    for state, count in one.states.items():
        yield f"{name}/{state.replace(' ', '_')}", count
    yield f"{name}/withdrawn", one.withdrawn
    yield f"{name}/reinstated", one.reinstated
    for answer, count in one.answers.items():
        yield f"{name}/answer/{answer.replace(' ', '_')}", count
    yield f"{name}/removed", one.removal.removed
    median = {"": one.removal.median, "_low": one.removal.low, "_high": one.removal.high}
    for end, value in median.items():
        if value is not None:
            yield f"{name}/median_days_to_removal{end}", value
