"""What a review desk finds if it can review k adverts a day, by post and by cluster."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints, Targets
from adverts.evaluation.figures.evidence import Evidence, weigh_evidence
from adverts.evaluation.figures.review_queue import Items, Queue, collapsed, posts
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.statistics.bootstrap import Bench, BenchResult, Estimate, estimates
from adverts.evaluation.statistics.bounds import FEW, exact_interval, precision_at
from adverts.evaluation.truth import Judged, judge

UNITS = ("post", "cluster")
_POINTS = 59  # points of the curve, not counting the budget itself
_ZERO_SEEN = 3.0  # with none observed in n, the rate may be 3 / n at 95 % confidence


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
    lack: str | None
    clusters: NDArray[np.object_]
    items: Items | None = None
    result: BenchResult | None = None


def _plan(
    bench: Bench, predictions: Predictions, judged: Judged, desk: Desk, *, unit: str, wanted: int
) -> _Plan:
    rows = _rows_of(desk, predictions, judged)
    evidence = weigh_evidence(judged, predictions.clusters, rows, wanted=wanted)
    lack = evidence.lack or _too_coarse(desk, evidence)
    if lack:
        return _Plan(desk, unit, evidence, lack, np.empty(0, dtype=object))
    items = _items(predictions, judged, rows, unit=unit)
    clusters = np.asarray(predictions.clusters, dtype=object)[items.rows]
    result = bench.add(_queue(items, desk, [desk.reviews]))
    return _Plan(desk, unit, evidence, None, clusters, items=items, result=result)


def _figures(plan: _Plan) -> BudgetFigures:
    if plan.items is None or plan.result is None:
        missing = Estimate(None, reason=plan.lack)
        return BudgetFigures(
            plan.desk,
            plan.unit,
            plan.evidence.adverts,
            precision=missing,
            recall=missing,
            lack=plan.lack,
            evidence=plan.evidence,
        )
    threshold = _queue(plan.items, plan.desk, [plan.desk.reviews]).threshold()
    precision, recall = _widened(plan, plan.items, threshold, estimates(plan.result.value))
    return BudgetFigures(
        plan.desk,
        plan.unit,
        plan.evidence.adverts,
        precision=precision,
        recall=recall,
        curve=_curve(plan.items, plan.desk),
        evidence=plan.evidence,
        threshold=threshold,
    )


def _widened(
    plan: _Plan, items: Items, threshold: float, found: Sequence[Estimate]
) -> tuple[Estimate, Estimate]:
    """Return precision and recall, no narrower than exact intervals where false alarms are few.

    Each negative of the set stands for many adverts of a day. So one more false alarm, which
    resampling cannot draw, would fill much of the budget. Recall and false-positive rate are
    bounded at the threshold of the budget. If the truth is worse than observed, a real desk cuts at
    a stricter score and loses less, so the intervals are rather too wide.
    """
    precision, recall = found
    counts = [
        (len(set(plan.clusters[held & (items.scores >= threshold)])), len(set(plan.clusters[held])))
        for held in (items.positive, ~items.positive)
    ]
    if counts[1][0] >= FEW or not precision.value:
        return precision, recall
    seen = precision.value
    (least, most), (best, worst) = (exact_interval(*one) for one in counts)
    ends = precision_at([least, most], [worst, best], plan.desk.prevalence).tolist()
    reason = f"{counts[1][0]} of {counts[1][1]:,} negative clusters reached: the interval is exact"

    def wider(one: Estimate) -> Estimate:
        if one.value is None or one.low is None or one.high is None:
            return one
        low, high = (min(1.0, one.value * end / seen) for end in ends)
        return Estimate(one.value, min(low, one.low), max(high, one.high), reason)

    return wider(precision), wider(recall)


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


def _too_coarse(desk: Desk, evidence: Evidence) -> str | None:
    """Return why even a list without a false alarm could not show that they fit the budget."""
    harmless = desk.daily_adverts * (1 - desk.prevalence)
    wanted = math.ceil(_ZERO_SEEN * harmless / desk.reviews)
    found = evidence.negative_clusters or 0
    if found >= wanted:
        return None
    return f"{found:,} negative clusters, wanted {wanted:,} for {desk.reviews:,} reviews a day"


def _rows_of(desk: Desk, predictions: Predictions, judged: Judged) -> Ints:
    if not desk.languages:
        return judged.rows
    read = {lang.lower() for lang in desk.languages}

    def reads(row: int) -> bool:
        known = predictions.langs[row] or predictions.identified_langs[row] or ""
        parts = known.lower().split("-")
        return any("-".join(parts[:end]) in read for end in range(1, len(parts) + 1))

    return np.array([row for row in judged.rows if reads(row)], dtype=np.int64)
