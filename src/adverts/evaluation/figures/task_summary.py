"""The results of one task: figures of each model, their differences, slices and labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adverts.advert import Task
from adverts.evaluation.figures.curves import PrecisionRecall, Reliability, RocCurve
from adverts.evaluation.figures.evidence import MIN_POSITIVE_CLUSTERS, Evidence
from adverts.evaluation.figures.figures_by_kind import LOWER_IS_BETTER
from adverts.evaluation.figures.service_figures import InService
from adverts.evaluation.statistics.bootstrap import Estimate

ComparisonVerdict = Literal["better", "worse", "undecided"]
MAJORITY = "majority class"
BASELINE = "tf-idf"


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """Every figure of one model on one set of adverts.

    Attributes:
        model: Name of the model.
        figures: Maps the name of each figure to its estimate.
    """

    model: str
    figures: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of the judged model minus that of a reference, on the same resamples.

    Attributes:
        figure: Name of the figure.
        model: Name of the judged model.
        reference: Name of the model that it is compared with.
        difference: Model minus reference.
        verdict: What the interval says about the model; ``undecided`` where it contains 0.
    """

    figure: str
    model: str
    reference: str
    difference: Estimate
    verdict: ComparisonVerdict


@dataclass(frozen=True, slots=True)
class Slice:
    """The results on one slice of the adverts.

    Attributes:
        dimension: How the adverts are divided, e.g. ``language``.
        value: The value of the dimension in this slice.
        evidence: Evidence that the slice holds.
        models: Figures of each model; empty where the evidence is too little.
        comparisons: Primary figure against each trained reference; empty with too little evidence.
    """

    dimension: str
    value: str
    evidence: Evidence
    models: tuple[ModelFigures, ...]
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """How far the worst group of a dimension is behind the best, for the judged model.

    Attributes:
        dimension: How the adverts are divided, e.g. ``language``.
        figure: Name of the figure. For a queue it is average precision at one prevalence for all
            groups; otherwise it would depend on how common positives are.
        groups: Number of groups with enough evidence; the others are not compared.
        worst: Name of the worst group; None where fewer than two have enough evidence.
        best: Name of the best group; None where fewer than two have enough evidence.
        difference: Best minus worst, on the same resamples. The interval is simultaneous over all
            pairs of groups, so it is valid although the two were picked by their figures.
    """

    dimension: str
    figure: str
    groups: int
    worst: str | None
    best: str | None
    difference: Estimate


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """The figures of the judged model for one label of a task.

    Attributes:
        label: Name of the label.
        adverts: Number of adverts whose true label it is.
        clusters: Number of clusters of these adverts.
        figures: Maps the name of each figure to its estimate; empty if clusters are too few.
    """

    label: str
    adverts: int
    clusters: int
    figures: Mapping[str, Estimate]


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


def verdict(figure: str, difference: Estimate) -> ComparisonVerdict:
    """Return what the interval of ``model - reference`` says about the model."""
    if difference.low is None or difference.high is None:
        return "undecided"
    sign = -1 if figure in LOWER_IS_BETTER else 1
    ends = sorted((sign * difference.low, sign * difference.high))
    if ends[0] > 0:
        return "better"
    return "worse" if ends[1] < 0 else "undecided"


@dataclass(frozen=True, slots=True)
class EvaluationSettings:
    """How a model is judged.

    Attributes:
        precision: The precision at which recall is measured, in (0, 1].
        resamples: Number of resamples of clusters.
        seed: Seed of the resamples.
        recall: The recall at which precision is measured, in (0, 1].
        prevalence: Share of the headline task's positive label in service. Average precision is
            also measured there, and probabilities are judged there; None: unknown.
        min_positive_clusters: A slice with fewer clusters of the positive label shows no figure.
    """

    precision: float
    resamples: int
    seed: int
    recall: float = 0.95
    prevalence: float | None = None
    min_positive_clusters: int = MIN_POSITIVE_CLUSTERS
