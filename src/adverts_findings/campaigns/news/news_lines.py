"""What a person reads in the terminal of what is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adverts.errors import plural, printable
from adverts_findings.campaigns.news.claims import CampaignNews
from adverts_findings.campaigns.news.first_uses import FirstUse
from adverts_findings.campaigns.news.news_record import NewsRecord
from adverts_findings.campaigns.pages.shown_values import cut, day, moment

_MOST_ROWS = 20
_MOST_PLACES = 3


def news_lines(record: NewsRecord) -> Iterator[str]:
    """Yield lines on what is new, on what cannot be compared, and why."""
    yield f"since {record.since}, that is {record.first_day}, by build {record.build}"
    yield _collected_line(record)
    yield _counts_line(record)
    yield from _rows([_campaign_row(one) for one in record.campaigns if one.comparable], "claims")
    yield from _rows([_use_row(one) for one in record.uses if one.comparable], "first uses")
    doubtful = [
        *(f"{_campaign_row(one)}: {one.why}" for one in record.campaigns if not one.comparable),
        *(f"{_use_row(one)}: {one.why}" for one in record.uses if not one.comparable),
    ]
    if doubtful:
        yield "not comparable or in doubt, so that nothing is claimed of what only seems so:"
    yield from _rows(doubtful, "that are not comparable")
    if record.without_time:
        yield f"{plural(record.without_time, 'advert')} of the bank without a time that can be used"


def _collected_line(record: NewsRecord) -> str:
    before = len(record.weeks) - sum(one >= record.since for one in record.weeks)
    collected = sum(sum(one.adverts[before:]) for one in record.grid)
    shown = [one for one in record.grid if sum(one.adverts[before:])]
    reached = sum(one.reach > 1 for one in shown)
    return (
        f"collected since: {plural(collected, 'advert')} in {len(shown):,} pairs of platform and "
        f"language, of which {reached:,} can be compared with the weeks before"
    )


def _counts_line(record: NewsRecord) -> str:
    told = [f"{len(record.named(what)):,} {what}" for what in ("new", "revived", "grown")]
    uses = sum(one.comparable for one in record.uses)
    doubtful = sum(not one.comparable for one in record.campaigns) + len(record.uses) - uses
    return (
        f"campaigns: {', '.join(told)}; {plural(uses, 'first use')} on another platform; "
        f"{doubtful:,} not comparable"
    )


def _campaign_row(one: CampaignNews) -> str:
    places = list(one.where.items())
    shown = "; ".join(f"{name} {number:,}" for name, number in places[:_MOST_PLACES])
    more = f" and {len(places) - _MOST_PLACES} more" if len(places) > _MOST_PLACES else ""
    what = one.what if one.comparable else f"{one.what}?"
    return f"  {what:9}{one.campaign:12}{one.words} ({cut(shown, 160)}{more})"


def _use_row(one: FirstUse) -> str:
    elsewhere = ", ".join(cut(name, 40) for name in one.elsewhere[:_MOST_PLACES])
    of = f", {', '.join(one.campaigns[:_MOST_PLACES])}" if one.campaigns else ""
    what = "on" if one.comparable else "on?"
    return (
        f"  {what:9}{one.kind} {one.value} on {cut(one.platform, 40)} from "
        f"{day(moment(one.first_seen))}, before on {elsewhere}{of}"
    )


def _rows(rows: Sequence[str], what: str) -> Iterator[str]:
    for row in rows[:_MOST_ROWS]:
        yield printable(row)
    if len(rows) > _MOST_ROWS:
        yield f"  and {len(rows) - _MOST_ROWS:,} more {what}, which the page shows"
