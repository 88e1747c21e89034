"""Open the ledger: read it after checking all of it, or hold it while something is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adverts import chained_file
from adverts.chained_file import ChainedFile
from adverts.errors import InputError, IntegrityError
from adverts.record_chain import NOTHING_BEFORE, salted
from adverts_findings.sharing.ledger.acts_so_far import ActsSoFar
from adverts_findings.sharing.ledger.ledger_entry import (
    LEDGER_VERSION,
    Answered,
    Confirmed,
    LedgerEntry,
    Shared,
    Withdrawn,
)

Act = Shared | Withdrawn | Confirmed | Answered
_MOST_VALUES = 50_000_000
"""Most values of one line: a share of a million adverts has fewer."""


def ledger_file(path: Path) -> ChainedFile[LedgerEntry]:
    """Return the ledger as a chained file, with the file that counts its lines beside it."""
    return ChainedFile(LedgerEntry, LEDGER_VERSION, path, "ledger", _MOST_VALUES)


def read_ledger(path: Path) -> tuple[LedgerEntry, ...]:
    """Return the entries of a ledger after checking all of it; none where there is no ledger yet.

    Raises:
        IntegrityError: A line was changed, moved or removed, is of another version, or cannot
            follow the lines before; the message names the first such line.
        InputError: The ledger cannot be read.
    """
    entries = ledger_file(path).verified()
    _checked(path, entries)
    return entries


def require_ledger(path: Path) -> None:
    """Refuse a path without a ledger, so that a name that was mistyped begins none.

    Raises:
        InputError: There is no ledger.
    """
    if not path.exists():
        raise InputError(f"there is no ledger {path}; give ledger=, the file of what was shared")


@contextmanager
def ledger_turn(path: Path) -> Iterator[LedgerTurn]:
    """Hold a ledger during the block, after checking all of it; no other process adds to it.

    Folder and ledger are created where they are missing, the ledger for its owner alone.

    Raises:
        IntegrityError: As :func:`read_ledger`.
        InputError: The ledger cannot be read or written.
    """
    with ledger_file(path).turn() as held:
        yield LedgerTurn(path, held, _checked(path, held.records))


class LedgerTurn:
    """A ledger that one process holds."""

    def __init__(self, path: Path, held: chained_file.Turn[LedgerEntry], acts: ActsSoFar) -> None:
        self._path, self._held, self._acts = path, held, acts

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        """The entries that are there, those added in this turn included."""
        return self._held.records

    @property
    def head(self) -> str:
        """Hash of the newest entry; 64 zeros where there is none."""
        return self.entries[-1].hash if self.entries else NOTHING_BEFORE

    def next_entry(
        self,
        *,
        at: str,
        reference: str,
        recipient: str,
        account: str,
        approved_by: str,
        reason: str,
        act: Act,
    ) -> LedgerEntry:
        """Return the next entry, with its number and hashes; nothing is written.

        Args:
            at: When, ISO 8601 in UTC.
            reference: Reference of the act.
            recipient: Name of the recipient in the configuration.
            account: Account of the system that does it.
            approved_by: Person who signs it off, or who records it.
            reason: Why, in words; may be empty.
            act: What is done.

        Raises:
            InputError: It cannot follow the entries that are there; the message says why.
        """
        entry = LedgerEntry(
            number=0,
            at=at,
            reference=reference,
            recipient=recipient,
            account=salted(account),
            approved_by=salted(approved_by),
            reason=salted(reason),
            shared=act if isinstance(act, Shared) else None,
            withdrawn=act if isinstance(act, Withdrawn) else None,
            confirmed=act if isinstance(act, Confirmed) else None,
            answered=act if isinstance(act, Answered) else None,
            before="",
            hash="",
        )
        self._require_possible(entry)
        return self._held.after(entry)

    def append(self, entry: LedgerEntry) -> None:
        """Record the next entry, as :meth:`next_entry` returned it; it is on disk on return.

        Raises:
            InputError: It cannot follow the entries that are there, or cannot be written. The
                message says whether it is in the ledger all the same, as where the disk had room
                for the line and none for its count.
        """
        self._require_possible(entry)
        try:
            self._held.append(entry)
        except InputError as error:
            if entry not in ledger_file(self._path).read()[-1:]:
                raise InputError(
                    f"{error}; {entry.reference} is not in it: free some space, and run the same "
                    "command again"
                ) from None
            raise InputError(
                f"{self._path} could not be ended: {entry.reference} is in it as line "
                f"{entry.number:,}, but not safely; free some space, and run the same command "
                "again, which ends it"
            ) from None
        self._acts.take(entry)

    def _require_possible(self, entry: LedgerEntry) -> None:
        fault = self._acts.fault_of(entry)
        if fault:
            raise InputError(f"{self._path}: the next line {fault}; nothing was recorded")


def _checked(path: Path, entries: Sequence[LedgerEntry]) -> ActsSoFar:
    acts = ActsSoFar()
    for entry in entries:
        fault = acts.fault_of(entry)
        if fault:
            raise IntegrityError(
                f"{path}, line {entry.number}: it {fault}; bring back the ledger as it was"
            )
        acts.take(entry)
    return acts
