"""The complete result of one evaluation, which a gate judges and a report shows."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

import numpy as np

from adverts.advert import Task
from adverts.evaluation.comparison.compared import ChampionComparison, ComparedFigure
from adverts.evaluation.decisions.calibrate import CalibrationReport
from adverts.evaluation.decisions.operating_points import OperatingPoint
from adverts.evaluation.figures.branch_figures import BranchFigure
from adverts.evaluation.figures.budgets import BudgetFigures
from adverts.evaluation.figures.curves import PrecisionRecall, Reliability, RocCurve
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.judged_adverts import Account
from adverts.evaluation.figures.label_figures import LabelFigures
from adverts.evaluation.figures.planned_figures import Comparison, EvaluationSettings, ModelFigures
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.figures.score_histogram import ScoreHistogram
from adverts.evaluation.figures.service_figures import InService
from adverts.evaluation.figures.slices import Gap
from adverts.evaluation.predictions.model_facts import Origin
from adverts.evaluation.robustness.robustness_results import Robustness
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.runtime.rules.decision_rules import DecisionRules


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """All results of one task.

    Attributes:
        task: The task.
        primary: Name of the main figure.
        evidence: Evidence that all judged adverts hold.
        not_judged: Number of adverts without a label, or with evenly split annotators.
        prevalence: Share of the positive label; None where the task has none.
        models: Figures of the judged model, then its references, the majority class last.
        comparisons: The judged model against each reference.
        slices: Slices by language, script, platform and so on, see ``slices.dimensions``.
        labels: Figures of the judged model for each label.
        confusion: Adverts by true (rows) and predicted label (columns); None for ``multi``.
        precision_recall: Curves of the trained models; empty where the task has no positive label.
        reliability: Reliability of the judged model; None where the task has no positive label.
        gaps: One gap for each dimension of the slices, the widest first.
        slice_prevalence: Share of positives at which ``average_precision_at_prevalence`` of every
            slice is given; None where the task has no positive label.
        roc: Curves of the trained models on the headline task; empty where a class is missing.
        in_service: The queue of the judged model at the operating prevalence; None where no such
            prevalence is given, or the task has no queue.
        by_share: The queue at ever smaller shares of positives, where no operating prevalence is
            given; otherwise empty.
        scores: Scores of the judged model by true answer, of the adverts that it can read; None
            where the task has no queue.
    """

    task: Task
    primary: str
    evidence: Evidence
    not_judged: int
    prevalence: Estimate | None
    models: tuple[ModelFigures, ...]
    comparisons: tuple[Comparison, ...]
    slices: tuple[Slice, ...]
    labels: tuple[LabelFigures, ...]
    confusion: tuple[tuple[int, ...], ...] | None
    precision_recall: tuple[PrecisionRecall, ...]
    reliability: Reliability | None
    gaps: tuple[Gap, ...] = ()
    slice_prevalence: float | None = None
    roc: tuple[RocCurve, ...] = ()
    in_service: InService | None = None
    by_share: tuple[InService, ...] = ()
    scores: ScoreHistogram | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """The results of a model on one set of adverts.

    Attributes:
        adverts: Number of adverts in the set.
        clusters: Number of distinct clusters among them.
        tasks: One summary for each task with a judged advert, the headline task first.
    """

    adverts: int
    clusters: int
    tasks: tuple[TaskSummary, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All results of a model, on reviewed and on other adverts.

    Attributes:
        model: Name of the model.
        headline: Name of the headline task.
        settings: How the model was judged.
        reviewed: Results on adverts with text reviewed by a person, the only ones that count.
        unreviewed: Results on the others, never a headline. Both are None where there is no advert.
    """

    model: str
    headline: str
    settings: EvaluationSettings
    reviewed: Summary | None
    unreviewed: Summary | None


Part = TaskSummary | Slice
"""All judged adverts of a task, or one slice of them."""
NOT_JUDGED = Slice("", "None", Evidence(0, 0, None, None, None), (), ())
"""The only part of a task of which no advert is judged."""


@dataclass(frozen=True, slots=True)
class Report:
    """The complete result of one evaluation.

    Attributes:
        evaluation: Figures, slices and comparisons with the baseline.
        origin: Where the model and the adverts come from.
        rules: Calibration and thresholds of the model; None where it has none.
        calibration: Effect of the calibration, one entry for each task.
        operating: Figures of each threshold on the judged adverts.
        budgets: What each review desk finds with its budget.
        robustness: Results of the robustness suite; None where no suite was run.
        comparison: Comparison with the champion; None where there was no champion.
        branches: Figures of each branch of the model; empty for a model of one branch.
        account: How many adverts of the split the headline task judges, and why others are left
            out; None where they were not counted.
    """

    evaluation: Evaluation
    origin: Origin
    rules: DecisionRules | None = None
    calibration: tuple[CalibrationReport, ...] = ()
    operating: tuple[OperatingPoint, ...] = ()
    budgets: tuple[BudgetFigures, ...] = ()
    robustness: Robustness | None = None
    comparison: ChampionComparison | None = None
    branches: tuple[BranchFigure, ...] = ()
    account: Account | None = None

    def task(self, name: str | None) -> TaskSummary | None:
        """Return a task on reviewed adverts, the headline for None; None if it is not judged."""
        wanted = name or self.evaluation.headline
        tasks = self.evaluation.reviewed.tasks if self.evaluation.reviewed else ()
        return next((one for one in tasks if one.task.name == wanted), None)

    def parts(self, task: str | None, by: str | None) -> Iterator[tuple[str, Part]]:
        """Yield the slices of a task by a dimension, or the whole task, each with its scope.

        The scope is the task, and the slice if it is one. There is no slice if all adverts are
        equal in the dimension. A task that is not judged has the one part ``NOT_JUDGED``.

        Args:
            task: Name of the task; None: the headline.
            by: The dimension of the slices; None: the whole task.
        """
        name, summary = task or self.evaluation.headline, self.task(task)
        if summary is None:
            yield name, NOT_JUDGED
        elif by is None:
            yield name, summary
        else:
            for one in summary.slices:
                if one.dimension == by:
                    yield f"{name}, {by} {one.value}", one

    def compared(self, task: str | None, part: Part, figure: str) -> ComparedFigure | None:
        """Return a figure of both models on a part of a task; None if it was not compared."""
        found = self.comparison.figures if self.comparison else ()
        place = f"{part.dimension}={part.value}" if isinstance(part, Slice) else ""
        wanted = (task or self.evaluation.headline, place, figure)
        return next((one for one in found if (one.task, one.slice, one.figure) == wanted), None)


def figure_of(part: Part, figure: str) -> tuple[Estimate | None, str | None]:
    """Return a figure of the judged model on a part, and the reason if it is missing.

    A missing figure is never an error: a report that took hours still gets a verdict, which then is
    that the gate could not judge. The amount of evidence is not checked here, since a gate reports
    what its adverts could have shown.
    """
    if not part.models:
        return None, f"too little evidence: {part.evidence.lack or 'no figure is shown'}"
    figures = part.models[0].figures
    found = figures.get(figure)
    if found is None:
        near = difflib.get_close_matches(figure, figures, n=1)
        hint = f"; nearest: {near[0]}" if near else ""
        legal = ", ".join(name for name in figures if "." not in name)
        return None, f"this task has no figure {figure!r}{hint}; it has {legal}"
    if found.value is None or found.low is None:
        return found, found.reason or "it has no interval"
    return found, None


def to_plain(value: object) -> object:
    """Return a value as data for JSON: dataclasses become objects without their array fields."""
    if is_dataclass(value) and not isinstance(value, type):
        found = {one.name: getattr(value, one.name) for one in fields(value)}
        return {k: to_plain(v) for k, v in found.items() if not isinstance(v, np.ndarray)}
    if isinstance(value, Mapping):
        return {str(name): to_plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(inner) for inner in value]
    return value
