"""What is said of one task: figures of each model, their differences, slices and labels."""

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
        model: Its name.
        figures: Estimates by the name of the figure.
    """

    model: str
    figures: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure of the judged model minus that of a reference, on the same resamples.

    Attributes:
        figure: Name of the figure.
        model: The judged model.
        reference: What it is held against.
        difference: Model minus reference.
        verdict: What the whole interval says of the model; ``undecided`` where it holds 0.
    """

    figure: str
    model: str
    reference: str
    difference: Estimate
    verdict: ComparisonVerdict


@dataclass(frozen=True, slots=True)
class Slice:
    """One part of the adverts.

    Attributes:
        dimension: How the adverts are divided, e.g. ``language``.
        value: This part.
        evidence: What it holds.
        models: The figures of each model; empty where the evidence is too little.
        comparisons: The primary figure against each trained reference; empty likewise.
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
        figure: Name of the figure; of a queue it is average precision at one prevalence for all
            groups, since it would else tell how common positives are.
        groups: Groups with enough evidence; the others are not compared.
        worst: Name of the worst of them; None where fewer than two have enough evidence.
        best: Name of the best; None likewise.
        difference: Best minus worst, on the same resamples. The interval is one that all pairs of
            groups share, so that it holds although the two were picked by looking.
    """

    dimension: str
    figure: str
    groups: int
    worst: str | None
    best: str | None
    difference: Estimate


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """One label of a task, as the judged model treats it.

    Attributes:
        label: Its name.
        adverts: Adverts whose true label it is.
        clusters: Clusters that hold one of them.
        figures: Estimates by the name of the figure; empty where the clusters are too few.
    """

    label: str
    adverts: int
    clusters: int
    figures: Mapping[str, Estimate]


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """Everything that is said of one task.

    Attributes:
        task: The question.
        primary: Name of the figure that leads.
        evidence: What all judged adverts hold.
        not_judged: Adverts without a label, or with evenly split annotators.
        prevalence: Share of the positive label; None where no label is special.
        models: The judged model first, then its references, the majority class last.
        comparisons: The judged model against each reference.
        slices: By language, script, platform and so on, see ``slices.dimensions``.
        labels: One row for each label, of the judged model.
        confusion: Adverts by true (rows) and decided label (columns); None for ``multi``.
        precision_recall: Curves of the trained models; empty where no label is special.
        reliability: Of the judged model; None likewise.
        gaps: One for each dimension of the slices, the widest first.
        slice_prevalence: Share of positives at which ``average_precision_at_prevalence`` of every
            slice is given; None where no label is special.
        roc: Curves of the trained models on the headline task; empty where a class is missing.
        in_service: The queue of the judged model at the stated operating prevalence; None where
            none is stated, or the task has no queue.
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
    """Return what the interval of ``model - reference`` says of the model."""
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
        precision: The precision at which recall is asked for, in (0, 1].
        resamples: How often clusters are drawn.
        seed: Decides what is drawn.
        recall: The recall at which precision is asked for, in (0, 1].
        prevalence: Share of the positive label of the headline task in service, at which average
            precision is given besides, and to which probabilities are held; None: not known.
        min_positive_clusters: A slice with fewer clusters of the positive label shows no figure.
    """

    precision: float
    resamples: int
    seed: int
    recall: float = 0.95
    prevalence: float | None = None
    min_positive_clusters: int = MIN_POSITIVE_CLUSTERS
