"""Figures of several models on the same adverts, added before the resamples and read after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.evaluation.figures.evidence import MIN_POSITIVE_CLUSTERS, surest
from adverts.evaluation.figures.figures_by_kind import INFLATED, LOWER_IS_BETTER, FigureSet
from adverts.evaluation.figures.service_figures import InService, no_higher, queue_in_service
from adverts.evaluation.statistics.bootstrap import (
    Bench,
    BenchResult,
    Estimate,
    difference,
    estimates,
    or_exact,
    or_exact_difference,
)
from adverts.evaluation.truth import Judged

ComparisonVerdict = Literal["better", "worse", "undecided"]
MAJORITY = "majority class"
BASELINE = "tf-idf"


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


def verdict(figure: str, difference: Estimate) -> ComparisonVerdict:
    """Return what the interval of ``model - reference`` says about the model."""
    if difference.low is None or difference.high is None:
        return "undecided"
    sign = -1 if figure in LOWER_IS_BETTER else 1
    ends = sorted((sign * difference.low, sign * difference.high))
    if ends[0] > 0:
        return "better"
    return "worse" if ends[1] < 0 else "undecided"


class PlannedFigures:
    """Every figure of every model on one set of adverts."""

    def __init__(
        self,
        bench: Bench,
        judged: Judged,
        models: Mapping[str, Floats],
        *,
        precision: float,
        recall: float,
        prevalence: float | None,
        in_service: float | None = None,
        rows: Ints | None = None,
        lack: str | None = None,
        unreadable: Mapping[str, Bools] | None = None,
        clusters: Sequence[str] | None = None,
    ) -> None:
        """Add the figures to the bench.

        Args:
            bench: Computes the figures on the resamples.
            judged: True labels of the adverts.
            models: Maps each model's name to probabilities ``(N, L)``, the judged model first.
            precision: The precision at which recall is measured.
            recall: The recall at which precision is measured.
            prevalence: Prevalence at which average precision is also measured; None: it is not.
            in_service: Prevalence at which probabilities are judged; None: that of the adverts.
            rows: Judge these adverts alone; None: all that are judged.
            lack: Why the evidence is too little, so that figures have no value; None if it is not.
            unreadable: Maps a model's name to the adverts that it cannot read, ``(N,)``; a model
                that is not named reads them all.
            clusters: Cluster of each of all ``N`` adverts, for exact intervals where no resample
                differs, and, with ``in_service``, for false alarms that these adverts do not show;
                None: all intervals come from the resamples.
        """
        self._queues: dict[str, InService | None] = {}
        self._lack = lack
        self._names: tuple[str, ...] = ()
        self._results: dict[str, BenchResult] = {}
        for model, probabilities_NL in models.items():
            figures = FigureSet(
                judged,
                probabilities_NL,
                precision=precision,
                recall=recall,
                prevalence=prevalence,
                in_service=in_service,
                rows=rows,
                unreadable=(unreadable or {}).get(model),
            )
            self._names = figures.names
            self._results[model] = bench.add(figures)
            if in_service is not None and clusters is not None:
                self._queues[model] = queue_in_service(
                    judged if rows is None else replace(judged, rows=rows),
                    probabilities_NL,
                    clusters,
                    precision=precision,
                    prevalence=in_service,
                )
        kept = judged.rows if rows is None else rows
        self._said = {model: said[kept] for model, said in models.items()}
        self._bounds: Mapping[str, float] = {}
        if clusters is not None and models:
            self._bounds = surest(figures, judged, clusters, kept)

    def models(self) -> tuple[ModelFigures, ...]:
        """Return the figures of each model; those in service allow for unseen false alarms."""
        inflated = [i for i, name in enumerate(self._names) if name in INFLATED]
        found = []
        for model, result in self._results.items():
            drawn = zip(self._names, estimates(result.value, inflated=inflated), strict=True)
            figures = {name: self._told(self._or_exact(name, one)) for name, one in drawn}
            queue = self._queues.get(model)
            lows = queue.exact_lows() if queue else {}
            figures |= {
                name: no_higher(figures[name], lows[name]) for name in figures if name in lows
            }
            found.append(ModelFigures(model, figures))
        return tuple(found)

    def in_service(self) -> InService | None:
        """Return the queue of the first model in service; None where it was not requested."""
        return next(iter(self._queues.values()), None)

    def comparisons(self, figures: Sequence[str]) -> tuple[Comparison, ...]:
        """Return comparisons of the first model with each other model."""
        judged, *references = self._results
        return tuple(
            self._comparison(figure, judged, reference)
            for reference in references
            for figure in figures
        )

    def figures(self) -> tuple[str, ...]:
        """Return the names of the figures, without those of single labels."""
        return tuple(name for name in self._names if "." not in name)

    def of_first(self, figure: str) -> tuple[float, Floats]:
        """Return a figure of the first model, and its value in each resample ``(R,)``."""
        value = next(iter(self._results.values())).value
        place = self._names.index(figure)
        return float(value.point[place]), value.samples[:, place]

    def _comparison(self, figure: str, judged: str, reference: str) -> Comparison:
        gap = difference(
            self._results[judged].value, self._results[reference].value, self._names.index(figure)
        )
        if not np.array_equal(self._said[judged], self._said[reference]):
            bound = self._bounds.get(figure)
            gap = or_exact_difference(gap, bound, low_is_good=figure in LOWER_IS_BETTER)
        gap = self._told(gap)
        return Comparison(figure, judged, reference, gap, verdict(figure, gap))

    def _or_exact(self, name: str, found: Estimate) -> Estimate:
        return or_exact(found, self._bounds.get(name), low_is_good=name in LOWER_IS_BETTER)

    def _told(self, found: Estimate) -> Estimate:
        return found if self._lack is None else Estimate(None, reason=self._lack)
