"""Erase from the ledger what names a person of the unit; its chain holds as before."""

from __future__ import annotations

import datetime
from pathlib import Path

from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry
from adverts_findings.sharing.ledger.open_ledger import ledger_file, read_ledger

PERSONAL = ("account", "approved_by", "reason")
"""Fields of an entry that name a person, or may."""


def erase_people(path: Path, until: datetime.date) -> int:
    """Erase accounts, names and reasons of all entries up to a day, and return how many changed.

    What was shared, when and with whom stays, and the chain holds.

    Args:
        path: The ledger.
        until: Last day in UTC whose entries lose them.

    Raises:
        IntegrityError: A line was changed, moved or removed; the message names it.
        InputError: The ledger cannot be read or written.
    """

    def is_old(entry: LedgerEntry) -> bool:
        return datetime.datetime.fromisoformat(entry.at).date() <= until

    read_ledger(path)
    return ledger_file(path).erase(is_old, PERSONAL)
