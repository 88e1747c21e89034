"""A made-up ledger, recorded through the same functions as a real one."""

from __future__ import annotations

import datetime

from adverts_findings.sharing.ledger.ledger_entry import (
    Answered,
    Confirmed,
    Shared,
    SharedItem,
    Signal,
    Withdrawn,
)
from adverts_findings.sharing.ledger.open_ledger import ledger_turn
from adverts_findings.sharing.ledger.outstanding import outstanding
from adverts_findings.sharing.ledger.references import act_reference, item_reference

START = datetime.datetime(2027, 1, 1, 12, tzinfo=datetime.UTC)
WHO = {"account": "demo@host", "approved_by": "Ada Demo", "reason": "why it was done"}


def time(day=0.0):
    """Return the time so many days after the start, as the ledger writes it."""
    return (START + datetime.timedelta(days=day)).isoformat(timespec="seconds")


def hashed(item):
    return (Signal("sha256", f"{sum(item.encode()):064x}", 100, -1.0),)


def shared_item(recipient, item, reference, kinds=("notice",), **more):
    plain = {"campaign": "c000001", "platform": "demo_social", "language": "en",
             "label": "offer_crossing", "first_seen": "2026-12-01",
             "reviewed_at": "2026-12-20T00:00:00+00:00", "signals": hashed(item)}  # fmt: skip
    return SharedItem(reference=reference, kinds=tuple(kinds), item=item, **(plain | more))


def share_of(turn, recipient, items, *, kinds=("notice",), expires="2027-06-30", **more):
    """Return a share of items, which keep their references while they are out."""
    out = {one.item.item: name for name, one in outstanding(turn.entries).items()
           if one.recipient == recipient and one.withdrawal is None}  # fmt: skip
    made = [
        shared_item(recipient, one, out.get(one) or item_reference(recipient, one, turn.head),
                    kinds, **more)
        for one in items
    ]  # fmt: skip
    return Shared("0" * 32, "b1", tuple(kinds), "removal", "basis", expires, "review", False,
                  {"c000001": -1.0}, tuple(made))  # fmt: skip


def record(turn, recipient, act, day=0.0):
    """Record an act in a turn, and return its entry."""
    prefix = {Shared: "S", Withdrawn: "W", Confirmed: "C", Answered: "A"}[type(act)]
    reference = act_reference(prefix, turn.head, recipient)
    entry = turn.next_entry(at=time(day), reference=reference, recipient=recipient, act=act, **WHO)
    turn.append(entry)
    return entry


def share(path, recipient, items, day=0.0, **more):
    """Record a share, and return the references of its items."""
    with ledger_turn(path) as turn:
        entry = record(turn, recipient, share_of(turn, recipient, items, **more), day)
    return [one.reference for one in entry.shared.items]


def withdraw(path, recipient, references, day=0.0, cause="asked"):
    with ledger_turn(path) as turn:
        return record(turn, recipient, Withdrawn(dict.fromkeys(references, cause)), day)


def confirm(path, recipient, references, day=0.0):
    with ledger_turn(path) as turn:
        return record(turn, recipient, Confirmed(tuple(references)), day)


def answered(reference, answer="removed", day=None, appeal="none"):
    at = "" if day is None else time(day)
    return Answered(reference, answer, at, (), "", None, "", appeal)


def answer(path, recipient, reference, kind="removed", day=None, *, recorded=None, appeal="none"):
    with ledger_turn(path) as turn:
        act = answered(reference, kind, day, appeal)
        return record(turn, recipient, act, (day or 0.0) if recorded is None else recorded)
