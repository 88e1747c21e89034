"""Adverts that a model scores, but leaves to people, since too few thresholds ship with it."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.evaluation.report_content import Report
from adverts.runtime.rules.thresholds import Threshold

_NEARLY_ALL = 0.9  # share of the judged adverts


@dataclass(frozen=True, slots=True)
class Undecided:
    """Adverts whose review band is ``abstain``, though the model reads them.

    Attributes:
        adverts: Their number; None where it is unknown.
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
        if not self.judged or (self.adverts or 0) < _NEARLY_ALL * self.judged:
            return None
        cure = f": {self.cure}" if self.cure else ""
        return (
            f"review band: {self.adverts:,} of {self.judged:,} judged adverts are marked abstain, "
            f"so a person reads them; {self.why}{cure}. Scores and figures hold all the same"
        )


def undecided(report: Report) -> Undecided | None:
    """Return the adverts of a report that no threshold decides; None where there are none."""
    task, account = report.task(None), report.account
    if task is None or account is None or account.task != task.task.name:
        return None
    count, judged = account.judged.undecided, account.judged.adverts
    if count == 0:
        return None
    if report.rules is None:
        why = "it has no thresholds here, so nobody knows which its bundle would ship"
        return Undecided(count, judged, why, "export it, and judge the bundle")
    place = task.task.positive_index
    if place is None:
        why = f"task {account.task} has no positive label, so nothing orders a queue"
        is_queue = task.task.kind == "single"
        return Undecided(count, judged, why, "name one: data.tasks.positive=" if is_queue else "")
    label = task.task.labels[place]
    ours = [
        one
        for one in report.rules.thresholds.thresholds
        if (one.task, one.label) == (account.task, label)
    ]
    shipped = [one for one in ours if one.value is not None]
    why = "no threshold ships with the model"
    if any(one.purpose == "recall" for one in shipped):
        if count is None:
            return None
        why = "no recall threshold ships for their language"
    elif shipped:
        why = "no recall threshold ships with the model"
    return Undecided(count, judged, why, _cure(ours))


def _cure(thresholds: list[Threshold]) -> str:
    lacks = [one.lack for one in thresholds if one.purpose == "recall" and one.lack]
    return lacks[0].rstrip(".") if lacks else ""
