"""The summary of a complete collection: as JSON for programs, and as a page for people."""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from adverts.evaluation.report.templating import FOLDER, fill_html
from adverts.runtime.predict.responses import REVIEW_BANDS
from adverts.scoring import drift_wording
from adverts.scoring.collection import Collection
from adverts.scoring.collection_counts import UNKNOWN, CollectionCounts
from adverts.scoring.drift import TOLERATED, Drift
from adverts.scoring.evidence.evidence_terms import CONTENT

SUMMARY, PAGE = "summary.json", "summary.html"
_FOLDERS = (Path(__file__).parent / "templates", FOLDER)
_MOST_ROWS, _MOST_PLATFORMS, _MOST_WEEKS = 15, 20, 24
_WEEKS_WIDE = 8
_REST = "all others"
_WEEK = re.compile(r"(\d{4})-W(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Grid:
    """Numbers of adverts by platform and week; a week in which nothing was collected is there.

    Attributes:
        weeks: Weeks in order, the last 24; without gaps.
        rows: Maps each platform to its number of adverts in each week.
        left_out: Number of adverts of earlier weeks, of unknown weeks, and of other platforms.
    """

    weeks: tuple[str, ...]
    rows: Mapping[str, tuple[int, ...]]
    left_out: int

    def parts(self) -> Iterator[slice]:
        """Yield the places of eight weeks each, which fit on a page."""
        for start in range(0, len(self.weeks), _WEEKS_WIDE):
            yield slice(start, start + _WEEKS_WIDE)

    @property
    def largest(self) -> int:
        """The largest number of a cell; 1 where every cell is empty."""
        return max((one for row in self.rows.values() for one in row), default=0) or 1


def write_summary(collection: Collection, drift: Drift | None) -> None:
    """Write the summary of a complete collection; equal receipts give equal files.

    Raises:
        InputError: The place cannot be written, or is full.
        IntegrityError: A receipt is damaged.
    """
    content = json.dumps(_record(collection, drift), ensure_ascii=False, indent=1)
    collection.place.replace(PAGE, summary_page(collection, drift).encode(errors="replace"))
    collection.place.replace(SUMMARY, content.encode(errors="replace") + b"\n")


def summary_page(collection: Collection, drift: Drift | None) -> str:
    """Return the page of a collection: counts and shares; no text, id or contact of an advert."""
    counts = collection.counts
    values = {
        "counts": counts,
        "bands": REVIEW_BANDS,
        "tables": {
            "Language": _table(counts.by(2), by_size=True),
            "Platform": _table(counts.by(0), by_size=True),
            "Week": _table(counts.by(1), by_size=False),
        },
        "grid": grid_of(counts),
        "drift": drift,
        "wording": drift_wording,
        "tolerated": TOLERATED,
        "percent": drift_wording.percent,
        "seconds": collection.seconds,
        "plan": collection.plan,
        "place": str(collection.place),
        "units": len(collection.plan.units),
        "processors": sorted({receipt.processor for receipt in collection.receipts}),
    }
    return fill_html("summary.html.j2", values, folders=_FOLDERS)


def grid_of(counts: CollectionCounts) -> Grid:
    """Return the numbers of adverts by platform and week, with every week in between."""
    found: Counter[tuple[str, str]] = Counter()
    for (platform, week, _, _), number in counts.cells.items():
        found[platform, week] += number
    weeks = _weeks(week for _, week in found)
    totals: Counter[str] = Counter()
    for (platform, _), number in found.items():
        totals[platform] += number
    platforms = sorted(totals, key=lambda one: (-totals[one], one))[:_MOST_PLATFORMS]
    rows = {one: tuple(found[one, week] for week in weeks) for one in platforms}
    return Grid(weeks, rows, counts.adverts - sum(map(sum, rows.values())))


def _weeks(found: Iterable[str]) -> tuple[str, ...]:
    """Return the last weeks from the first that is there to the last, without gaps."""
    days = sorted(day for week in set(found) if (day := _monday(week)) is not None)
    if not days:
        return ()
    last, number = days[-1], min(_MOST_WEEKS, (days[-1] - days[0]).days // 7 + 1)
    mondays = (last - datetime.timedelta(weeks=back) for back in reversed(range(number)))
    return tuple(f"{day.isocalendar().year}-W{day.isocalendar().week:02d}" for day in mondays)


def _monday(week: str) -> datetime.date | None:
    told = _WEEK.fullmatch(week)
    if told is None:
        return None
    try:
        return datetime.date.fromisocalendar(int(told[1]), int(told[2]), 1)
    except ValueError:
        return None


def _table(by: Mapping[str, Counter[str]], *, by_size: bool) -> Sequence[tuple[str, Counter[str]]]:
    """Return the rows of a table: the largest or the last ones, and all others together."""
    names = sorted(by)
    if by_size:
        names = sorted(by, key=lambda one: (-by[one].total(), one))
        shown, others = names[:_MOST_ROWS], names[_MOST_ROWS:]
    else:
        names = [one for one in names if one != UNKNOWN] + [one for one in names if one == UNKNOWN]
        shown, others = names[-_MOST_ROWS:], names[:-_MOST_ROWS]
    rows = [(one, by[one]) for one in shown]
    if others:
        rest: Counter[str] = Counter()
        for one in others:
            rest += by[one]
        rows.append((_REST, rest))
    return rows


def _record(collection: Collection, drift: Drift | None) -> dict[str, object]:
    return {
        "schema_version": 1,
        "plan": collection.plan.key,
        "units": len(collection.plan.units),
        "seconds": round(collection.seconds, 3),
        "processors": sorted({receipt.processor for receipt in collection.receipts}),
        "counts": collection.counts.plain(),
        "drift": None if drift is None else _drift_record(drift),
        "settings": {
            name: one for name, one in collection.plan.settings.items() if name != CONTENT
        },
        "outputs": {
            name: asdict(output)
            for receipt in collection.receipts
            for name, output in receipt.outputs.items()
        },
    }


def _drift_record(drift: Drift) -> dict[str, object]:
    return {
        "verdict": drift.verdict,
        "lack": drift.lack,
        "texts": drift.texts,
        "adverts": drift.adverts,
        "effective": round(drift.effective, 1),
        "facts": [
            {
                "name": one.name,
                "verdict": one.verdict,
                "distance": one.distance.value,
                "low": one.distance.low,
                "high": one.distance.high,
                "sentence": drift_wording.sentence(one),
                "groups": [asdict(group) for group in one.groups],
            }
            for one in drift.facts
        ],
    }
