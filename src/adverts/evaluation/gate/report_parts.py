"""Find in a report what a condition is about: a task, its slices, a figure of the judged model.

A missing figure gives a reason, never an error: a report that took hours still gets a verdict,
which then is that the gate could not judge.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from adverts.evaluation.comparison.compared import ComparedFigure
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.summarise import Evaluation
from adverts.evaluation.figures.task_summary import ModelFigures, TaskSummary
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate

NOTHING = Evidence(0, 0, None, None, None)


@dataclass(frozen=True, slots=True)
class ReportPart:
    """All judged adverts of a task, or one slice of them.

    Attributes:
        scope: Task, and slice if it is one.
        key: Name of the slice in a comparison; empty: all adverts.
        value: Value of the slice's dimension; None: all adverts.
        evidence: How much evidence the adverts hold.
        model: Figures of the judged model; None where there are none.
    """

    scope: str
    key: str
    value: str | None
    evidence: Evidence
    model: ModelFigures | None


def task_of(report: Report, name: str | None) -> TaskSummary | None:
    """Return a task on reviewed adverts, the headline if ``name`` is None; None if not judged."""
    wanted = name or report.evaluation.headline
    tasks = report.evaluation.reviewed.tasks if report.evaluation.reviewed else ()
    return next((one for one in tasks if one.task.name == wanted), None)


def parts_of(task: TaskSummary, by: str | None) -> Iterator[ReportPart]:
    """Yield the slices of a dimension, none if all adverts are equal in it; for None the whole."""
    name = task.task.name
    if by is None:
        yield ReportPart(name, "", None, task.evidence, next(iter(task.models), None))
        return
    for one in task.slices:
        if one.dimension == by:
            model = next(iter(one.models), None)
            yield ReportPart(
                f"{name}, {by} {one.value}", f"{by}={one.value}", one.value, one.evidence, model
            )


def asked_parts(report: Report, task: str | None, by: str | None) -> Iterator[ReportPart]:
    """Yield the parts of a task that a condition names; one empty part if it is not judged."""
    summary = task_of(report, task)
    if summary is None:
        yield ReportPart(task or report.evaluation.headline, "", None, NOTHING, None)
        return
    yield from parts_of(summary, by)


def figure_of(part: ReportPart, figure: str) -> tuple[Estimate | None, str | None]:
    """Return a figure of the judged model on a part, and the reason if it is missing.

    The amount of evidence is not checked here: the gate reports what its adverts could have shown.
    """
    if part.model is None:
        return None, f"too little evidence: {part.evidence.lack or 'no figure is shown'}"
    found = part.model.figures.get(figure)
    if found is None:
        near = difflib.get_close_matches(figure, part.model.figures, n=1)
        hint = f"; nearest: {near[0]}" if near else ""
        legal = ", ".join(name for name in part.model.figures if "." not in name)
        return None, f"this task has no figure {figure!r}{hint}; it has {legal}"
    if found.value is None or found.low is None:
        return found, found.reason or "it has no interval"
    return found, None


def compared(report: Report, task: str, part: ReportPart, figure: str) -> ComparedFigure | None:
    """Return a figure of both models on a part; None if they were not compared on it."""
    found = report.comparison.figures if report.comparison else ()
    wanted = (task, part.key, figure)
    return next((one for one in found if (one.task, one.slice, one.figure) == wanted), None)


def figure_title(figure: str, evaluation: Evaluation) -> str:
    """Return the name of a figure for use within a sentence, even if the figure is unknown."""
    try:
        return wording.in_sentence(figure, evaluation.settings.precision)
    except KeyError:
        return figure.replace("_", " ")
