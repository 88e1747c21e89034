"""The figures of every slice of one task, added before the resamples are drawn and read after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.evaluation.figures.evidence import Evidence, weigh_evidence
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION_AT_PREVALENCE,
    LOWER_IS_BETTER,
    primary_figure,
)
from adverts.evaluation.figures.look_alikes import LookAlikes
from adverts.evaluation.figures.planned_figures import (
    Comparison,
    EvaluationSettings,
    ModelFigures,
    PlannedFigures,
)
from adverts.evaluation.figures.slices import CAMPAIGN_DIMENSION, Gap, dimensions, gap_of
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.statistics.bootstrap import Bench
from adverts.evaluation.truth import Judged
from adverts.runtime.rules.coverage import UNKNOWN

SliceRows = tuple[str, str, Ints]
"""Dimension and value of a slice, and the rows of its judged adverts."""
LOOK_ALIKES = "look-alike group"


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


class PlannedSlices:
    """Every slice of one task, with figures where the evidence is enough.

    Attributes:
        prevalence: Share of positives at which average precision is also measured in every slice;
            None where the task has no positive label, or a single class.
    """

    def __init__(
        self,
        bench: Bench,
        judged: Judged,
        models: Mapping[str, Floats],
        *,
        context: Predictions,
        settings: EvaluationSettings,
        unreadable: Mapping[str, Bools],
    ) -> None:
        """Plan no slice yet.

        Args:
            bench: Computes all statistics on the same resamples.
            judged: True labels of the adverts.
            models: Maps each model's name to probabilities ``(N, L)``, the judged model first.
            context: Clusters, languages and similar facts of the same adverts.
            settings: How to judge the models.
            unreadable: Maps a model's name to the adverts that it cannot read, ``(N,)``.
        """
        self._bench, self._models, self._unreadable = bench, models, unreadable
        self._judged, self._context, self._settings = judged, context, settings
        has_queue = judged.task.kind == "single" and judged.task.positive_index is not None
        self.prevalence = _slice_prevalence(judged, settings) if has_queue else None
        self._slices: list[tuple[Slice, PlannedFigures | None]] = []

    def add(self, judged: Judged, parts: Sequence[SliceRows]) -> None:
        """Add slices of adverts with these true labels to the bench."""
        self._slices += [self._planned(judged, *part) for part in parts]

    def add_by_campaign(self, with_seen: Judged) -> None:
        """Add the slices by campaign, if these labels include adverts that are not new."""
        if len(with_seen.rows) > len(self._judged.rows):
            parts = slices_of(self._context, with_seen)
            self.add(with_seen, [part for part in parts if part[0] == CAMPAIGN_DIMENSION])

    def slices(self) -> tuple[Slice, ...]:
        """Return all slices; the bench must have run."""
        primary = [primary_figure(self._judged.task)]
        return tuple(
            replace(part, models=planned.models(), comparisons=planned.comparisons(primary))
            if planned
            else part
            for part, planned in self._slices
        )

    def gaps(self) -> tuple[Gap, ...]:
        """Return the gap of each dimension, the widest first; the bench must have run."""
        primary = primary_figure(self._judged.task)
        figure = primary if self.prevalence is None else AVERAGE_PRECISION_AT_PREVALENCE
        groups: dict[str, dict[str, tuple[float, Floats]]] = {}
        for part, planned in self._slices:
            of_dimension = groups.setdefault(part.dimension, {})
            if planned is not None and part.value != UNKNOWN:
                of_dimension[part.value] = planned.of_first(figure)
        gaps = (
            gap_of(dimension, figure, found, lower_is_better=figure in LOWER_IS_BETTER)
            for dimension, found in groups.items()
        )
        return tuple(sorted(gaps, key=lambda gap: -abs(gap.difference.value or 0.0)))

    def _planned(
        self, judged: Judged, dimension: str, value: str, rows: Ints
    ) -> tuple[Slice, PlannedFigures | None]:
        """Return a slice without figures, and its planned figures if its evidence is enough."""
        settings, clusters = self._settings, self._context.clusters
        evidence = weigh_evidence(judged, clusters, rows, wanted=settings.min_positive_clusters)
        empty = Slice(dimension, value, evidence, (), ())
        if evidence.lack:
            return empty, None
        return empty, PlannedFigures(
            self._bench,
            judged,
            self._models,
            precision=settings.precision,
            recall=settings.recall,
            prevalence=self.prevalence,
            in_service=settings.prevalence,
            rows=rows,
            unreadable=self._unreadable,
            clusters=clusters,
        )


def slices_of(context: Predictions, judged: Judged) -> list[SliceRows]:
    """Divide the judged adverts by language, script and so on; largest part first.

    A dimension with a single value is left out, since it would repeat the whole.
    """
    found: list[SliceRows] = []
    for dimension, values in dimensions(context).items():
        named = np.array([values[i] or UNKNOWN for i in judged.rows], dtype=object)
        parts = [(value, judged.rows[named == value]) for value in sorted(set(named))]
        if len(parts) > 1:
            parts.sort(key=lambda part: -len(part[1]))
            found += [(dimension, value, rows) for value, rows in parts]
    return found


def look_alike_slices(judged: Judged, look_alikes: LookAlikes) -> list[SliceRows]:
    """Return, for each look-alike group, all positive adverts and the negatives of that group.

    A group without a negative advert is left out.
    """
    is_positive = judged.labels == judged.task.positive_index
    positives = np.intersect1d(judged.rows, np.flatnonzero(is_positive))
    negatives = np.setdiff1d(judged.rows, positives)
    found = {
        group: np.intersect1d(negatives, members) for group, members in look_alikes.groups().items()
    }
    return [
        (LOOK_ALIKES, group, np.union1d(positives, rows))
        for group, rows in sorted(found.items(), key=lambda part: -len(part[1]))
        if len(rows)
    ]


def _slice_prevalence(judged: Judged, settings: EvaluationSettings) -> float | None:
    """Return the given prevalence, or that of all judged adverts; None for a single class."""
    if settings.prevalence is not None:
        return settings.prevalence
    share = float((judged.labels[judged.rows] == judged.task.positive_index).mean())
    return share if 0 < share < 1 else None
