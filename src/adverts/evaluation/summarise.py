"""Judge a model and its references on one set of adverts: figures with intervals, slices.

It needs only predictions and targets, so that a report can be made again without inference. All
statistics of all tasks are planned first, since they are computed on the same resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Targets
from adverts.errors import InputError
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
    label_shares,
    primary_figure,
)
from adverts.evaluation.figures.label_figures import (
    LabelDecisions,
    LabelFigures,
    SignalDecisions,
    label_figures,
)
from adverts.evaluation.figures.look_alikes import LookAlikes
from adverts.evaluation.figures.planned_figures import (
    MAJORITY,
    EvaluationSettings,
    PlannedFigures,
)
from adverts.evaluation.figures.planned_slices import (
    PlannedSlices,
    look_alike_slices,
    slices_of,
)
from adverts.evaluation.figures.score_histogram import score_histogram
from adverts.evaluation.figures.service_figures import SHARES, InService, queues_by_share
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.report_content import Evaluation, Summary, TaskSummary
from adverts.evaluation.statistics.bootstrap import Bench, Estimate
from adverts.evaluation.truth import Judged, judge, judged_where

Advance = Callable[[int], object]


def summarise(
    predictions: Predictions,
    targets: Targets,
    *,
    name: str,
    headline: str,
    settings: EvaluationSettings,
    references: Mapping[str, Predictions] | None = None,
    look_alikes: LookAlikes | None = None,
    with_seen: Targets | None = None,
    progress: Advance | None = None,
) -> Evaluation:
    """Judge ``predictions`` together with trained references and the majority class.

    Args:
        predictions: Predictions of the judged model.
        targets: Maps each task name to ``(N, L)``, rows in the order of the predictions; tasks that
            the model does not answer are left out.
        name: Name of the judged model.
        headline: Name of the headline task.
        settings: How to judge the model.
        references: Maps names of other models to their predictions, same adverts, same order.
        look_alikes: True classes of the same adverts; None where they are unknown.
        with_seen: Targets including adverts whose family the model has seen, which the slice by
            campaign shows; None: as ``targets``.
        progress: Called with the number of resamples just done.

    Raises:
        InputError: A reference has other adverts, or targets and predictions differ in shape.
    """
    others = dict(references or {})
    for other, said in others.items():
        if list(said.ids) != list(predictions.ids):
            raise InputError(f"{other} was not scored on the same adverts in the same order")
    tasks = sorted(
        (task for task in predictions.tasks if task.name in targets),
        key=lambda task: task.name != headline,
    )
    for task in tasks:
        _check_shape(task, targets[task.name], len(predictions))
    models = {name: predictions, **others}

    def on(rows: NDArray[np.int64]) -> Summary | None:
        if not len(rows):
            return None
        return _summary(
            {model: select(said, rows) for model, said in models.items()},
            {task: targets[task.name][rows] for task in tasks},
            {task: (with_seen or targets)[task.name][rows] for task in tasks},
            headline=headline,
            settings=settings,
            look_alikes=look_alikes.of(rows) if look_alikes else None,
            progress=progress,
        )

    return Evaluation(
        model=name,
        headline=headline,
        settings=settings,
        reviewed=on(np.flatnonzero(predictions.reviewed)),
        unreviewed=on(np.flatnonzero(~predictions.reviewed)),
    )


def _summary(
    models: Mapping[str, Predictions],
    targets: Mapping[Task, NDArray[np.float32]],
    with_seen: Mapping[Task, NDArray[np.float32]],
    *,
    headline: str,
    settings: EvaluationSettings,
    look_alikes: LookAlikes | None,
    progress: Advance | None,
) -> Summary:
    context = next(iter(models.values()))
    bench = Bench()
    plans = []
    for task, wanted in targets.items():
        judged = judge(task, wanted)
        if not len(judged.rows):
            continue
        said = {
            model: predictions.probabilities[task.name]
            for model, predictions in models.items()
            if any(task == other for other in predictions.tasks)
        }
        leads = task.name == headline
        plans.append(
            _PlannedTask(
                bench,
                judged,
                said,
                context=context,
                settings=settings if leads else replace(settings, prevalence=None),
                look_alikes=look_alikes,
                with_seen=judge(task, with_seen[task]),
                leads=leads,
                unreadable={model: one.unreadable for model, one in models.items()},
            )
        )
    bench.run(context.clusters, resamples=settings.resamples, seed=settings.seed, progress=progress)
    return Summary(
        adverts=len(context),
        clusters=len(set(context.clusters)),
        tasks=tuple(plan.summary() for plan in plans),
    )


def _check_shape(task: Task, targets: NDArray[np.float32], num_adverts: int) -> None:
    wanted = (num_adverts, task.num_labels)
    if targets.shape != wanted:
        raise InputError(f"targets of task {task.name!r}: shape {targets.shape}, wanted {wanted}")


class _PlannedTask:
    """All statistics of one task, added before the resamples are drawn and read afterwards.

    At least one advert is judged. The task that leads has costly slices and the curves of the
    references as well.
    """

    def __init__(
        self,
        bench: Bench,
        judged: Judged,
        models: Mapping[str, Floats],
        *,
        context: Predictions,
        settings: EvaluationSettings,
        look_alikes: LookAlikes | None,
        with_seen: Judged,
        leads: bool,
        unreadable: Mapping[str, Bools],
    ) -> None:
        self._judged, self._context, self._settings = judged, context, settings
        self._unreadable, self._leads = unreadable, leads
        self._model, self._said = next(iter(models.items()))
        self._lack = weigh_evidence(judged, context.clusters, judged.rows, wanted=MIN_CLUSTERS).lack
        self._overall = PlannedFigures(
            bench,
            judged,
            {**models, MAJORITY: label_shares(judged)},
            precision=settings.precision,
            recall=settings.recall,
            prevalence=settings.prevalence,
            in_service=settings.prevalence,
            lack=self._lack,
            unreadable=unreadable,
            clusters=context.clusters,
        )
        has_queue = judged.task.kind == "single" and judged.task.positive_index is not None
        drawn = models if has_queue and self._lack is None else {}
        self._curves = {
            model: bench.add(PrecisionAtRecalls(judged, said))
            for model, said in drawn.items()
            if leads or model == self._model
        }
        self._rocs = {
            model: bench.add(RecallAtRates(judged, said)) for model, said in drawn.items() if leads
        }
        is_multi = judged.task.kind == "multi"
        self._decisions = None if is_multi else LabelDecisions(judged, self._said)
        self._answers = self._decisions or SignalDecisions(judged, self._said)
        self._by_label = bench.add(self._answers)
        self._slices = PlannedSlices(
            bench, judged, models, context=context, settings=settings, unreadable=unreadable
        )
        if leads or not is_multi:
            self._slices.add(judged, slices_of(context, judged))
        if leads and has_queue and look_alikes is not None:
            self._slices.add(judged, look_alike_slices(judged, look_alikes))
        if leads or not is_multi:
            self._slices.add_by_campaign(with_seen)

    def summary(self) -> TaskSummary:
        """Return the summary of the task; the bench must have run."""
        judged, task, clusters = self._judged, self._judged.task, self._context.clusters
        models, wanted = self._overall.models(), self._settings.min_positive_clusters
        queue = AVERAGE_PRECISION in self._overall.figures()
        curves = (precision_recall(model, r.value) for model, r in self._curves.items())
        rocs = (roc_curve(model, result.value) for model, result in self._rocs.items())
        return TaskSummary(
            task=task,
            primary=primary_figure(task),
            evidence=weigh_evidence(judged, clusters, judged.rows, wanted=wanted),
            not_judged=len(self._context) - len(judged.rows),
            prevalence=models[-1].figures[AVERAGE_PRECISION] if queue else None,
            models=models,
            comparisons=self._overall.comparisons(self._overall.figures()),
            slices=self._slices.slices(),
            labels=self._labels(models[0].figures),
            confusion=self._decisions.confusion() if self._decisions else None,
            precision_recall=tuple(curve for curve in curves if curve),
            reliability=self._reliability() if self._curves else None,
            gaps=self._slices.gaps(),
            slice_prevalence=self._slices.prevalence,
            roc=tuple(curve for curve in rocs if curve),
            in_service=self._overall.in_service(),
            by_share=self._by_share(),
            scores=score_histogram(self._stated(), self._said),
        )

    def _by_share(self) -> tuple[InService, ...]:
        if not self._leads or self._settings.prevalence is not None:
            return ()
        clusters, precision = self._context.clusters, self._settings.precision
        return queues_by_share(self._judged, self._said, clusters, SHARES, precision=precision)

    def _stated(self) -> Judged:
        """Return the labels of the adverts that the judged model can read."""
        unread = self._unreadable.get(self._model)
        return self._judged if unread is None else judged_where(self._judged, ~unread)

    def _reliability(self) -> Reliability | None:
        stated = self._stated()
        return reliability_of(self._model, stated, self._said) if len(stated.rows) else None

    def _labels(self, figures: Mapping[str, Estimate]) -> tuple[LabelFigures, ...]:
        clusters, wanted = self._context.clusters, self._settings.min_positive_clusters
        decided = self._answers.read(self._by_label.value, clusters)
        enough = wanted if self._lack is None else None
        return label_figures(self._judged, clusters, figures, decided, min_clusters=enough)
