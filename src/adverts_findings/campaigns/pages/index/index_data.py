"""All campaigns of a bank as compact JSON for the script of the index."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from adverts.evaluation.report.templating import without_controls
from adverts_findings.campaigns.pages.bank_record import CampaignLine
from adverts_findings.campaigns.pages.page_words import probability as one_line
from adverts_findings.campaigns.pages.shown_values import cut

MOST_FORMER = 10_000
"""Most former ids that the search knows, the latest ones."""


def index_data(lines: Sequence[CampaignLine], former: Mapping[str, str]) -> str:
    """Return the campaigns as JSON in columns, each as long as there are campaigns.

    Names that occur often (platforms, languages, words of a probability, weeks) are listed once
    and given by their place. It holds no ``<``, so that no name ends the element it stands in.

    Args:
        lines: The campaigns in the order in which they are shown first.
        former: Maps former ids to the campaigns that took their place.
    """
    platforms = _numbered(name for one in lines for name in one.platforms)
    languages = _numbered(name for one in lines for name in one.languages)
    words = _numbered(one_line(one.words) for one in lines)
    weeks = sorted({week for one in lines for week in one.weeks}, reverse=True)
    week_place = {week: place for place, week in enumerate(weeks)}

    def column(value: Callable[[CampaignLine], object]) -> list[object]:
        return [value(one) for one in lines]

    data = {
        "name": column(lambda one: one.campaign),
        "adverts": column(lambda one: one.adverts),
        "accounts": column(lambda one: one.accounts),
        "templates": column(lambda one: one.templates),
        "identities": column(lambda one: one.identities),
        "first": column(lambda one: _day(one.first_seen)),
        "last": column(lambda one: _day(one.last_seen)),
        "recent": column(lambda one: one.recent),
        "before": column(lambda one: one.before),
        "platform": column(lambda one: _counts(one.platforms, platforms)),
        "language": column(lambda one: _counts(one.languages, languages)),
        "weeks": column(lambda one: sorted(week_place[week] for week in one.weeks)),
        "chance": column(_chance),
        "words": column(lambda one: words[one_line(one.words)]),
        "shared": column(lambda one: None if one.exported is None else int(one.exported)),
        "page": column(lambda one: int(bool(one.page))),
        "platforms": [_shown(name) for name in platforms],
        "languages": [_shown(name) for name in languages],
        "wordings": list(words),
        "weekNames": weeks,
        "former": dict(list(former.items())[-MOST_FORMER:]),
    }
    told = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return told.replace("<", "\\u003c")


def _chance(line: CampaignLine) -> float | None:
    return None if line.probability is None else round(line.probability, 4)


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted(set(names)))}


def _shown(name: str) -> str:
    return cut(without_controls(name), 40)


def _counts(counts: Mapping[str, int], places: Mapping[str, int]) -> list[int]:
    """Return names and numbers in turn."""
    return list(chain.from_iterable((places[name], number) for name, number in counts.items()))


def _day(time: str | None) -> int | None:
    """Return the days since 1970 of a time of a record."""
    if time is None:
        return None
    return (datetime.date.fromisoformat(time[:10]) - datetime.date(1970, 1, 1)).days
