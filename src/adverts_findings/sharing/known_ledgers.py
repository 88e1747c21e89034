"""The ledgers that a bank knows, so that another, an older or a parted one is refused.

The bank's log, a chain of lines that is counted, states after each act which ledger it was recorded
in, by the hash of its first line, and the number and hash of its last line. A ledger is known by
what is in it: its file may be moved. It may be longer than the bank knows, since a process can be
killed before the bank notes its line, and since other banks may use the same ledger.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from adverts.errors import InputError, IntegrityError, plural
from adverts.formats.log_entry import LogEntry
from adverts.record_chain import NOTHING_BEFORE
from adverts_findings.campaigns.bank.access_log import record_access, verified_log
from adverts_findings.campaigns.bank.bank_files import read_pointer
from adverts_findings.campaigns.bank.read_bank import open_bank
from adverts_findings.sharing.find_due import bank_id
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry
from adverts_findings.sharing.ledger.open_ledger import ledger_file, require_ledger

Use = Literal["share", "withdraw", "write", "read"]
"""What somebody wants of a ledger."""
_NOTED = re.compile(r"ledger ([0-9a-f]{64}), line ([0-9]+), ([0-9a-f]{64})")
_SHARED = re.compile(r"(S-[0-9a-f]+) with ")


@dataclass(frozen=True, slots=True)
class LedgerNote:
    """What the log of a bank says of a ledger.

    Attributes:
        id: Hash of its first line; 64 zeros: of a ledger that had none, before its first share.
        number: Number of its last line.
        hash: Hash of that line.
        words: Name of its file, and why it is used; empty once that was erased.
        logged: Number of the line of the log.
    """

    id: str
    number: int
    hash: str
    words: str
    logged: int


def require_known_ledger(
    folder: Path,
    ledger: Path,
    use: Use,
    *,
    account: str,
    now: datetime.datetime,
    new: str | None = None,
) -> str:
    """Refuse a ledger that is not the one of a bank, and note one that the bank did not know yet.

    Args:
        folder: Folder of the bank; it holds a build.
        ledger: The ledger, which need not be there.
        use: What for. To share or withdraw, the bank must not be older than the ledger; only a
            share begins one; to read, nothing is noted.
        account: Account of the system, for the log.
        now: Time of now, in UTC.
        new: Why a ledger is used that would be refused; None: it is refused.

    Returns:
        What the person has to know; empty if there is nothing.

    Raises:
        InputError: It is another ledger, an older copy of it, or one that parted from it; the bank
            is an older copy; or ``new`` is given for a ledger that the bank knows.
        IntegrityError: The log of the bank, or a line of the ledger, is damaged.
    """
    if use in ("withdraw", "write"):
        require_ledger(ledger)
    log, entries = verified_log(folder), ledger_file(ledger).verified()
    notes = _notes(folder, log)
    known = _latest(notes)
    if use == "read" and not known:
        return ""
    fault, wanted = _fault(ledger, entries, notes, log), f"give {_wanted(notes)}"
    if not fault and use in ("share", "withdraw"):
        fault, wanted = _older_bank(folder, entries, log), "bring back the bank as it was"
    if new and not fault:
        raise InputError(f"{ledger} is the ledger of {folder}, or its first; leave out new_ledger=")
    if new:
        _note(folder, ledger, entries, account=account, now=now, why=new)
        return (
            f"{ledger} is a ledger of {folder} from now on: what another one, or lines that are "
            "lost, hold may leave twice, and is taken back of one alone"
        )
    if fault:
        raise InputError(
            f"{fault}; {wanted}, or, if that is lost, go on with new_ledger='why', which is "
            "recorded"
        )
    if use == "read" or _id(entries) in known:
        return ""
    return _take_over(folder, ledger, entries, notes, use, account=account, now=now)


def _take_over(
    folder: Path,
    ledger: Path,
    entries: Sequence[LedgerEntry],
    notes: Sequence[LedgerNote],
    use: Use,
    *,
    account: str,
    now: datetime.datetime,
) -> str:
    """Note the first ledger of a bank, if it is to have its shares or has some; say it if it has.

    One without a line is noted, too, so that a first share which is killed locks nobody out.
    """
    banks = {one.shared.bank for one in entries if one.shared is not None}
    if use != "share" and (not banks or _id_of(folder) not in banks):
        return ""
    if entries or not notes:
        _note(folder, ledger, entries, account=account, now=now)
    if not entries:
        return ""
    told = f"{folder} knows {ledger} as its ledger from now on ({plural(len(entries), 'line')})"
    if banks and _id_of(folder) not in banks:
        told += (
            "; caution: its shares are of another bank, which may know reviews and signs of danger "
            "that this one has not seen: is reviews= the newest file?"
        )
    return told


def note_ledger(folder: Path, ledger: Path, *, account: str, now: datetime.datetime) -> None:
    """Note the last line of a ledger in the log of a bank that knows it, if it is a new one.

    Raises:
        InputError: It is not the ledger that the bank knows, or the log cannot be written.
        IntegrityError: The log of the bank, or a line of the ledger, is damaged.
    """
    log, entries = verified_log(folder), ledger_file(ledger).read()
    notes = _notes(folder, log)
    if not (notes and entries):
        return
    fault = _fault(ledger, entries, notes, log)
    if fault:
        raise InputError(f"{fault}: it was changed meanwhile; bring back {_wanted(notes)}")
    before = _latest(notes).get(_id(entries))
    if before is None or before.number < len(entries):
        _note(folder, ledger, entries, account=account, now=now)


def _note(
    folder: Path,
    ledger: Path,
    entries: Sequence[LedgerEntry],
    *,
    account: str,
    now: datetime.datetime,
    why: str = "",
) -> None:
    pointer = read_pointer(folder)
    last = entries[-1].hash if entries else NOTHING_BEFORE
    record_access(
        folder,
        "ledger",
        build=0 if pointer is None else pointer.build,
        who=account,
        asked=f"ledger {_id(entries)}, line {len(entries)}, {last}",
        why=f"{ledger.name}: {why}" if why else ledger.name,
        at=now,
    )


def _notes(folder: Path, log: Sequence[LogEntry]) -> tuple[LedgerNote, ...]:
    """Return what a log says of ledgers, the oldest first."""
    notes = []
    for one in log:
        if one.act == "ledger":
            found = _NOTED.fullmatch(one.asked.value)
            if found is None:
                raise IntegrityError(
                    f"{folder}, line {one.number:,} of the log: it said which ledger the bank "
                    "knows, and that was erased; bring back the log as it was"
                )
            notes.append(LedgerNote(found[1], int(found[2]), found[3], one.why.value, one.number))
    return tuple(notes)


def _latest(notes: Sequence[LedgerNote]) -> dict[str, LedgerNote]:
    """Return the last note of each ledger that had a line, by its id."""
    return {one.id: one for one in notes if one.number}


def _id(entries: Sequence[LedgerEntry]) -> str:
    return entries[0].hash if entries else NOTHING_BEFORE


def _fault(
    ledger: Path,
    entries: Sequence[LedgerEntry],
    notes: Sequence[LedgerNote],
    log: Sequence[LogEntry],
) -> str:
    """Return why a ledger is not one that the bank knows, or can know; empty if it is."""
    known = _latest(notes).get(_id(entries))
    if known is None:
        return _fault_of_new(ledger, entries, notes, log)
    if len(entries) < known.number:
        return f"{ledger} is an older copy: it ends at line {len(entries):,} of {known.number:,}"
    if entries[known.number - 1].hash != known.hash:
        return f"{ledger}, line {known.number:,}, is another one than the bank knows"
    return ""


def _fault_of_new(
    ledger: Path,
    entries: Sequence[LedgerEntry],
    notes: Sequence[LedgerNote],
    log: Sequence[LogEntry],
) -> str:
    """Return why a ledger that was never noted cannot be that of the bank; empty if it can.

    It can where the bank knows none, and it has all shares of the log, so that a bank of an earlier
    release takes it over; and where a first share was killed before or after its line.
    """
    here = {one.reference for one in entries}
    begun = notes[-1].logged if notes and not notes[-1].number else 0
    shares = [one for one in log if one.act == "share" and one.number > begun]
    logged = [found[1] for one in shares if (found := _SHARED.match(one.asked.value))]
    missing = [one for one in logged if one not in here]
    fault = ""
    if begun:
        if entries and here.isdisjoint(logged):
            fault = f"{ledger} is another ledger than the bank knows"
    elif notes:
        fault = f"{ledger} is another ledger" if entries else f"{ledger} has no line"
    elif missing:
        lacks = plural(len(missing), "share")
        fault = f"{ledger} lacks {lacks} that the log of the bank has, such as {missing[-1]}"
    elif shares and not entries:
        fault = f"{ledger} has no line, and the log of the bank has {plural(len(shares), 'share')}"
    return fault


def _older_bank(folder: Path, entries: Sequence[LedgerEntry], log: Sequence[LogEntry]) -> str:
    """Return that a ledger has later shares of a bank than its log, which is told of each first."""
    known = _latest(_notes(folder, log)).get(_id(entries))
    number, logged = (0, 0) if known is None else (known.number, known.logged)
    said = [one.asked.value for one in log if one.act == "share" and one.number > logged]
    names = {found[1] for one in said if (found := _SHARED.match(one))}
    later = [one for one in entries[number:] if one.shared and one.reference not in names]
    erased = sum(not one for one in said)
    if len(later) <= erased:
        return ""
    mine = _id_of(folder)
    missing = [one for one in later if one.shared and one.shared.bank == mine]
    if len(missing) <= erased:
        return ""
    return (
        f"{folder} is an older copy: its log lacks {missing[-1].reference} of the ledger, which "
        "was shared of this bank"
    )


def _id_of(folder: Path) -> str:
    with open_bank(folder) as bank:
        return bank_id(bank)


def _wanted(notes: Sequence[LedgerNote]) -> str:
    """Return which ledger the bank knows, in words."""
    last = max(_latest(notes).values(), key=lambda one: one.logged, default=None)
    if last is None:
        return "the ledger in which the bank's shares are"
    name = last.words.partition(": ")[0] or "the ledger"
    return f"{name} with {plural(last.number, 'line')}, whose first has the hash {last.id[:12]}…"
