"""What a person reads in the terminal of what is out and what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adverts.errors import plural, printable
from adverts_findings.sharing.ledger.outstanding import OutItem
from adverts_findings.sharing.ledger.report import LedgerReport, RecipientReport
from adverts_findings.sharing.ledger.time_to_removal import LEAST_REMOVALS, Removal

_MOST_SHOWN = 10


def report_lines(report: LedgerReport) -> Iterator[str]:
    """Yield lines on what is out, with whom, and what came of it."""
    if not report.lines:
        yield "nothing was shared yet: the ledger has no lines"
        return
    yield f"ledger: {plural(report.lines, 'line')}, the newest with hash {report.head}"
    everybody = (report.all,) if len(report.recipients) > 1 else ()
    for one in (*report.recipients, *everybody):
        yield from map(printable, _recipient_lines(one))
    yield from _listed(
        "expired and still out; run adverts share withdraw=true bank=… share_dir=…", report.expired
    )
    yield from _listed("withdrawn and still active: not confirmed", report.unconfirmed)
    yield from _listed("reinstated on appeal", report.reinstated)


def removal_words(found: Removal) -> str:
    """Return in words how long it takes until adverts are removed."""
    if not found.notices:
        return "no notice was sent"
    if not found.can_say:
        return (
            f"cannot say: {plural(found.removed, 'removal')} of {plural(found.notices, 'notice')}, "
            f"wanted {LEAST_REMOVALS} removals"
        )
    if found.median is None:
        return f"fewer than half of {plural(found.notices, 'notice')} are removed so far"
    high = "no upper end" if found.high is None else f"{found.high:.1f}"
    low = "0.0" if found.low is None else f"{found.low:.1f}"
    ends = f"{low} to {high}" if found.high is not None else f"from {low}, {high}"
    return f"half are removed within {found.median:.1f} days (95 % interval {ends})"


def _recipient_lines(one: RecipientReport) -> Iterator[str]:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in one.kinds.items())
    states = ", ".join(f"{count:,} {state}" for state, count in one.states.items())
    yield f"{one.name or 'all'}: {plural(one.items, 'item')} ({kinds}): {states}"
    answers = ", ".join(f"{answer} {count:,}" for answer, count in one.answers.items())
    yield f"  answers: {answers or 'none asked for'}; {one.reinstated:,} reinstated on appeal"
    yield f"  time to removal: {removal_words(one.removal)}"


def _listed(what: str, items: Sequence[OutItem]) -> Iterator[str]:
    if items:
        shown = ", ".join(one.item.reference for one in items[:_MOST_SHOWN])
        more = len(items) - _MOST_SHOWN
        rest = f" and {more:,} more, which the page shows" if more > 0 else ""
        yield printable(f"{what}: {shown}{rest}")
