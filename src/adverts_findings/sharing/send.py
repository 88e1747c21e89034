"""Share adverts of campaigns with one recipient: check, record in the ledger, write the folder."""

from __future__ import annotations

import datetime
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from adverts.errors import InputError, plural
from adverts_findings.config.sharing import ShareConfig
from adverts_findings.sharing.leaving.item import Refusal
from adverts_findings.sharing.ledger.ledger_entry import LedgerEntry
from adverts_findings.sharing.ledger.open_ledger import ledger_turn
from adverts_findings.sharing.ledger.outstanding import listed_by
from adverts_findings.sharing.ledger.references import act_reference
from adverts_findings.sharing.make_share import (
    Offered,
    check_offered,
    is_such,
    make_share,
    order_of,
    would_make,
)
from adverts_findings.sharing.write_folder import outgoing_of, require_place, write_folder


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of a share.

    Attributes:
        entry: The ledger's line of it; None if nothing could leave.
        is_again: Whether the same share was recorded before, and its files were written again.
        refusals: What did not leave, and why.
    """

    entry: LedgerEntry | None
    is_again: bool
    refusals: tuple[Refusal, ...]


def send(
    config: ShareConfig,
    offered: Offered,
    *,
    now: datetime.datetime,
    account: str,
    log: Callable[[LedgerEntry], None],
) -> Sent:
    """Share what may leave, and write the folder of it.

    Files are written first, then the ledger's line, then the folder appears: a process that is
    killed leaves either nothing, or a line whose files the same command writes again, byte by byte.
    A share that was recorded before is not recorded twice.

    Args:
        config: What is asked.
        offered: The adverts with their hashes.
        now: Time of now, in UTC.
        account: Account of the system that does it.
        log: Tells the bank's log of a share before it is recorded in the ledger.

    Raises:
        InputError: The order is not allowed as a whole, or the folder holds something else.
        IntegrityError: The ledger is damaged.
    """
    order = order_of(config, account)
    assert config.share_dir is not None
    with ledger_turn(config.ledger) as turn:
        for number, entry in enumerate(turn.entries):
            before = turn.entries[:number]
            if is_such(entry, order) and would_make(before, entry, order, offered):
                require_place(config.share_dir, entry.reference)
                _refuse_withdrawn(turn.entries, number, now)
                refusals = check_offered(before, entry.at, order, offered).refusals
                _write(config, turn.entries[: number + 1], offered, refusals)
                return Sent(entry, True, refusals)
        at = now.astimezone(datetime.UTC).isoformat(timespec="seconds")
        checked = check_offered(turn.entries, at, order, offered)
        salt = secrets.token_hex(16)
        shared = make_share(turn.entries, order, checked, offered, salt=salt)
        if not shared.items:
            return Sent(None, False, checked.refusals)
        entry = turn.next_entry(
            at=at,
            reference=act_reference("S", turn.head, order.name, salt),
            recipient=order.name,
            account=account,
            approved_by=order.approved_by,
            reason=order.purpose,
            act=shared,
        )
        require_place(config.share_dir, entry.reference)

        def record() -> None:
            log(entry)
            turn.append(entry)

        _write(config, (*turn.entries, entry), offered, checked.refusals, record=record)
        return Sent(entry, False, checked.refusals)


def _refuse_withdrawn(entries: Sequence[LedgerEntry], number: int, now: datetime.datetime) -> None:
    """Refuse to write an earlier share again that listed what may be used no longer."""
    entry, today = entries[number], now.astimezone(datetime.UTC).date()
    for name, one in listed_by(entries, number + 1).items():
        withdrawal = one.withdrawal
        if one.is_current(today):
            continue
        over = "has expired"
        if withdrawal is not None:
            over = f"was withdrawn on {withdrawal.at[:10]} ({withdrawal.cause})"
        raise InputError(
            f"{name} of {entry.reference} or a share before it {over}; the files of this share "
            "are not written again"
        )


def _write(
    config: ShareConfig,
    entries: Sequence[LedgerEntry],
    offered: Offered,
    refusals: Sequence[Refusal],
    *,
    record: Callable[[], None] | None = None,
) -> None:
    """Write the folder of the last entry, which is recorded before it appears if it is new."""
    assert config.share_dir is not None
    entry = entries[-1]
    assert entry.shared is not None
    by_item = {one.item: one for one in offered.items}
    originals = {one.reference: by_item[one.item] for one in entry.shared.items}
    outgoing = outgoing_of(config, entries, originals=originals)
    write_folder(
        config.share_dir, outgoing, refusals=refusals, sign_with=config.sign_with, record=record
    )


def refusal_lines(refusals: Sequence[Refusal]) -> Iterator[str]:
    """Yield one line for each reason of refusals, those of most adverts first."""
    counts = Counter((one.kind, one.reason, one.until) for one in refusals)
    first = {(one.kind, one.reason, one.until): one.item for one in reversed(refusals)}
    for asked, number in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        kind, reason, until = asked
        what = "nothing leaves" if kind == "all" else f"no {kind}"
        of = f"{plural(number, 'advert')}, such as {first[asked]}"
        yield f"{what} of {of}: {reason}" + (f"; what would change it: {until}" if until else "")
