"""What a review desk finds that can look at k adverts a day: per post, and with copies as one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Ints, Targets
from adverts.evaluation.figures.evidence import Evidence, weigh_evidence
from adverts.evaluation.figures.figures_by_kind import Judged, judge
from adverts.evaluation.figures.review_queue import Items, Queue, collapsed, posts
from adverts.evaluation.predictions.prediction_file import Predictions, select
from adverts.evaluation.statistics.bootstrap import Bench, BenchResult, Estimate, estimates
from adverts.evaluation.statistics.bounds import FEW, exact_interval, precision_at

UNITS = ("post", "cluster")
_POINTS = 59  # of the curve, beside the budget itself
_ZERO_SEEN = 3.0  # with none in n seen, the rate may be 3 / n at 95 % confidence


@dataclass(frozen=True, slots=True)
class Desk:
    """Who reviews.

    Attributes:
        name: For the report.
        languages: BCP-47 of what it reads; empty: everything.
        daily_adverts: Adverts that arrive in a day.
        prevalence: Share of the positive label among them.
        reviews: Adverts that it can look at in a day.
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
        desk: Who reviews.
        unit: ``post``, or ``cluster``: copies are looked at once.
        adverts: Judged adverts of its languages.
        precision: Share of what is looked at that is positive, at the desk's prevalence.
        recall: Share of the day's positives that are looked at.
        curve: Pairs of reviews a day and recall, for the plot.
        lack: Why there are no figures; None where there are.
        evidence: What the judged adverts of its languages hold.
        threshold: Probability of the last one that the budget reaches; None without figures.
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
    """Return what each desk finds, on the reviewed adverts of its languages.

    Copies are taken to be as frequent in a day as they are here. The language of an advert is the
    given one, else the one identified; ``en`` stands for ``en-GB`` too. Nothing is returned where
    the task has no positive label or no advert is judged.

    Two figures a desk: of posts, and of clusters, where looking once finds all the copies, and so
    recall is still the share of the day's positive posts.

    Args:
        predictions: Calibrated, of the judged adverts.
        targets: By task ``(N, L)``, rows in the order of the predictions; NaN where not judged.
        desks: Who reviews.
        task: The headline task.
        min_positive_clusters: Fewer than that are too little evidence.
        resamples: Of clusters, for the intervals.
        seed: Decides what is drawn.
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

    ``clusters`` are those of the items.
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
    """Return precision and recall, no surer than exact bounds where false alarms are few.

    A day holds many adverts for each negative one of the set, so the next false alarm that
    resampling cannot draw would fill much of the budget. Recall and false-positive rate are bounded
    at the threshold of the budget; where the truth is worse than seen, a real desk cuts at a
    stricter score and loses less, so this errs on the wide side.
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
    """Say where even a spotless list could not show that the false alarms fit the budget."""
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
