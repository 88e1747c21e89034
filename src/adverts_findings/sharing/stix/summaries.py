"""What the adverts of a stay say together: expiry, probability, days, classes, what is asked."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Literal

from adverts_findings.campaigns.grouping.yardstick import percentage
from adverts_findings.sharing.ledger.ledger_entry import Signal
from adverts_findings.sharing.stix.stays import Stay

_SECOND = datetime.timedelta(seconds=1)
_LARGE = 100
_NO_CLASS = "content that may break the law or the rules of a platform"


def end_of_use(stay: Stay) -> datetime.datetime:
    """Return when it may no longer be used.

    That is the end of the last day of its advert that may be used longest. If it is over, that is
    when it was withdrawn, so that readers that know nothing of withdrawals stop there as well. It
    is later than the start in any case, as STIX demands.
    """
    last = max(datetime.date.fromisoformat(one.out.expires) for one in stay.members)
    end = _midnight(last) + datetime.timedelta(days=1)
    if stay.is_over:
        end = min(end, stay.changed)
    return max(end, stay.since + _SECOND)


def confidence(stay: Stay) -> int | None:
    """Return the bank's probability of its last share in per cent, 1 to 99; None if not known."""
    last = max(one.at for one in stay.members)
    probability = max(one.probability for one in stay.members if one.at == last)
    return min(max(percentage(probability), 1), 99) if 0 <= probability <= 1 else None


def days_seen(
    stay: Stay,
) -> tuple[datetime.datetime, datetime.datetime] | None:
    """Return the first and the last day of posting; None where no day is known."""
    known = [one.out.item.first_seen for one in stay.members if one.out.item.first_seen]
    days = sorted(_midnight(datetime.date.fromisoformat(one)) for one in known)
    return (days[0], days[-1]) if days else None


def labels_of(stay: Stay) -> tuple[str, ...]:
    """Return the classes that people gave its adverts, in the order of the alphabet."""
    return tuple(sorted({one.out.item.label for one in stay.members if one.out.item.label}))


def action_of(stay: Stay) -> Literal["block", "review"]:
    """Return what is asked: to block only where that was asked of every advert."""
    every = all(one.out.action == "block" for one in stay.members)
    return "block" if every else "review"


def references_of(stay: Stay) -> tuple[str, ...]:
    """Return the references of its adverts."""
    return tuple(one.out.item.reference for one in stay.members)


def signal_of(stay: Stay, kind: str, value: str) -> Signal:
    """Return a hash as the first advert that has it states it."""
    return next(
        one
        for member in stay.members
        for one in member.out.item.signals
        if (one.type, one.value) == (kind, value)
    )


def facts_of_pdq(signal: Signal) -> str:
    """Return in words how a PDQ hash is compared, and how often it errs where that is known."""
    text = (
        f"PDQ hash of quality {signal.quality}. Pictures whose PDQ hashes differ in at most 31 "
        "of 256 bits count as the same."
    )
    if signal.false_per_million >= 0:
        bound = signal.false_per_million
        number = f"{bound:,.0f}" if bound >= _LARGE else f"{bound:.3g}"
        text += f" At most {number} of a million other pictures match (upper 95 % bound)."
    return text


def joined(words: Iterable[str]) -> str:
    """Return classes with commas; without one, no more than people said by the label alone."""
    return ", ".join(words) or _NO_CLASS


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), datetime.UTC)
