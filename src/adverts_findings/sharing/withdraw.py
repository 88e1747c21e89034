"""Withdraw what was shared: record it, and write for each recipient what it has to be told."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.errors import InputError, plural
from adverts_findings.config.sharing import ShareConfig
from adverts_findings.sharing.find_due import Known, find_due
from adverts_findings.sharing.ledger.ledger_entry import Cause, LedgerEntry, Withdrawn
from adverts_findings.sharing.ledger.open_ledger import (
    LedgerTurn,
    ledger_file,
    ledger_turn,
    require_ledger,
)
from adverts_findings.sharing.ledger.outstanding import OutItem, outstanding
from adverts_findings.sharing.ledger.references import act_reference
from adverts_findings.sharing.write_folder import (
    outgoing_of,
    reference_in,
    require_place,
    write_folder,
)

Due = Mapping[str, dict[str, Cause]]
"""Maps a recipient to the references that are withdrawn from it, each with why."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """One withdrawal.

    Attributes:
        entry: The ledger's line of it.
        folder: Folder of what the recipient has to be sent.
    """

    entry: LedgerEntry
    folder: Path


def retract(config: ShareConfig, *, now: datetime.datetime, account: str) -> list[TakenBack]:
    """Withdraw an advert from all who got it, or a share from the one who did.

    What was withdrawn before is returned, too, where its folder is in the one that is asked for, so
    that the same command ends what a full disk cut off.

    Raises:
        InputError: The reference is not in the ledger, or all of it was withdrawn before, and
            what has to be sent is elsewhere.
        IntegrityError: The ledger is damaged.
    """
    assert config.retract is not None
    require_ledger(config.ledger)
    with ledger_turn(config.ledger) as turn:
        chosen = _named(outstanding(turn.entries), config.retract)
        due: dict[str, dict[str, Cause]] = {}
        for one in chosen:
            if one.withdrawal is None:
                due.setdefault(one.recipient, {})[one.item.reference] = "asked"
        reason = config.reason or ""
        made = _withdraw(config, turn, due, reason=reason, now=now, account=account)
    earlier = {one.withdrawal.reference: one.withdrawal for one in chosen if one.withdrawal}
    if not due and earlier.keys().isdisjoint(one.entry.reference for one in made):
        told = next(iter(earlier.values()))
        raise InputError(f"{config.retract} was withdrawn on {told.at[:10]} by {told.reference}")
    return made


def withdraw_due(
    config: ShareConfig, known: Known, *, now: datetime.datetime, account: str
) -> list[TakenBack]:
    """Withdraw all that has to be; nothing is written where nothing has.

    Raises:
        InputError: A recipient is not configured, a folder holds something else, or the reviews
            are not those by which adverts were shared.
        IntegrityError: The ledger is damaged.
    """
    require_ledger(config.ledger)
    with ledger_turn(config.ledger) as turn:
        due = find_due(outstanding(turn.entries), known)
        return _withdraw(config, turn, due, reason="", now=now, account=account)


def take_back_reversed(
    config: ShareConfig, references: Sequence[str], *, now: datetime.datetime, account: str
) -> list[TakenBack]:
    """Withdraw items on which a platform took its decision back.

    Args:
        config: Recipients, and where to write.
        references: References of the items, at any recipient.
        now: Time of now, in UTC.
        account: Account of the system that does it.

    Raises:
        InputError: A recipient is not configured, or a folder holds something else.
        IntegrityError: The ledger is damaged.
    """
    with ledger_turn(config.ledger) as turn:
        out = outstanding(turn.entries)
        due: dict[str, dict[str, Cause]] = {}
        for one in (out[name] for name in references):
            if one.withdrawal is None:
                due.setdefault(one.recipient, {})[one.item.reference] = "appeal upheld"
        return _withdraw(config, turn, due, reason="", now=now, account=account)


def _unknown(reference: str) -> InputError:
    return InputError(
        f"{reference[:40]} is no reference of the ledger; adverts share ledger=… report_dir=… "
        "lists them"
    )


def _named(out: Mapping[str, OutItem], reference: str) -> list[OutItem]:
    """Return what a reference stands for: of an item, the same advert at every recipient."""
    if reference in out:
        item = out[reference].item.item
        chosen = [one for one in out.values() if one.item.item == item]
    else:
        chosen = [one for one in out.values() if reference in one.shares]
    if not chosen:
        raise _unknown(reference)
    return chosen


def _withdraw(
    config: ShareConfig,
    turn: LedgerTurn,
    due: Due,
    *,
    reason: str,
    now: datetime.datetime,
    account: str,
) -> list[TakenBack]:
    """Write and record what each recipient has to be told.

    The folder appears before the ledger has it: a process that is killed between the two leaves
    what is still due, and the same command writes that folder anew. In the other order the ledger
    would say that it was withdrawn, and nobody would ever be told. Withdrawals that are in the
    folder already are returned, too: whoever recorded them may have been killed before saying so.
    An error says what was recorded.
    """
    assert config.share_dir is not None
    made = [*_to_be_sent(config.share_dir, turn.entries)]
    for recipient, causes in sorted(due.items()):
        reference = act_reference("W", turn.head, recipient)
        folder = config.share_dir / recipient
        require_place(folder, reference)
        entry = turn.next_entry(
            at=now.astimezone(datetime.UTC).isoformat(timespec="seconds"),
            reference=reference,
            recipient=recipient,
            account=account,
            approved_by=config.approved_by or account,
            reason=reason,
            act=Withdrawn(dict(sorted(causes.items()))),
        )
        one = TakenBack(entry, folder)
        try:
            outgoing = outgoing_of(config, (*turn.entries, entry), originals={})
            write_folder(folder, outgoing, refusals=(), sign_with=config.sign_with)
            turn.append(entry)
        except InputError as error:
            raise InputError(_cut_off(config, str(error), one, made)) from None
        made.append(one)
    return made


def _cut_off(config: ShareConfig, error: str, last: TakenBack, made: Sequence[TakenBack]) -> str:
    """Return an error of a withdrawal with what was recorded before it, and how to go on."""
    recorded = {one.reference for one in ledger_file(config.ledger).read()}
    told = [one for one in (*made, last) if one.entry.reference in recorded]
    words = "; ".join(map(withdrawn_words, told)) or "nothing was recorded"
    again = "" if "same command again" in error else "; then run the same command again"
    return f"{error}{again}. Until now: {words}"


def _to_be_sent(folder: Path, entries: Sequence[LedgerEntry]) -> Iterator[TakenBack]:
    """Yield the withdrawals that are in a folder and that no recipient has confirmed."""
    out = outstanding(entries)
    for entry in entries:
        causes = entry.withdrawn.causes if entry.withdrawn is not None else ()
        place = folder / entry.recipient
        if any(out[one].is_active for one in causes) and reference_in(place) == entry.reference:
            yield TakenBack(entry, place)


def withdrawn_words(one: TakenBack) -> str:
    """Return in one line what was withdrawn, for the person who asked."""
    entry = one.entry
    assert entry.withdrawn is not None
    items = plural(len(entry.withdrawn.causes), "item")
    return (
        f"{entry.reference}: {items} withdrawn from {entry.recipient}; send it {one.folder}/send, "
        f"and when it says that they are gone: adverts share confirm={entry.reference}"
    )
