"""Record a recipient's word that what it got is gone at its side."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

from adverts.data.review.people import person
from adverts.errors import InputError
from adverts_findings.sharing.ledger.ledger_entry import Confirmed, LedgerEntry
from adverts_findings.sharing.ledger.open_ledger import ledger_turn, require_ledger
from adverts_findings.sharing.ledger.outstanding import OutItem, outstanding
from adverts_findings.sharing.ledger.references import act_reference


def record_confirmed(
    path: Path, reference: str, *, by: str, account: str, at: str
) -> LedgerEntry | None:
    """Record that items are gone at their recipient, and return the entry.

    Args:
        path: The ledger.
        reference: Reference of an item, or of the share or withdrawal whose items are gone.
        by: Person who records it.
        account: Account of the system that does it.
        at: When, ISO 8601 in UTC.

    Returns:
        The entry; None if all of them were confirmed before, so that nothing was recorded.

    Raises:
        InputError: The ledger has no such reference or cannot be written, or the recipient may
            still use an item.
        IntegrityError: The ledger is damaged.
    """
    if not person(by):
        raise InputError("the ledger needs to know who records it; give approved_by=…")
    require_ledger(path)
    with ledger_turn(path) as turn:
        named = _named(outstanding(turn.entries), reference)
        if not named:
            raise InputError(
                f"{path} has no item, share or withdrawal {reference[:40]}; nothing was recorded"
            )
        day = datetime.datetime.fromisoformat(at).date()
        using = next((one for one in named if one.is_current(day)), None)
        if using is not None:
            raise InputError(
                f"{using.item.reference} is not withdrawn, so it cannot be confirmed gone; "
                "retract= withdraws it"
            )
        left = sorted(one.item.reference for one in named if one.is_active)
        if not left:
            return None
        entry = turn.next_entry(
            at=at,
            reference=act_reference("C", turn.head, named[0].recipient),
            recipient=named[0].recipient,
            account=account,
            approved_by=by,
            reason="",
            act=Confirmed(tuple(left)),
        )
        turn.append(entry)
        return entry


def _named(out: Mapping[str, OutItem], reference: str) -> list[OutItem]:
    """Return the items that a reference stands for, all of one recipient."""
    return [
        one
        for name, one in out.items()
        if name == reference
        or reference in one.shares
        or (one.withdrawal is not None and one.withdrawal.reference == reference)
    ]
