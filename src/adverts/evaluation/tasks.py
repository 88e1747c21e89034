"""Plan the statistics of one task before the resamples are drawn, and read them afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from adverts.evaluation.bootstrap import Bench, Estimate, Result, difference, estimates
from adverts.evaluation.curves import PrecisionAtRecalls, precision_recall, reliability_of
from adverts.evaluation.evidence import MIN_CLUSTERS, Evidence, weigh_evidence
from adverts.evaluation.figures import (
    AVERAGE_PRECISION,
    FigureSet,
    Judged,
    label_shares,
    primary_figure,
)
from adverts.evaluation.judgement import (
    MAJORITY,
    Comparison,
    LabelFigures,
    ModelFigures,
    Slice,
    TaskSummary,
    verdict,
)
from adverts.evaluation.labels import NAMES, LabelDecisions
from adverts.evaluation.predictions import Predictions
from adverts.evaluation.roc_curve import RecallAtRates, roc_curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
UNKNOWN = "unknown"


class _Planned:
    """The figures of several models on the same adverts, to be read after the resamples."""

    def __init__(
        self,
        bench: Bench,
        judged: Judged,
        models: Mapping[str, Floats],
        *,
        precision: float,
        rows: Ints | None = None,
    ) -> None:
        self._names: tuple[str, ...] = ()
        self._results: dict[str, Result] = {}
        for model, probabilities_NL in models.items():
            figures = FigureSet(judged, probabilities_NL, precision=precision, rows=rows)
            self._names = figures.names
            self._results[model] = bench.add(figures)

    def models(self) -> tuple[ModelFigures, ...]:
        return tuple(
            ModelFigures(model, dict(zip(self._names, estimates(result.value), strict=True)))
            for model, result in self._results.items()
        )

    def comparisons(self, figures: Sequence[str]) -> tuple[Comparison, ...]:
        judged, *references = self._results
        return tuple(
            self._comparison(figure, judged, reference)
            for reference in references
            for figure in figures
        )

    def figures(self) -> tuple[str, ...]:
        return tuple(name for name in self._names if "." not in name)

    def _comparison(self, figure: str, judged: str, reference: str) -> Comparison:
        gap = difference(
            self._results[judged].value, self._results[reference].value, self._names.index(figure)
        )
        return Comparison(figure, judged, reference, gap, verdict(figure, gap))


class TaskPlan:
    """All statistics of one task: made before the resamples, read after them."""

    def __init__(
        self,
        bench: Bench,
        judged: Judged,
        models: Mapping[str, Floats],
        *,
        context: Predictions,
        precision: float,
        full: bool,
    ) -> None:
        """Put every statistic of the task on the bench.

        Args:
            bench: Computes them all on the same resamples.
            judged: The truth; at least one advert is judged.
            models: Probabilities ``(N, L)`` by name, the judged model first.
            context: Clusters, languages and the like of the same adverts.
            precision: The precision at which recall is asked for.
            full: Give slices also where they are costly, and curves of the references.
        """
        self._judged, self._context = judged, context
        self._model, self._said = next(iter(models.items()))
        everything = {**models, MAJORITY: label_shares(judged)}
        self._overall = _Planned(bench, judged, everything, precision=precision)
        has_queue = judged.task.kind == "single" and judged.task.positive_index is not None
        self._curves = {
            model: bench.add(PrecisionAtRecalls(judged, said))
            for model, said in (models if full else {self._model: self._said}).items()
            if has_queue
        }
        self._rocs = (
            {model: bench.add(RecallAtRates(judged, said)) for model, said in models.items()}
            if full and has_queue
            else {}
        )
        self._decisions = (
            None if judged.task.kind == "multi" else LabelDecisions(judged, self._said)
        )
        self._by_label = bench.add(self._decisions) if self._decisions else None
        self._slices = []
        if full or judged.task.kind != "multi":
            for dimension, value, rows in slices_of(context, judged):
                evidence = weigh_evidence(judged, context.clusters, rows)
                planned = (
                    None
                    if evidence.lack
                    else _Planned(bench, judged, models, precision=precision, rows=rows)
                )
                self._slices.append((dimension, value, evidence, planned))

    def summary(self) -> TaskSummary:
        """Read what was computed."""
        judged, task = self._judged, self._judged.task
        everyone = np.arange(len(self._context))
        models = self._overall.models()
        majority = models[-1].figures
        queue = bool(self._curves)
        curves = (precision_recall(model, r.value) for model, r in self._curves.items())
        rocs = (roc_curve(model, result.value) for model, result in self._rocs.items())
        calibration = reliability_of(self._model, judged, self._said) if queue else None
        return TaskSummary(
            task=task,
            primary=primary_figure(task),
            evidence=weigh_evidence(judged, self._context.clusters, everyone),
            not_judged=len(self._context) - len(judged.rows),
            prevalence=majority[AVERAGE_PRECISION] if queue else None,
            models=models,
            comparisons=self._overall.comparisons(self._overall.figures()),
            slices=tuple(_slice(*planned, primary_figure(task)) for planned in self._slices),
            labels=self._labels(models[0]),
            confusion=self._confusion(),
            precision_recall=tuple(curve for curve in curves if curve),
            reliability=calibration,
            roc=tuple(curve for curve in rocs if curve),
        )

    def _labels(self, model: ModelFigures) -> tuple[LabelFigures, ...]:
        decided: list[Estimate] = estimates(self._by_label.value) if self._by_label else []
        rows = []
        for index, label in enumerate(self._judged.task.labels):
            figures = dict(zip(NAMES, decided[index * len(NAMES) :], strict=False))
            ranked = model.figures.get(f"{AVERAGE_PRECISION}.{label}")
            if ranked is not None:
                figures[AVERAGE_PRECISION] = ranked
            adverts, clusters = self._holding(index)
            shown = figures if clusters >= MIN_CLUSTERS else {}
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


def slices_of(context: Predictions, judged: Judged) -> list[tuple[str, str, Ints]]:
    """Divide the judged adverts by language, script and so on; largest part first.

    A dimension in which all of them are alike is left out: it would repeat the whole.
    """
    campaigns = ["seen in training" if seen else "new" for seen in context.seen]
    dimensions: dict[str, Sequence[str | None]] = {
        "language": context.langs,
        "script": context.scripts,
        "modality": context.modalities,
        "OCR quality": context.readings,
        "campaign": campaigns,
    }
    found = []
    for dimension, values in dimensions.items():
        named = np.array([values[i] or UNKNOWN for i in judged.rows], dtype=object)
        parts = [(value, judged.rows[named == value]) for value in sorted(set(named))]
        if len(parts) > 1:
            parts.sort(key=lambda part: -len(part[1]))
            found += [(dimension, value, rows) for value, rows in parts]
    return found


def _slice(
    dimension: str, value: str, evidence: Evidence, planned: _Planned | None, primary: str
) -> Slice:
    if planned is None:
        return Slice(dimension, value, evidence, (), ())
    return Slice(dimension, value, evidence, planned.models(), planned.comparisons([primary]))
