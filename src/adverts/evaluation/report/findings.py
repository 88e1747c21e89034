"""The worst that a report found, ranked by what is surely lost, and what it could not judge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION,
    AVERAGE_PRECISION_AT_PREVALENCE,
    LOWER_IS_BETTER,
)
from adverts.evaluation.figures.wording import with_interval
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.report import page_parts
from adverts.evaluation.report.disguise_findings import ALARMS_COUNT, of_disguises
from adverts.evaluation.report.finding import Finding, lost
from adverts.evaluation.report.unjudged import Unjudged, anchor, unjudged
from adverts.evaluation.report_content import Report, TaskSummary
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.stated_probabilities import CALIBRATION_ERROR

NOTICEABLE = 0.05
SHOWN = 7
_SHOWN_BAD = ("promise", "champion")  # listed only where bounds show it, so however small it is
RULE = (
    f"The order is by what is surely lost, the kinder end of the 95 % interval, as a share of 1. "
    f"For a disguise that is recall, at its worst strength; for false alarms gained {ALARMS_COUNT} "
    "times their share; for a group or label how far its figure is behind that of all; for a "
    "threshold what is missing to its promise; for calibration the mean gap; for the champion how "
    f"far the model is behind. The list holds what surely loses {NOTICEABLE:g} or more, what the "
    "gate failed, broken promises and what is shown to be worse than the champion; at most "
    f"{SHOWN}. The worst of many look worse than they are by chance alone."
)


@dataclass(frozen=True, slots=True)
class Findings:
    """The worst findings of a report.

    Attributes:
        worst: What is noticeably bad, the worst first.
        more: Number of further such findings that are not listed.
        next: What could be the worst of the rest, by the far end of its interval; None where
            ``worst`` has some, or there is no figure at all.
        unjudged: What had too little evidence.
        rule: How the findings are ranked.
    """

    worst: tuple[Finding, ...]
    more: int
    next: Finding | None
    unjudged: tuple[Unjudged, ...]
    rule: str = RULE

    @property
    def verdict(self) -> str:
        """One sentence on what the list holds."""
        if self.worst:
            return f"{len(self.worst) + self.more} found, the worst first."
        if self.next is None:
            return "Nothing could be judged, so nothing is known to be bad."
        return (
            f"Nothing is shown to be worse than a loss of {NOTICEABLE:g}. What could be the worst, "
            "by its interval:"
        )


def findings_of(report: Report, gate: GateRecord | None) -> Findings:
    """Return the worst findings on the headline task, and on everything measured beside it."""
    task = report.task(None)
    found = [
        *_of_gate(gate),
        *_of_promises(report),
        *of_disguises(report),
        *(_of_groups(report, task) if task else ()),
        *(_of_labels(task) if task else ()),
        *(_of_calibration(report, task) if task else ()),
        *_of_champion(report),
    ]
    ranked = sorted(found, key=lambda one: -one.surely_lost)
    bad = [one for one in ranked if one.surely_lost >= NOTICEABLE or one.kind in _SHOWN_BAD]
    rest = [one for one in ranked if one.harm and one.harm.low is not None]
    return Findings(
        worst=tuple(bad[:SHOWN]),
        more=max(0, len(bad) - SHOWN),
        next=None if bad else max(rest, key=_may_be, default=None),
        unjudged=unjudged(report, gate),
    )


def _may_be(one: Finding) -> float:
    return one.harm.high if one.harm and one.harm.high is not None else float("-inf")


def _of_gate(gate: GateRecord | None) -> Iterator[Finding]:
    failed = [one for one in gate.results if one.outcome == "failed"] if gate else []
    if gate and failed:
        names = list(dict.fromkeys(page_parts.plain(one.name) for one in failed))
        listed = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        yield Finding(
            "gate",
            f"{len(failed)} of {len(gate.results)} conditions of the gate “{gate.gate}” "
            f"{'fails' if len(failed) == 1 else 'fail'}: {listed}.",
            "gate",
        )


def _of_promises(report: Report) -> Iterator[Finding]:
    for one in report.operating:
        figure = _promised(one)
        if one.kept is False and figure is not None:
            it = one.threshold
            said = f"{it.purpose} {with_interval(figure)}, where {it.promised:g} is promised"
            yield Finding(
                "promise",
                f"The {it.purpose} threshold of {it.task} {it.label} breaks its promise: {said}.",
                "thresholds",
                lost(it.promised, figure),
            )


def _promised(point: OperatingPoint) -> Estimate | None:
    return point.recall if point.threshold.purpose == "recall" else point.precision_at_prevalence


def _of_groups(report: Report, task: TaskSummary) -> Iterator[Finding]:
    at_one = task.slice_prevalence is not None and task.primary == AVERAGE_PRECISION
    figure = AVERAGE_PRECISION_AT_PREVALENCE if at_one else task.primary
    whole = task.models[0].figures.get(figure) or task.models[0].figures[task.primary]
    if whole.value is None or figure in LOWER_IS_BETTER:
        return
    precision, told = report.evaluation.settings.precision, set()
    for part in task.slices:
        value = part.models[0].figures.get(figure) if part.models else None
        if value is None or (part.evidence, value) in told:
            continue  # the same adverts, divided in another way
        told.add((part.evidence, value))
        name = wording.in_sentence(figure, precision)
        yield Finding(
            "group",
            f"{part.dimension.capitalize()} {part.value}: {name} {with_interval(value)}, "
            f"{wording.number(whole.value)} on all adverts.",
            anchor("by", task.task.name, part.dimension),
            lost(whole.value, value),
        )


def _of_labels(task: TaskSummary) -> Iterator[Finding]:
    whole = task.models[0].figures[task.primary].value
    for row in task.labels:
        value = row.figures.get(AVERAGE_PRECISION)
        if whole is not None and value is not None:
            yield Finding(
                "label",
                f"Label {row.label}: average precision {with_interval(value)}, "
                f"{wording.number(whole)} on average.",
                f"labels-{task.task.name}",
                lost(whole, value),
            )


def _of_calibration(report: Report, task: TaskSummary) -> Iterator[Finding]:
    gap = task.models[0].figures.get(CALIBRATION_ERROR)
    if gap is not None and gap.low is not None:
        yield Finding(
            "calibration",
            f"Calibration of task {task.task.name}: stated probabilities are off by "
            f"{with_interval(gap)} on average.",
            "calibration" if report.calibration else f"task-{task.task.name}",
            gap,
        )


def _of_champion(report: Report) -> Iterator[Finding]:
    figures = report.comparison.figures if report.comparison else ()
    for one in figures:
        if one.answer == "worse" and one.figure not in LOWER_IS_BETTER and "." not in one.figure:
            where = f" on {one.slice.replace('=', ' ')}" if one.slice else ""
            name = wording.or_plain(one.figure, report.evaluation.settings.precision)
            gap = with_interval(one.difference, sign=True)
            yield Finding(
                "champion",
                f"Behind the champion on {one.task} {name}{where}: {gap}.",
                "champion",
                lost(0.0, one.difference),
            )
