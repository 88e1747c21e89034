"""Judge a model and its references on one set of adverts: figures with intervals, slices.

It needs only predictions and targets, so that a report can be made again without inference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Targets
from adverts.errors import InputError
from adverts.evaluation.figures.figures_by_kind import judge
from adverts.evaluation.figures.look_alikes import LookAlikes
from adverts.evaluation.figures.task_plan import TaskStatistics
from adverts.evaluation.figures.task_summary import EvaluationSettings, TaskSummary
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.statistics.bootstrap import Bench

Advance = Callable[[int], object]


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
            TaskStatistics(
                bench,
                judged,
                said,
                context=context,
                settings=settings if leads else replace(settings, prevalence=None),
                look_alikes=look_alikes,
                with_seen=judge(task, with_seen[task]),
                full=leads,
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
