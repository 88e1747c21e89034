"""What the bank knows of a value that was looked up."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pyarrow as pa

from adverts.errors import plural
from adverts_findings.campaigns.bank.overdue import REMEDY

NOT_SEEN = "not seen in what was collected"
"""The answer on a value that no advert of the bank shows; it may have been seen elsewhere."""
_OVER = f"the last day on which they may be kept is over; {REMEDY}"
SEEN = ("id", "account", "posted_at", "campaign")
"""Columns of ``adverts`` from which an answer is made."""
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CampaignSeen:
    """A campaign with adverts that show a value.

    Attributes:
        campaign: Its id.
        adverts: Number of its adverts that show the value.
        first_seen: When the first of them was posted; None if no time is known.
        last_seen: When the last of them was posted.
        probability: Probability that two adverts of the campaign are of one advertiser.
        calibrated: Whether it is calibrated by judgements.
    """

    campaign: str
    adverts: int
    first_seen: datetime.datetime | None
    last_seen: datetime.datetime | None
    probability: float | None
    calibrated: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bank knows of a value.

    Attributes:
        kind: What kind of value it is.
        value: Its token, or the hash of a text or picture in hexadecimal digits.
        ids: Adverts that show it, or nearly the same text or picture, the earliest first.
        accounts: Number of accounts that show it.
        first_seen: When the first of the adverts was posted; None if no time is known.
        last_seen: When the last of them was posted.
        campaigns: Their campaigns, those with most of the adverts first.
        alone: Number of the adverts that are in no campaign.
        joins_nothing: Why the value joins nothing, if it does not; empty otherwise.
        similarity: Highest similarity of a text or picture found, in 0–1; None for a token.
        restricted: Number of adverts with it that are restricted, of which nothing else is said.
        hidden: Number of adverts with it whose last day is over, of which nothing else is said.
        told: Who was informed of it.
    """

    kind: Literal["contact", "account", "text", "picture"]
    value: str
    ids: tuple[str, ...] = ()
    accounts: int = 0
    first_seen: datetime.datetime | None = None
    last_seen: datetime.datetime | None = None
    campaigns: tuple[CampaignSeen, ...] = ()
    alone: int = 0
    joins_nothing: str = ""
    similarity: float | None = None
    restricted: int = 0
    hidden: int = 0
    told: tuple[str, ...] = ()

    @property
    def is_seen(self) -> bool:
        """Whether any advert of the bank shows it, restricted and hidden ones among them."""
        return bool(self.ids) or self.restricted > 0 or self.hidden > 0

    def __str__(self) -> str:
        if not self.is_seen:
            return f"{self.kind}: {NOT_SEEN}"
        adverts, accounts = plural(len(self.ids), "advert"), plural(self.accounts, "account")
        parts = [f"{adverts} of {accounts}"] if self.ids or self.restricted else []
        if self.first_seen is not None and self.last_seen is not None:
            parts.append(f"seen from {self.first_seen.date()} to {self.last_seen.date()}")
        parts += [f"{one.campaign} ({plural(one.adverts, 'advert')})" for one in self.campaigns]
        parts += [f"{plural(self.alone, 'advert')} in no campaign"] * (self.alone > 0)
        parts += [f"joins nothing: {self.joins_nothing}"] * bool(self.joins_nothing)
        parts += [f"{plural(self.restricted, 'advert')} restricted"] * (self.restricted > 0)
        parts += [f"{plural(self.hidden, 'advert')} hidden: {_OVER}"] * (self.hidden > 0)
        return f"{self.kind}: {', '.join(parts)}"


def answer_of(
    plain: Answer, found: pa.Table, campaigns: Mapping[str, Row], *, restricted: int, hidden: int
) -> Answer:
    """Return an answer with what the adverts that show its value say.

    Args:
        plain: The answer without them.
        found: These adverts, with the columns :data:`SEEN`.
        campaigns: Rows of ``campaigns``, by their ids.
        restricted: Number of restricted adverts that show it.
        hidden: Number of adverts that show it and whose last day is over.
    """
    rows = [_Row(**row) for row in found.select(SEEN).to_pylist()]
    shown = sorted(rows, key=_when)
    inside: dict[str, list[_Row]] = {}
    for row in shown:
        if row.campaign is not None:
            inside.setdefault(row.campaign, []).append(row)
    seen = [_campaign(name, rows, campaigns.get(name, {})) for name, rows in inside.items()]
    first, last = _span(shown)
    return replace(
        plain,
        ids=tuple(row.id for row in shown),
        accounts=len({row.account for row in shown} - {None}),
        first_seen=first,
        last_seen=last,
        campaigns=tuple(sorted(seen, key=lambda one: (-one.adverts, one.campaign))),
        alone=sum(row.campaign is None for row in shown),
        restricted=restricted,
        hidden=hidden,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    account: str | None
    posted_at: datetime.datetime | None
    campaign: str | None


def _when(row: _Row) -> tuple[bool, datetime.datetime, str]:
    """Return by what adverts are ordered: those of unknown time come last."""
    late = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    return row.posted_at is None, row.posted_at or late, row.id


def _span(
    rows: Sequence[_Row],
) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    times = [row.posted_at for row in rows if row.posted_at is not None]
    return min(times, default=None), max(times, default=None)


def _campaign(name: str, rows: Sequence[_Row], campaign: Row) -> CampaignSeen:
    probability = campaign.get("probability")
    first, last = _span(rows)
    return CampaignSeen(
        campaign=name,
        adverts=len(rows),
        first_seen=first,
        last_seen=last,
        probability=probability if isinstance(probability, float) else None,
        calibrated=campaign.get("calibrated") is True,
    )
