"""Order the parts of a report and put them into words for its pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.evaluation.comparison.compared import ChampionComparison, ComparedFigure
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures import wording
from adverts.evaluation.figures.budgets import BudgetFigures
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.report import sentences
from adverts.evaluation.report.comparison_wording import lead_figure
from adverts.evaluation.report.comparison_wording import tasks as compared_tasks
from adverts.evaluation.report_content import Report, TaskSummary
from adverts.evaluation.robustness.robustness_results import Perturbed, Robustness
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.runtime.rules.thresholds import Threshold


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One perturbation of the heat map.

    Attributes:
        name: Name of the perturbation, for readers.
        kind: ``text`` or ``image``.
        cells: One result for each strength of the map; None where it was not tried.
        is_learnt: Whether training learnt from such disguises.
    """

    name: str
    kind: str
    cells: tuple[Perturbed | None, ...]
    is_learnt: bool


def not_asked(report: Report, gate: GateRecord | None) -> str | None:
    """Return one sentence on the parts that the report lacks; None if it lacks none."""
    parts = {
        "a gate": gate is not None,
        "a champion to compare with": report.comparison is not None,
        "disguised adverts": report.robustness is not None,
        "frozen thresholds": bool(report.rules and report.rules.thresholds.thresholds),
        "a calibration": bool(report.calibration),
        "a review budget": bool(report.budgets),
    }
    missing = [name for name, there in parts.items() if not there]
    if not missing:
        return None
    *firsts, last = missing
    listed = f"{', '.join(firsts)} or {last}" if firsts else last
    return f"This evaluation was made without {listed}."


def difference_to(task: TaskSummary, model: str) -> Estimate | None:
    """Return by how much the judged model exceeds another one on the primary figure of a task."""
    found = (
        one.difference
        for one in task.comparisons
        if one.reference == model and one.figure == task.primary
    )
    return next(found, None)


def sentence(message: str) -> str:
    """Return a message with a capital first letter and a full stop; an empty one unchanged."""
    told = sentences.capital_first(message)
    return told if not told or told.endswith((".", "!", "?")) else f"{told}."


def promise(threshold: Threshold) -> str:
    """Return text on what a threshold promises, with the prevalence that it assumes."""
    said = f"{threshold.purpose} of at least {threshold.promised:g}"
    if threshold.operating_prevalence is None:
        return said
    return f"{said} where {100 * threshold.operating_prevalence:.3g} % are positive"


def kept(answer: bool | None) -> str:
    """Return whether a promise holds, in words."""
    return {True: "kept", False: "broken", None: "cannot be judged"}[answer]


def not_shipped(report: Report) -> list[Threshold]:
    """Return the thresholds for which no value was found."""
    every = report.rules.thresholds.thresholds if report.rules else ()
    return [one for one in every if one.value is None]


def cautioned(report: Report) -> list[Threshold]:
    """Return the thresholds that have a caution, since their promise is not shown."""
    every = report.rules.thresholds.thresholds if report.rules else ()
    return [one for one in every if one.caution]


def drawn_thresholds(report: Report, task: str) -> list[tuple[str, float]]:
    """Return name and value of the frozen thresholds for all languages of a task's queue."""
    summary = report.task(task)
    index = summary.task.positive_index if summary else None
    label = summary.task.labels[index] if summary and index is not None else None
    every = report.rules.thresholds.thresholds if report.rules else ()
    return [
        (one.purpose, one.value)
        for one in every
        if (one.task, one.label) == (task, label) and one.value is not None and not one.language
    ]


def at_thresholds(report: Report, task: str) -> list[OperatingPoint]:
    """Return the figures of the frozen thresholds of a task, label by label."""
    return [one for one in report.operating if one.threshold.task == task]


def shown_count(count: int | None) -> str:
    """Return the number of adverts in a bin of the histogram, which hides small ones."""
    return "hidden" if count is None else f"{count:,}"


def effect_of(recall_kept: float | None) -> str:
    """Return words for a recall kept above 1; empty for any other."""
    return "gained: more are flagged than undisguised" if (recall_kept or 0.0) > 1 else ""


def by_desk(budgets: Sequence[BudgetFigures]) -> Mapping[str, list[BudgetFigures]]:
    """Return the figures of each desk by its name, in the given order."""
    found: dict[str, list[BudgetFigures]] = {}
    for one in budgets:
        found.setdefault(one.desk.name, []).append(one)
    return found


def strengths(robustness: Robustness) -> tuple[str, ...]:
    """Return every strength that was tried, in the given order."""
    return tuple(dict.fromkeys(one.strength for one in robustness.perturbed))


def heat_rows(robustness: Robustness) -> list[HeatRow]:
    """Return one row of the heat map for each perturbation.

    Those of text come first, and of these the ones that training has not seen.
    """
    found: dict[tuple[str, str], dict[str, Perturbed]] = {}
    for one in robustness.perturbed:
        found.setdefault((one.kind, one.name), {})[one.strength] = one
    columns = strengths(robustness)
    rows = [
        HeatRow(plain(name), kind, tuple(map(cells.get, columns)), name in robustness.learnt)
        for (kind, name), cells in found.items()
    ]
    return sorted(rows, key=lambda row: (row.kind != "text", row.is_learnt))


def hardest(robustness: Robustness) -> Perturbed | None:
    """Return the perturbation that keeps the least recall; None where none has a figure."""
    judged = [one for one in robustness.perturbed if one.recall_kept.value is not None]
    return min(judged, key=lambda one: one.recall_kept.value or 0.0, default=None)


def plain(name: str) -> str:
    """Return the name of a perturbation or a kind with spaces instead of underscores."""
    return name.replace("_", " ")


def figure_title(figure: str, precision: float) -> str:
    """Return the title of a figure, or of the figure of a label: ``average_precision.boat``."""
    name, _, label = figure.partition(".")
    try:
        told = wording.title(name, precision)
    except KeyError:
        told = sentences.capital_first(plain(name))
    return f"{told}, {label}" if label else told


def overall(comparison: ChampionComparison) -> list[ComparedFigure]:
    """Return the figures compared on all adverts, without those of single labels."""
    return [one for one in _on_all(comparison) if one.difference.value is not None]


def lacking(comparison: ChampionComparison, precision: float) -> Mapping[str, list[str]]:
    """Return the figures that could not be compared on all adverts, by the reason."""
    found: dict[str, list[str]] = {}
    for one in _on_all(comparison):
        if one.difference.value is None:
            told = f"{one.task} {figure_title(one.figure, precision)}"
            found.setdefault(one.difference.reason or "undefined", []).append(told)
    return found


def by_slice(comparison: ChampionComparison) -> list[ComparedFigure]:
    """Return the leading figure of each task on every slice where the models were compared."""
    return [one for one in _leading(comparison) if one.difference.value is not None]


def not_compared(comparison: ChampionComparison) -> list[str]:
    """Return the slices that hold too little evidence for a comparison, each once."""
    without = [one.slice for one in _leading(comparison) if one.difference.value is None]
    return [name.replace("=", ": ") for name in dict.fromkeys(without)]


def _on_all(comparison: ChampionComparison) -> list[ComparedFigure]:
    return [one for one in comparison.figures if not one.slice and "." not in one.figure]


def _leading(comparison: ChampionComparison) -> list[ComparedFigure]:
    leads = {name: lead_figure(comparison, name) for name in compared_tasks(comparison)}
    return [one for one in comparison.figures if one.slice and one.figure == leads[one.task]]


def span(figures: Sequence[ComparedFigure], relevant: float) -> float:
    """Return the end value of difference bars: the farthest interval end, or 2 × ``relevant``."""
    ends = [
        abs(end)
        for one in figures
        for end in (one.difference.low, one.difference.high, one.difference.value)
        if end is not None
    ]
    return max([2 * relevant, *ends])


def takes(one: ComparedFigure) -> str:
    """Return text on what these adverts can show, and how many a relevant difference needs."""
    said = []
    if one.smallest_visible is not None:
        said.append(f"{one.smallest_visible:.3f} or more can be seen here")
    if one.adverts_needed is not None:
        said.append(f"about {one.adverts_needed:,} adverts are needed")
    return "; ".join(said)
