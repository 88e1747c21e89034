"""Whether a campaign is new, revived or grown since a week, and whether that can be said at all."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from scipy.stats import binom

from adverts.errors import plural
from adverts_findings.campaigns.news.limits import (
    CHANCE,
    GROWTH,
    GROWTH_WEEKS,
    LEAST_BACK,
    LEAST_WEEKS,
    MISSED_ADVERTS,
    MOST_WEEKS,
    SILENT_WEEKS,
    STRAY,
)
from adverts_findings.campaigns.news.postings import Posted
from adverts_findings.campaigns.news.volumes import Cell, Volumes, cell_name

What = Literal["new", "revived", "grown"]


@dataclass(frozen=True, slots=True)
class CampaignNews:
    """A campaign that is, or seems to be, new, revived or grown since a week.

    Attributes:
        campaign: Its id.
        what: That it is new, posts again after a silence, or posts more.
        comparable: Whether what was collected before allows to say so.
        why: Why not, if it does not; otherwise empty.
        words: The numbers behind it, as a sentence.
        adverts: Number of its adverts since.
        first_since: Time of the first of them.
        last_before: Time of its last advert before; None if there is none.
        where: Number of its adverts since by platform and language, the most first.
        page: Name of its page beside that of the news; empty if there is none.
    """

    campaign: str
    what: What
    comparable: bool
    why: str
    words: str
    adverts: int
    first_since: datetime.datetime
    last_before: datetime.datetime | None
    where: Mapping[str, int]
    page: str = ""


def claim_on(campaign: str, posted: Sequence[Posted], volumes: Volumes) -> CampaignNews | None:
    """Return what seems to have happened with a campaign; None if nothing that is of note.

    Args:
        campaign: Its id.
        posted: All its adverts.
        volumes: What was collected.
    """
    since = [one for one in posted if one.week is not None and one.week >= 0]
    before = [one for one in posted if one.week is not None and one.week < 0]
    if not since:
        return None
    undated = sum(one.adverts for one in posted if one.week is None)
    claim = CampaignNews(
        what="new",
        campaign=campaign,
        comparable=True,
        why="",
        words="",
        adverts=sum(one.adverts for one in since),
        first_since=min(one.first for one in since if one.first is not None),
        last_before=max((one.last for one in before if one.last is not None), default=None),
        where=_where(since),
    )
    if not before:
        return _with_doubt(_new(claim, since, volumes), undated)
    if claim.last_before is not None and _is_silence(claim.last_before, claim.first_since):
        return _with_doubt(_revived(claim, since, before, volumes), undated)
    return _grown(claim, since, before, volumes)


def weeks_needed(adverts: int, weeks: int) -> int:
    """Return how many weeks before have to be comparable to say that something was not there.

    Args:
        adverts: Number of its adverts.
        weeks: Number of weeks in which it posted them.
    """
    return min(max(math.ceil(MISSED_ADVERTS * weeks / adverts), LEAST_WEEKS), MOST_WEEKS)


def active_weeks(posted: Iterable[Posted]) -> int:
    """Return the number of weeks from the first to the last of some adverts, both included."""
    weeks = [one.week for one in posted if one.week is not None]
    return max(weeks) - min(weeks) + 1


def lack_of(posted: Sequence[Posted], weeks: range, volumes: Volumes) -> str:
    """Return why the cells of some adverts cannot be compared over some weeks; empty if they can.

    Cells that hold at most a tenth of the adverts together, those with fewest first, are left out.
    """
    cells = Counter[Cell]()
    for one in posted:
        cells[one.cell] += one.adverts
    left_out, allowed = 0, STRAY * sum(cells.values())
    lacks = []
    for cell, adverts in sorted(cells.items(), key=lambda one: (one[1], one[0])):
        if lack := volumes.lack(cell, weeks):
            left_out += adverts
            lacks.append(lack)
    return lacks[-1] if left_out > allowed else ""


def _new(claim: CampaignNews, since: Sequence[Posted], volumes: Volumes) -> CampaignNews:
    active = active_weeks(since)
    needed = weeks_needed(claim.adverts, active)
    why = lack_of(since, range(-needed, 0), volumes)
    words = (
        f"{plural(claim.adverts, 'advert')} since, none before; compared with the "
        f"{plural(needed, 'week')} before"
    )
    return replace(claim, words=words, why=why, comparable=not why)


def _is_silence(last: datetime.datetime, first: datetime.datetime) -> bool:
    return first - last >= datetime.timedelta(weeks=SILENT_WEEKS)


def _revived(
    claim: CampaignNews, since: Sequence[Posted], before: Sequence[Posted], volumes: Volumes
) -> CampaignNews:
    back = min(one.week for one in since if one.week is not None)
    weeks = range(back - SILENT_WEEKS, back)
    why = "one advert alone is too few" if claim.adverts < LEAST_BACK else ""
    why = why or lack_of(since, weeks, volumes) or lack_of(before, weeks, volumes)
    assert claim.last_before is not None, "a campaign that is revived was there before"
    silent = (claim.first_since - claim.last_before).days // 7
    words = f"{plural(claim.adverts, 'advert')} since, after {plural(silent, 'week')} without any"
    return replace(claim, what="revived", words=words, why=why, comparable=not why)


def _grown(
    claim: CampaignNews, since: Sequence[Posted], before: Sequence[Posted], volumes: Volumes
) -> CampaignNews | None:
    """Compare the whole weeks since with the weeks before, from its first advert on."""
    later = range(max(volumes.weeks.stop - 1, 1))
    began = min(one.week for one in before if one.week is not None)
    earlier = range(max(-GROWTH_WEEKS, began), 0)
    more, fewer = _within(since, later), _within(before, earlier)
    ratio = len(later) / len(earlier)
    if not _is_growth(more, fewer, ratio):
        return None
    words = (
        f"{plural(more, 'advert')} in {plural(len(later), 'week')}, {fewer:,} in the "
        f"{plural(len(earlier), 'week')} before"
    )
    found = replace(claim, what="grown", words=words)
    if why := lack_of(since, range(earlier.start, later.stop), volumes):
        return replace(found, why=why, comparable=False)
    cells = sorted({one.cell for one in since})
    for judged in (False, True):
        past = volumes.total(cells, earlier, judged=judged)
        if past:
            ratio = max(ratio, volumes.total(cells, later, judged=judged) / past)
    return found if _is_growth(more, fewer, ratio) else None


def _within(posted: Iterable[Posted], weeks: range) -> int:
    return sum(one.adverts for one in posted if one.week in weeks)


def _is_growth(more: int, fewer: int, ratio: float) -> bool:
    """Return whether there are more adverts later than steady posting would show.

    Given their sum, the number of later ones is binomial if both are Poisson at one rate.

    Args:
        more: Adverts later.
        fewer: Adverts earlier.
        ratio: How many times as many adverts the later time would hold at the same rate.

    Source: J. Przyborowski and H. Wilenski, "Homogeneity of results in testing samples from Poisson
    series" (1940).
    """
    if not more or more < GROWTH * fewer * ratio:
        return False
    return bool(binom.sf(more - 1, more + fewer, ratio / (1 + ratio)) < CHANCE)


def _with_doubt(claim: CampaignNews, undated: int) -> CampaignNews:
    """Return a claim, which adverts of unknown time make not comparable."""
    if not undated or not claim.comparable:
        return claim
    why = f"the time of {plural(undated, 'advert')} of it is not known"
    return replace(claim, comparable=False, why=why)


def _where(posted: Iterable[Posted]) -> Mapping[str, int]:
    counts = Counter[str]()
    for one in posted:
        counts[cell_name(one.cell)] += one.adverts
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
