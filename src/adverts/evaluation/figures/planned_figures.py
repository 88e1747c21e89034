"""The figures of several models on the same adverts: planned before the resamples, read after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.evaluation.figures.evidence import or_exact, or_exact_difference, surest
from adverts.evaluation.figures.figures_by_kind import INFLATED, FigureSet, Judged
from adverts.evaluation.figures.service_figures import InService, queue_in_service, widened
from adverts.evaluation.figures.task_summary import Comparison, ModelFigures, verdict
from adverts.evaluation.statistics.bootstrap import (
    Bench,
    BenchResult,
    Estimate,
    difference,
    estimates,
)


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
        """Put the figures on the bench.

        Args:
            bench: Computes them.
            judged: The truth.
            models: Probabilities ``(N, L)`` by name, the judged model first.
            precision: The precision at which recall is asked for.
            recall: The recall at which precision is asked for.
            prevalence: At which average precision is asked for; None: as it is alone.
            in_service: To which stated probabilities are held; None: as the adverts are.
            rows: Judge these adverts alone; None: all that are judged.
            lack: Why the adverts decide no figure, which then has no value; None where they do.
            unreadable: By name of the model, the adverts that it cannot read ``(N,)``; a model
                that is not named reads them all.
            clusters: Cluster of each of all ``N`` adverts, for exact intervals where no resample
                differs, and, where ``in_service`` is given, for false alarms that these adverts do
                not show; None: intervals are those of the resamples.
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
        return tuple(
            ModelFigures(
                model,
                widened(
                    {
                        name: self._told(or_exact(name, one, self._bounds))
                        for name, one in zip(
                            self._names, estimates(result.value, inflated=inflated), strict=True
                        )
                    },
                    self._queues.get(model),
                ),
            )
            for model, result in self._results.items()
        )

    def in_service(self) -> InService | None:
        """Return the queue of the first model in service; None where it was not asked for."""
        return next(iter(self._queues.values()), None)

    def comparisons(self, figures: Sequence[str]) -> tuple[Comparison, ...]:
        """Return the first model against each other one."""
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
        """Return a figure of the first model, and what it is in each resample ``(R,)``."""
        value = next(iter(self._results.values())).value
        place = self._names.index(figure)
        return float(value.point[place]), value.samples[:, place]

    def _comparison(self, figure: str, judged: str, reference: str) -> Comparison:
        gap = difference(
            self._results[judged].value, self._results[reference].value, self._names.index(figure)
        )
        if not np.array_equal(self._said[judged], self._said[reference]):
            gap = or_exact_difference(figure, gap, self._bounds)
        gap = self._told(gap)
        return Comparison(figure, judged, reference, gap, verdict(figure, gap))

    def _told(self, found: Estimate) -> Estimate:
        return found if self._lack is None else Estimate(None, reason=self._lack)
