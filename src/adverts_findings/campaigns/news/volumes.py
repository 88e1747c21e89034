"""How much was collected in each week, platform and language, and which weeks are comparable."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from adverts.arrays import Ints
from adverts_findings.campaigns.news.limits import LEAST_ADVERTS, LEAST_VOLUME, USUAL_WEEKS
from adverts_findings.campaigns.pages.shown_values import cut
from adverts_findings.campaigns.weeks import WEEK, week_name

Cell = tuple[str, str]
"""A platform and a language; an empty text stands for one that is not known."""
_MOST_LETTERS = 40
_UNKNOWN_LANGUAGE, _UNKNOWN_PLATFORM = "language not known", "platform not known"


def cell_name(cell: Cell) -> str:
    """Return the name of a cell, such as ``site, en``."""
    platform, language = (cut(one, _MOST_LETTERS) for one in cell)
    return f"{platform or _UNKNOWN_PLATFORM}, {language or _UNKNOWN_LANGUAGE}"


@dataclass(frozen=True, slots=True, eq=False)
class Volumes:
    """How many adverts were collected, and judged by a person, in each cell and week.

    Weeks are numbered from the week that is asked about, which is 0; those before are negative.

    Attributes:
        since: Monday of that week.
        first: Number of the first week that is known here.
        adverts: Adverts of each cell in each week from ``first`` on, of all groups, ``(W,)``.
        judged: How many of them a person had judged, ``(W,)``.
    """

    since: datetime.date
    first: int
    adverts: Mapping[Cell, Ints]
    judged: Mapping[Cell, Ints]

    @property
    def weeks(self) -> range:
        """Numbers of the weeks that are known here, the last one that of the build."""
        count = len(next(iter(self.adverts.values()))) if self.adverts else -self.first
        return range(self.first, self.first + count)

    def name(self, week: int) -> str:
        """Return the ISO name of a week by its number."""
        return week_name(self.since + week * WEEK)

    def total(self, cells: Sequence[Cell], weeks: range, *, judged: bool = False) -> int:
        """Return how many adverts were collected, or judged, in some cells and weeks."""
        table = self.judged if judged else self.adverts
        return sum(int(self._of(table, cell, weeks).sum()) for cell in cells)

    def lack(self, cell: Cell, weeks: range) -> str:
        """Return why a cell cannot be compared over some weeks; empty if it can.

        Each of these weeks holds at least ten adverts, and at least half of the usual volume: of
        the median of the eight weeks before, of which weeks with none are left out, and of the
        fullest week since. And people judged at least half as many of its adverts a week as since.

        Args:
            cell: The cell.
            weeks: The weeks, by their numbers.
        """
        if not self.adverts:
            return "how much was collected in these weeks is not known"
        where, usual = cell_name(cell), self._usual(cell)
        for week, volume in zip(weeks, self._of(self.adverts, cell, weeks).tolist(), strict=True):
            if not volume:
                return f"{where} was not collected in {self.name(week)}"
            if volume < LEAST_ADVERTS:
                return f"{where} holds {volume} adverts in {self.name(week)}, too few to compare"
            if volume < LEAST_VOLUME * usual:
                return (
                    f"{where} holds {volume:,} adverts in {self.name(week)}, less than half of "
                    f"the usual {usual:,.0f}"
                )
        return self._unjudged(cell, weeks)

    def reach(self, cell: Cell) -> int:
        """Return how many weeks directly before can be compared, at most those known here."""
        for count in range(1, 1 - self.first):
            if self.lack(cell, range(-count, 0)):
                return count - 1
        return -self.first

    def _usual(self, cell: Cell) -> float:
        before = self._of(self.adverts, cell, range(-USUAL_WEEKS, 0))
        before = before[before > 0]
        usual = float(np.median(before)) if len(before) else 0.0
        since = self._of(self.adverts, cell, range(self.weeks.stop))
        return max(usual, float(since.max(initial=0)))

    def _unjudged(self, cell: Cell, weeks: range) -> str:
        before = self._of(self.judged, cell, weeks)
        since = range(self.weeks.stop)
        collected = self._of(self.adverts, cell, since) > 0
        judged = self._of(self.judged, cell, since)[collected]
        if not len(before) or not len(judged):
            return ""
        earlier, later = float(before.mean()), float(judged.mean())
        if earlier >= LEAST_VOLUME * later:
            return ""
        return (
            f"of {cell_name(cell)}, people judged {earlier:,.1f} adverts a week before, and "
            f"{later:,.1f} since"
        )

    def _of(self, table: Mapping[Cell, Ints], cell: Cell, weeks: range) -> Ints:
        """Return the numbers of a cell in some weeks; 0 where nothing is known."""
        numbers = table.get(cell)
        found = np.zeros(len(weeks), np.int64)
        for place, week in enumerate(weeks):
            if numbers is not None and 0 <= week - self.first < len(numbers):
                found[place] = numbers[week - self.first]
        return found


def volumes_of(
    collected: pa.Table, *, since: datetime.date, last: datetime.date, before: int = USUAL_WEEKS
) -> Volumes:
    """Return what was collected from some weeks before a week on.

    Args:
        collected: The table of the bank.
        since: Monday of the week that is asked about.
        last: Monday of the week of the build.
        before: Number of weeks before that are needed.
    """
    count = before + (last - since) // WEEK + 1
    found = pc.and_(
        pc.greater_equal(collected["week"], pa.scalar(since - before * WEEK, pa.date32())),
        pc.less_equal(collected["week"], pa.scalar(last, pa.date32())),
    )
    summed = (
        collected.filter(pc.fill_null(found, False))
        .group_by(["week", "platform", "language"])
        .aggregate([("adverts", "sum"), ("judged", "sum")])
    )
    adverts: dict[Cell, Ints] = {}
    judged: dict[Cell, Ints] = {}
    for row in summed.to_pylist():
        cell = (row["platform"] or "", row["language"] or "")
        week = (row["week"] - since) // WEEK + before
        for table, name in ((adverts, "adverts_sum"), (judged, "judged_sum")):
            table.setdefault(cell, np.zeros(count, np.int64))[week] += row[name]
    return Volumes(since, -before, adverts, judged)
