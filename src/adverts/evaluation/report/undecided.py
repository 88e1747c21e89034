"""Adverts that a model scores, but leaves to people, since too few thresholds ship with it."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.evaluation.report_content import Report
from adverts.runtime.rules.thresholds import Threshold

_NEARLY_ALL = 0.9  # share of the judged adverts


@dataclass(frozen=True, slots=True)
class Undecided:
    """Adverts whose review band is ``abstain``, though the model answers them.

    Attributes:
        adverts: Their number; None where it is unknown what the model answers.
        judged: Number of judged adverts.
        why: Why no threshold decides them, as a clause.
        cure: What is lacking for such a threshold; empty where it is unknown.
    """

    adverts: int | None
    judged: int
    why: str
    cure: str

    @property
    def line(self) -> str | None:
        """One line for the terminal where nearly all adverts are undecided; otherwise None."""
        if self.adverts is None or not self.judged or self.adverts < _NEARLY_ALL * self.judged:
            return None
        cure = f": {self.cure}" if self.cure else ""
        return (
            f"review band: {self.adverts:,} of {self.judged:,} judged adverts are marked abstain, "
            f"so a person reads them; {self.why}{cure}. Scores and figures hold all the same"
        )


def undecided(report: Report) -> Undecided | None:
    """Return the adverts of a report that no threshold decides; None where a recall threshold does.

    With thresholds for single languages it depends on each advert, which a report does not hold, so
    None is returned there too, unless none of them has a value.
    """
    task, account = report.task(None), report.account
    if task is None or account is None or report.rules is None or account.task != task.task.name:
        return None
    thresholds = report.rules.thresholds
    place = task.task.positive_index
    label = None if place is None else task.task.labels[place]
    ours = [one for one in thresholds.thresholds if (one.task, one.label) == (account.task, label)]
    if not ours or "recall" in thresholds.withheld:
        return None
    shipped = [one for one in ours if one.value is not None]
    if any(one.purpose == "recall" or one.language for one in shipped):
        return None
    given, flagged = account.judged.given, 0
    for point in report.operating:
        if point.threshold in shipped:
            flagged = point.flagged
    why = "no recall threshold ships with the model"
    if not shipped:
        why = "no threshold ships with the model"
    return Undecided(
        None if given is None else given - flagged, account.judged.adverts, why, _cure(ours)
    )


def _cure(thresholds: list[Threshold]) -> str:
    lacks = [one.lack for one in thresholds if one.purpose == "recall" and one.lack]
    return lacks[0].rstrip(".") if lacks else ""
