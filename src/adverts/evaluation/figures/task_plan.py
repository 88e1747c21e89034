"""Plan the statistics of one task before the resamples are drawn, and read them afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.evaluation.figures.curves import (
    PrecisionAtRecalls,
    RecallAtRates,
    Reliability,
    precision_recall,
    reliability_of,
    roc_curve,
)
from adverts.evaluation.figures.evidence import MIN_CLUSTERS, weigh_evidence
from adverts.evaluation.figures.figures_by_kind import (
    AVERAGE_PRECISION,
    AVERAGE_PRECISION_AT_PREVALENCE,
    LOWER_IS_BETTER,
    Judged,
    judged_where,
    label_shares,
    primary_figure,
)
from adverts.evaluation.figures.label_figures import LabelDecisions
from adverts.evaluation.figures.look_alikes import LookAlikes
from adverts.evaluation.figures.planned_figures import PlannedFigures
from adverts.evaluation.figures.slices import CAMPAIGN_DIMENSION, dimensions, gap_of
from adverts.evaluation.figures.task_summary import (
    MAJORITY,
    EvaluationSettings,
    Gap,
    LabelFigures,
    ModelFigures,
    Slice,
    TaskSummary,
)
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.statistics.bootstrap import Bench, Estimate
from adverts.runtime.rules.coverage import UNKNOWN

Part = tuple[str, str, Ints]
LOOK_ALIKES = "look-alike group"


class TaskStatistics:
    """All statistics of one task, added before the resamples are drawn and read afterwards."""

    def __init__(
        self,
        bench: Bench,
        judged: Judged,
        models: Mapping[str, Floats],
        *,
        context: Predictions,
        settings: EvaluationSettings,
        look_alikes: LookAlikes | None = None,
        with_seen: Judged | None = None,
        full: bool,
        unreadable: Mapping[str, Bools] | None = None,
    ) -> None:
        """Add every statistic of the task to the bench.

        Args:
            bench: Computes all statistics on the same resamples.
            judged: True labels; at least one advert is judged.
            models: Maps each model's name to probabilities ``(N, L)``, the judged model first.
            context: Clusters, languages and similar facts of the same adverts.
            settings: How to judge the models.
            look_alikes: True classes of the same adverts; None where they are unknown.
            with_seen: True labels including adverts whose family the model has seen, for the slice
                by campaign; None: as ``judged``.
            full: Whether to include costly slices and the curves of the references.
            unreadable: Maps a model's name to the adverts that it cannot read, ``(N,)``.
        """
        self._unreadable = dict(unreadable or {})
        self._judged, self._context, self._settings = judged, context, settings
        self._model, self._said = next(iter(models.items()))
        everything = {**models, MAJORITY: label_shares(judged)}
        self._lack = weigh_evidence(judged, context.clusters, judged.rows, wanted=MIN_CLUSTERS).lack
        self._overall = PlannedFigures(
            bench,
            judged,
            everything,
            precision=settings.precision,
            recall=settings.recall,
            prevalence=settings.prevalence,
            in_service=settings.prevalence,
            lack=self._lack,
            unreadable=self._unreadable,
            clusters=context.clusters,
        )
        has_queue = judged.task.kind == "single" and judged.task.positive_index is not None
        has_curves = has_queue and self._lack is None
        self._curves = {
            model: bench.add(PrecisionAtRecalls(judged, said))
            for model, said in (models if full else {self._model: self._said}).items()
            if has_curves
        }
        self._rocs = (
            {model: bench.add(RecallAtRates(judged, said)) for model, said in models.items()}
            if full and has_curves
            else {}
        )
        self._decisions = (
            None if judged.task.kind == "multi" else LabelDecisions(judged, self._said)
        )
        self._by_label = bench.add(self._decisions) if self._decisions else None
        self._slice_prevalence = _slice_prevalence(judged, settings) if has_queue else None
        has_slices = full or judged.task.kind != "multi"
        parts = slices_of(context, judged) if has_slices else []
        if full and has_queue and look_alikes is not None:
            parts += look_alike_slices(judged, look_alikes)
        self._slices = [self._planned_slice(bench, models, judged, part) for part in parts]
        if has_slices and with_seen is not None and len(with_seen.rows) > len(judged.rows):
            self._slices += [
                self._planned_slice(bench, models, with_seen, part)
                for part in slices_of(context, with_seen)
                if part[0] == CAMPAIGN_DIMENSION
            ]

    def summary(self) -> TaskSummary:
        """Return the summary of the task; the bench must have run."""
        judged, task = self._judged, self._judged.task
        models = self._overall.models()
        queue = AVERAGE_PRECISION in self._overall.figures()
        curves = (precision_recall(model, r.value) for model, r in self._curves.items())
        rocs = (roc_curve(model, result.value) for model, result in self._rocs.items())
        return TaskSummary(
            task=task,
            primary=primary_figure(task),
            evidence=weigh_evidence(
                judged,
                self._context.clusters,
                judged.rows,
                wanted=self._settings.min_positive_clusters,
            ),
            not_judged=len(self._context) - len(judged.rows),
            prevalence=models[-1].figures[AVERAGE_PRECISION] if queue else None,
            models=models,
            comparisons=self._overall.comparisons(self._overall.figures()),
            slices=tuple(
                _slice(part, planned, primary_figure(task)) for part, planned in self._slices
            ),
            labels=self._labels(models[0]),
            confusion=self._confusion(),
            precision_recall=tuple(curve for curve in curves if curve),
            reliability=self._reliability() if self._curves else None,
            gaps=self._gaps(),
            slice_prevalence=self._slice_prevalence,
            roc=tuple(curve for curve in rocs if curve),
            in_service=self._overall.in_service(),
        )

    def _reliability(self) -> Reliability | None:
        """Return the reliability of the judged model on the adverts that it can read."""
        unread = self._unreadable.get(self._model)
        stated = self._judged if unread is None else judged_where(self._judged, ~unread)
        return reliability_of(self._model, stated, self._said) if len(stated.rows) else None

    def _planned_slice(
        self, bench: Bench, models: Mapping[str, Floats], judged: Judged, part: Part
    ) -> tuple[Slice, PlannedFigures | None]:
        """Return a slice without figures, and its planned figures if its evidence is enough."""
        dimension, value, rows = part
        settings = self._settings
        evidence = weigh_evidence(
            judged, self._context.clusters, rows, wanted=settings.min_positive_clusters
        )
        empty = Slice(dimension, value, evidence, (), ())
        if evidence.lack:
            return empty, None
        return empty, PlannedFigures(
            bench,
            judged,
            models,
            precision=settings.precision,
            recall=settings.recall,
            prevalence=self._slice_prevalence,
            in_service=settings.prevalence,
            rows=rows,
            unreadable=self._unreadable,
            clusters=self._context.clusters,
        )

    def _gaps(self) -> tuple[Gap, ...]:
        primary = primary_figure(self._judged.task)
        figure = primary if self._slice_prevalence is None else AVERAGE_PRECISION_AT_PREVALENCE
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

    def _labels(self, model: ModelFigures) -> tuple[LabelFigures, ...]:
        decided: list[Mapping[str, Estimate]] = [{} for _ in self._judged.task.labels]
        if self._decisions and self._by_label:
            decided = self._decisions.read(self._by_label.value, self._context.clusters)
        rows = []
        for index, label in enumerate(self._judged.task.labels):
            figures = dict(decided[index])
            ranked = model.figures.get(f"{AVERAGE_PRECISION}.{label}")
            if ranked is not None:
                figures[AVERAGE_PRECISION] = ranked
            adverts, clusters = self._holding(index)
            enough = clusters >= self._settings.min_positive_clusters and self._lack is None
            shown = figures if enough else {}
            rows.append(LabelFigures(label, adverts, clusters, shown))
        return tuple(rows)

    def _holding(self, label: int) -> tuple[int, int]:
        """Count the adverts, and their clusters, whose true label this is."""
        labels = self._judged.labels
        holds = labels[:, label] == 1 if labels.ndim == 2 else labels == label
        rows = np.flatnonzero(holds).tolist()
        return len(rows), len({self._context.clusters[row] for row in rows})

    def _confusion(self) -> tuple[tuple[int, ...], ...] | None:
        if self._decisions is None:
            return None
        return tuple(tuple(row) for row in self._decisions.decisions.confusion().tolist())


def slices_of(context: Predictions, judged: Judged) -> list[Part]:
    """Divide the judged adverts by language, script and so on; largest part first.

    A dimension with a single value is left out, since it would repeat the whole.
    """
    found: list[Part] = []
    for dimension, values in dimensions(context).items():
        named = np.array([values[i] or UNKNOWN for i in judged.rows], dtype=object)
        parts = [(value, judged.rows[named == value]) for value in sorted(set(named))]
        if len(parts) > 1:
            parts.sort(key=lambda part: -len(part[1]))
            found += [(dimension, value, rows) for value, rows in parts]
    return found


def look_alike_slices(judged: Judged, look_alikes: LookAlikes) -> list[Part]:
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


def _slice(part: Slice, planned: PlannedFigures | None, primary: str) -> Slice:
    if planned is None:
        return part
    return replace(part, models=planned.models(), comparisons=planned.comparisons([primary]))
