"""What a review desk finds if it can review k adverts a day, by post and by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints, Targets
from adverts.evaluation.figures.budget_steps import (
    BudgetStep,
    step_reviews,
    too_coarse,
    widened_at,
)
from adverts.evaluation.figures.evidence import Evidence, weigh_evidence
from adverts.evaluation.figures.review_queue import Items, Queue, collapsed, posts
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.statistics.bootstrap import Bench, BenchResult, Estimate, estimates
from adverts.evaluation.truth import Judged, judge

UNITS = ("post", "cluster")
_POINTS = 59  # points of the curve, not counting the budget itself


@dataclass(frozen=True, slots=True)
class Desk:
    """A review desk and its daily budget.

    Attributes:
        name: Name for the report.
        languages: Languages that it reads, BCP-47; empty: all.
        daily_adverts: Number of adverts that arrive in a day.
        prevalence: Share of the positive label among the arriving adverts.
        reviews: Number of adverts that it can review in a day.
    """

    name: str
    languages: tuple[str, ...]
    daily_adverts: int
    prevalence: float
    reviews: int


@dataclass(frozen=True, slots=True)
class BudgetFigures:
    """What a desk finds with its budget.

    Attributes:
        desk: The review desk.
        unit: ``post``, or ``cluster``: copies are reviewed once.
        adverts: Number of judged adverts in its languages.
        precision: Share of the reviewed items that is positive, at the desk's prevalence.
        recall: Share of the day's positives that are reviewed.
        curve: Pairs of reviews a day and recall, for the plot.
        lack: Why there are no figures; None where there are.
        evidence: Evidence that the judged adverts in its languages hold.
        threshold: Probability of the last item that the budget reaches; None without figures.
        steps: The same for budgets from a quarter of its own to four times as many reviews; empty
            if none has figures.
    """

    desk: Desk
    unit: str
    adverts: int
    precision: Estimate
    recall: Estimate
    curve: tuple[tuple[float, float], ...] = ()
    lack: str | None = None
    evidence: Evidence | None = None
    threshold: float | None = None
    steps: tuple[BudgetStep, ...] = ()


def budget_figures(
    predictions: Predictions,
    targets: Targets,
    desks: tuple[Desk, ...],
    *,
    task: str,
    min_positive_clusters: int,
    resamples: int,
    seed: int,
) -> tuple[BudgetFigures, ...]:
    """Return what each desk finds, on the reviewed adverts in its languages.

    Copies are assumed to be as frequent in a day as they are here. The language of an advert is the
    given one, otherwise the identified one; ``en`` includes ``en-GB``. Nothing is returned where
    the task has no positive label or no advert is judged.

    Each desk gets two results: one for posts and one for clusters. One review of a cluster finds
    all its copies, so recall is still the share of the day's positive posts.

    Args:
        predictions: Calibrated predictions for the judged adverts.
        targets: Maps each task name to ``(N, L)``, rows as in the predictions; NaN: not judged.
        desks: The review desks.
        task: Name of the headline task.
        min_positive_clusters: Fewer positive clusters than that are too little evidence.
        resamples: Number of resamples of clusters, for the intervals.
        seed: Seed of the resamples.
    """
    asked = next((one for one in predictions.tasks if one.name == task and task in targets), None)
    rows = np.flatnonzero(predictions.reviewed)
    if asked is None or asked.kind != "single" or asked.positive_index is None or not len(rows):
        return ()
    reviewed = select(predictions, rows)
    judged = judge(asked, targets[task][rows])
    if not len(judged.rows):
        return ()
    bench = Bench()
    plans = [
        _plan(bench, reviewed, judged, desk, unit=unit, wanted=min_positive_clusters)
        for desk in desks
        for unit in UNITS
    ]
    bench.run(reviewed.clusters, resamples=resamples, seed=seed)
    return tuple(_figures(plan) for plan in plans)


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """One desk and unit before the resamples; without a queue where the evidence is too little.

    ``clusters`` holds the cluster of each item.
    """

    desk: Desk
    unit: str
    evidence: Evidence
    clusters: NDArray[np.object_]
    items: Items | None = None
    result: BenchResult | None = None


def _plan(
    bench: Bench, predictions: Predictions, judged: Judged, desk: Desk, *, unit: str, wanted: int
) -> _Plan:
    rows = _rows_of(desk, predictions, judged)
    evidence = weigh_evidence(judged, predictions.clusters, rows, wanted=wanted)
    if evidence.lack:
        return _Plan(desk, unit, evidence, np.empty(0, dtype=object))
    items = _items(predictions, judged, rows, unit=unit)
    clusters = np.asarray(predictions.clusters, dtype=object)[items.rows]
    result = bench.add(_queue(items, desk, _asked(desk)))
    return _Plan(desk, unit, evidence, clusters, items=items, result=result)


def _asked(desk: Desk) -> tuple[int, ...]:
    """Return the desk's own budget, then those of its steps."""
    return (desk.reviews, *step_reviews(desk.reviews, desk.daily_adverts))


def _figures(plan: _Plan) -> BudgetFigures:
    desk, evidence = plan.desk, plan.evidence
    if plan.items is None or plan.result is None:
        missing = Estimate(None, reason=evidence.lack)
        return BudgetFigures(
            desk,
            plan.unit,
            evidence.adverts,
            precision=missing,
            recall=missing,
            lack=evidence.lack,
            evidence=evidence,
        )
    own, *steps = _steps(plan, plan.items, estimates(plan.result.value))
    return BudgetFigures(
        desk,
        plan.unit,
        evidence.adverts,
        precision=own.precision,
        recall=own.recall,
        curve=() if own.lack else _curve(plan.items, desk),
        lack=own.lack,
        evidence=evidence,
        threshold=own.threshold,
        steps=tuple(steps) if any(not one.lack for one in steps) else (),
    )


def _steps(plan: _Plan, items: Items, found: Sequence[Estimate]) -> list[BudgetStep]:
    """Return the desk's own budget, then its steps; ``found`` are precisions, then recalls."""
    asked = _asked(plan.desk)
    steps = []
    for reviews, *pair in zip(asked, found, found[len(asked) :], strict=False):
        lack = _too_coarse(plan.desk, plan.evidence, reviews)
        if lack:
            missing = Estimate(None, reason=lack)
            steps.append(BudgetStep(reviews, None, missing, missing, lack))
            continue
        threshold = _queue(items, plan.desk, [reviews]).threshold()
        told = widened_at(items, plan.clusters, threshold, plan.desk.prevalence, pair)
        steps.append(BudgetStep(reviews, threshold, *told))
    return steps


def _too_coarse(desk: Desk, evidence: Evidence, reviews: int) -> str | None:
    harmless = desk.daily_adverts * (1 - desk.prevalence)
    return too_coarse(reviews, harmless, evidence.negative_clusters or 0)


def _curve(items: Items, desk: Desk) -> tuple[tuple[float, float], ...]:
    """Return reviews a day and recall, from one review to all adverts, the budget among them."""
    spread = np.geomspace(1, desk.daily_adverts, _POINTS).round()
    reviews = np.union1d(spread, [min(desk.reviews, desk.daily_adverts)]).tolist()
    everything = np.ones((1, int(items.rows.max()) + 1), dtype=np.float32)
    recalls = _queue(items, desk, reviews)(everything)[0, len(reviews) :]
    return tuple(
        (one, round(float(recall), 5)) for one, recall in zip(reviews, recalls, strict=True)
    )


def _queue(items: Items, desk: Desk, reviews: Sequence[float]) -> Queue:
    return Queue(
        items, daily_adverts=desk.daily_adverts, prevalence=desk.prevalence, reviews=reviews
    )


def _items(predictions: Predictions, judged: Judged, rows: Ints, *, unit: str) -> Items:
    label = judged.task.positive_index
    assert label is not None, "budget_figures asks for a task with a positive label"
    scores = predictions.probabilities[judged.task.name][rows, label]
    positive = judged.labels[rows] == label
    if unit == "post":
        return posts(scores, positive, rows)
    return collapsed(scores, positive, [predictions.clusters[row] for row in rows], rows)


def _rows_of(desk: Desk, predictions: Predictions, judged: Judged) -> Ints:
    if not desk.languages:
        return judged.rows
    read = {lang.lower() for lang in desk.languages}

    def reads(row: int) -> bool:
        known = predictions.langs[row] or predictions.identified_langs[row] or ""
        parts = known.lower().split("-")
        return any("-".join(parts[:end]) in read for end in range(1, len(parts) + 1))

    return np.array([row for row in judged.rows if reads(row)], dtype=np.int64)
