"""Adverts by week and platform, and the times in which nothing was posted."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adverts_findings.campaigns.pages.shown_values import moment
from adverts_findings.campaigns.weeks import monday_of_week, week_name

if TYPE_CHECKING:
    from markupsafe import Markup

OTHERS = "all others"
UNKNOWN = ""
"""Stands for the platform of an advert whose platform is not known."""
MOST_WEEKS = 104
_DAYS = 7
_MOST_PLATFORMS = 6
_MOST_SILENCES = 3
_LEAST_SILENCE_DAYS = 14
_WIDTH, _HEIGHT, _BASE = 310, 30, 28

Posting = tuple[datetime.datetime | None, str | None]
"""When an advert was posted, in UTC, and its platform."""


@dataclass(frozen=True, slots=True)
class Silence:
    """A time in which no advert of a campaign was posted.

    Attributes:
        days: Its length.
        after: Time of the last advert before it.
        before: Time of the first advert after it.
    """

    days: float
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class SilentSince:
    """The time from the last advert of a campaign to the end of the bank.

    Attributes:
        last_week: Week of its last advert, such as ``2026-W05``.
        bank_week: Week of the last advert of the bank.
        weeks: Number of weeks from one to the other.
    """

    last_week: str
    bank_week: str
    weeks: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """Numbers of adverts by week and platform.

    Attributes:
        weeks: Weeks by the calendar of ISO 8601, such as ``2026-W05``, in order and without gaps:
            the last 104 at most.
        rows: Maps each platform to its number of adverts in each week, those with most adverts
            first; the empty name stands for an unknown platform. From the seventh platform on they
            are counted together.
        earlier: Number of adverts of earlier weeks.
        without_time: Number of adverts whose time is not known.
    """

    weeks: tuple[str, ...]
    rows: Mapping[str, tuple[int, ...]]
    earlier: int
    without_time: int

    @property
    def largest(self) -> int:
        """The largest number of a week; 1 where nothing was posted."""
        return max((one for row in self.rows.values() for one in row), default=0) or 1


def timeline_of(postings: Sequence[Posting]) -> Timeline:
    """Return the numbers of adverts by week and platform."""
    timed = [(_week(time), platform or UNKNOWN) for time, platform in postings if time is not None]
    weeks = _weeks(week for week, _ in timed)
    totals = Counter(platform for _, platform in timed)
    platforms = sorted(totals, key=lambda one: (-totals[one], one))
    named = platforms if len(platforms) <= _MOST_PLATFORMS else platforms[: _MOST_PLATFORMS - 1]
    found = Counter((platform if platform in named else OTHERS, week) for week, platform in timed)
    shown = [*named, *([OTHERS] if len(platforms) > len(named) else [])]
    rows = {one: tuple(found[one, week] for week in weeks) for one in shown}
    return Timeline(
        weeks=tuple(map(_name, weeks)),
        rows=rows,
        earlier=len(timed) - sum(map(sum, rows.values())),
        without_time=len(postings) - len(timed),
    )


def silences_of(postings: Iterable[Posting]) -> tuple[Silence, ...]:
    """Return the longest silences of at least two weeks, at most three, the longest first."""
    times = sorted({time for time, _ in postings if time is not None})
    gaps = [
        ((later - earlier) / datetime.timedelta(days=1), earlier, later)
        for earlier, later in zip(times, times[1:], strict=False)
    ]
    long = sorted((one for one in gaps if one[0] >= _LEAST_SILENCE_DAYS), reverse=True)
    return tuple(
        Silence(round(days, 1), moment(earlier) or "", moment(later) or "")
        for days, earlier, later in long[:_MOST_SILENCES]
    )


def silent_since(postings: Iterable[Posting], bank_week: str | None) -> SilentSince | None:
    """Return how long a campaign was silent at the end of the bank; None if no time is known.

    Args:
        postings: Postings of the campaign.
        bank_week: Week of the last advert of the bank; None if no time is known.
    """
    last = max((_week(time) for time, _ in postings if time is not None), default=None)
    if last is None or bank_week is None:
        return None
    end = (monday_of_week(bank_week).toordinal() - 1) // _DAYS
    return SilentSince(_name(last), bank_week, max(end - last, 0))


def strip(numbers: Sequence[int], largest: int) -> Markup:
    """Draw the numbers of one platform as bars, one for each week; a gap is a gap in the bars."""
    from markupsafe import Markup

    width = _WIDTH / max(len(numbers), 1)
    bars = "".join(
        f'<rect x="{place * width + 0.5:.1f}" y="{_BASE - height:.1f}" '
        f'width="{max(width - 1, 1):.1f}" height="{height:.1f}"/>'
        for place, number in enumerate(numbers)
        if number and (height := max((_BASE - 2) * number / largest, 1.5))
    )
    return Markup(_svg(f'<path class="rail" d="M0 {_BASE + 0.5}H{_WIDTH}"/>{bars}', _HEIGHT))


def scale(weeks: Sequence[str]) -> Markup:
    """Draw the scale above the bars: the first and the last week, and each new year between."""
    from markupsafe import Markup

    return Markup(_svg("".join(_ticks(weeks)), 16))  # it holds weeks alone


def _ticks(weeks: Sequence[str]) -> Iterator[str]:
    if not weeks:
        return
    width = _WIDTH / len(weeks)
    yield f'<text class="tick" x="0" y="12" text-anchor="start">{weeks[0]}</text>'
    for place, week in enumerate(weeks):
        if week.endswith("-W01") and 70 < place * width < _WIDTH - 80:
            yield f'<text class="tick" x="{place * width:.1f}" y="12">{week[:4]}</text>'
    if len(weeks) > 1:
        yield f'<text class="tick" x="{_WIDTH}" y="12" text-anchor="end">{weeks[-1]}</text>'


def _svg(content: str, height: int) -> str:
    return (
        f'<svg class="bar strip" viewBox="-5 0 {_WIDTH + 10} {height}" aria-hidden="true">'
        f"{content}</svg>"
    )


def _week(time: datetime.datetime) -> int:
    utc = time.astimezone(datetime.UTC) if time.tzinfo else time
    return (utc.toordinal() - 1) // _DAYS  # the first day of the calendar is a Monday


def _name(week: int) -> str:
    return week_name(datetime.date.fromordinal(week * _DAYS + 1))


def _weeks(found: Iterable[int]) -> range:
    """Return the last weeks up to the last that is there, without gaps."""
    weeks = set(found)
    if not weeks:
        return range(0)
    return range(max(min(weeks), max(weeks) - MOST_WEEKS + 1), max(weeks) + 1)
