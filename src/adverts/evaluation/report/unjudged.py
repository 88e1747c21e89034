"""What a report could not judge for lack of evidence, with the setting that hides it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adverts.errors import plural
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.report import page_parts
from adverts.evaluation.report.in_short import SETTING
from adverts.evaluation.report_content import Report, TaskSummary

_NAMED = 4


@dataclass(frozen=True, slots=True)
class Unjudged:
    """One kind of thing without a figure.

    Attributes:
        text: What it is, how many there are, and the first of them with the reason.
        section: Anchor of the section of the page that lists them.
    """

    text: str
    section: str


def unjudged(report: Report, gate: GateRecord | None) -> tuple[Unjudged, ...]:
    """Return everything of the headline task and beside it that has too little evidence."""
    task = report.task(None)
    return (
        *(_groups(task) if task else ()),
        *(_labels(task, report.evaluation.settings.min_positive_clusters) if task else ()),
        *_disguises(report),
        *_promises(report),
        *_budgets(report),
        *_conditions(gate),
    )


def anchor(place: str, task: str, dimension: str) -> str:
    """Return the anchor of the slices of a task by one dimension."""
    return f"{place}-{task}-" + re.sub(r"[^a-z0-9]+", "-", dimension.lower()).strip("-")


def _groups(task: TaskSummary) -> Iterator[Unjudged]:
    hidden: dict[str, list[Slice]] = {}
    for part in task.slices:
        if not part.models:
            hidden.setdefault(part.dimension, []).append(part)
    for dimension, groups in hidden.items():
        names = [f"{one.value} ({_held(one.evidence)})" for one in groups]
        by_setting = any(one.evidence.hidden_by_setting for one in groups)
        setting = f", hidden by {SETTING}={groups[0].evidence.wanted:,}" if by_setting else ""
        yield Unjudged(
            f"{plural(len(names), 'group')} by {dimension}{setting}: {_listed(names)}.",
            anchor("by", task.task.name, dimension),
        )


def _held(evidence: Evidence) -> str:
    """Return the clusters that a group holds, of the kind that it has too few of."""
    return (evidence.lack or "").partition(", wanted")[0]


def _labels(task: TaskSummary, wanted: int) -> Iterator[Unjudged]:
    names = [
        f"{row.label} ({plural(row.clusters, 'cluster')})" for row in task.labels if not row.figures
    ]
    if names:
        yield Unjudged(
            f"{plural(len(names), 'label')}, hidden by {SETTING}={wanted:,}: {_listed(names)}.",
            f"labels-{task.task.name}",
        )


def _disguises(report: Report) -> Iterator[Unjudged]:
    tried = report.robustness.perturbed if report.robustness else ()
    names = [
        f"{page_parts.plain(one.name)}, {page_parts.plain(one.strength)}"
        for one in tried
        if one.applies and (one.lack or one.recall_kept.value is None)
    ]
    if names:
        yield Unjudged(f"{plural(len(names), 'disguise')}: {_listed(names)}.", "robustness")


def _promises(report: Report) -> Iterator[Unjudged]:
    names = [
        f"{one.threshold.task} {one.threshold.label}, {one.threshold.purpose}"
        for one in report.operating
        if one.kept is None
    ]
    if names:
        text = f"The promise of {plural(len(names), 'threshold')}: {_listed(names)}."
        yield Unjudged(text, "thresholds")


def _budgets(report: Report) -> Iterator[Unjudged]:
    names = dict.fromkeys(f"{one.desk.name} ({one.lack})" for one in report.budgets if one.lack)
    if names:
        text = f"The budget of {plural(len(names), 'desk')}: {_listed(list(names))}."
        yield Unjudged(text, "budgets")


def _conditions(gate: GateRecord | None) -> Iterator[Unjudged]:
    names = [
        f"{page_parts.plain(one.name)} ({one.scope})"
        for one in (gate.results if gate else ())
        if one.outcome == "insufficient"
    ]
    if names:
        yield Unjudged(f"{plural(len(names), 'condition')} of the gate: {_listed(names)}.", "gate")


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return "; ".join(names[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
