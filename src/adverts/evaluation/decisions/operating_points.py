"""Measure the thresholds that were frozen with a model on the judged adverts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Bools, Floats, Ints, Targets
from adverts.evaluation.figures.look_alikes import GroupRate, LookAlikes, group_rates
from adverts.evaluation.predictions.prediction_file import Predictions
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate, estimates, resample
from adverts.evaluation.statistics.bounds import (
    FEW,
    effective_number,
    independent_by_events,
    lower_bound,
    precision_at,
    upper_bound,
)
from adverts.evaluation.statistics.classes import ratio
from adverts.evaluation.truth import NOT_JUDGED, label_truth
from adverts.runtime.rules.thresholds import Threshold, Thresholds, has_queue, label_scores

Objects = NDArray[np.object_]
FIGURES = 4


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """The figures of one frozen threshold on the judged adverts.

    Where fewer than ten clusters hold an error, an interval is no narrower than the exact one for
    the effective number of independent adverts. Where no resample differs, it is the exact one.

    Attributes:
        threshold: The threshold with its promise.
        adverts: Number of judged adverts.
        flagged: Number of adverts at or above the threshold.
        precision: Precision among these adverts, at the prevalence of this set.
        precision_at_prevalence: Precision at the operating prevalence, from recall and
            false-positive rate here; None where the threshold has no such prevalence.
        recall: Share of the positives that are flagged.
        false_positive_rate: Share of the other adverts that are flagged.
        kept: Whether the promise holds here, by exact bounds of the promised confidence; None where
            the bounds allow both answers.
        groups: False-positive rate of each look-alike group and flagged share of each ambiguous
            class; only for the label that orders the queue.
        independent: Effective number of independent adverts that the promise rests on: that of the
            positives, and for a precision that of the others if less; None: unknown.
    """

    threshold: Threshold
    adverts: int
    flagged: int
    precision: Estimate
    precision_at_prevalence: Estimate | None
    recall: Estimate
    false_positive_rate: Estimate
    kept: bool | None
    groups: tuple[GroupRate, ...] = ()
    independent: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """A threshold with the adverts that it is judged on.

    Attributes:
        threshold: The threshold.
        rows: Places of these adverts in the predictions.
        positive: Whether each advert has the label, in the order of the rows.
        flagged: Whether each advert is at or above the threshold and readable.
        clusters: Cluster of each advert.
        is_queue: Whether the label orders a queue.
    """

    threshold: Threshold
    rows: Ints
    positive: Bools
    flagged: Bools
    clusters: Objects
    is_queue: bool


def operating_points(
    predictions: Predictions,
    targets: Targets,
    thresholds: Thresholds,
    *,
    look_alikes: LookAlikes | None,
    resamples: int,
    seed: int,
) -> tuple[OperatingPoint, ...]:
    """Return the figures of each shipped threshold on the reviewed adverts of ``predictions``.

    A threshold for all languages is judged on adverts of languages without a threshold of their
    own. A threshold is left out where no reviewed advert is judged for its label.

    Args:
        predictions: Calibrated predictions for the judged adverts.
        targets: Maps each task name to ``(N, L)``, rows as in the predictions; NaN: not judged.
        thresholds: Thresholds frozen with the model.
        look_alikes: True classes of the adverts; None where they are unknown.
        resamples: Number of resamples of clusters, for the intervals.
        seed: Seed of the resamples.
    """
    judged = _judged(predictions, targets, thresholds)
    if not judged:
        return ()
    clusters = np.asarray(predictions.clusters, dtype=object)
    reviewed = np.flatnonzero(predictions.reviewed)
    drawn = resample(
        [_Rates(judged, reviewed)], clusters[reviewed].tolist(), resamples=resamples, seed=seed
    )[0]
    figures = estimates(drawn)
    return tuple(
        _point(
            one,
            figures[FIGURES * i : FIGURES * (i + 1)],
            thresholds.confidence,
            _groups(one, clusters, look_alikes),
        )
        for i, one in enumerate(judged)
    )


def _judged(predictions: Predictions, targets: Targets, thresholds: Thresholds) -> list[_Judged]:
    tasks = {task.name: task for task in predictions.tasks if task.name in targets}
    found = []
    for threshold in thresholds.thresholds:
        task = tasks.get(threshold.task)
        if task is None or threshold.value is None or threshold.label not in task.labels:
            continue
        truth = label_truth(task, targets[task.name], threshold.label)
        decided_by = _decides(predictions, thresholds, threshold)
        rows = np.flatnonzero(predictions.reviewed & decided_by & (truth != NOT_JUDGED))
        if not len(rows):
            continue
        scores = label_scores(task, predictions.probabilities[task.name], threshold.label)
        found.append(
            _Judged(
                threshold=threshold,
                rows=rows,
                positive=truth[rows] == 1,
                flagged=((scores >= threshold.value) & ~predictions.unreadable)[rows],
                clusters=np.asarray(predictions.clusters, dtype=object)[rows],
                is_queue=has_queue(task),
            )
        )
    return found


def _decides(predictions: Predictions, thresholds: Thresholds, threshold: Threshold) -> Bools:
    """Return which adverts this threshold decides, by their language, ``(N,)``."""
    asked = (threshold.task, threshold.label, threshold.purpose)
    decided = {lang: thresholds.find(*asked, lang) == threshold for lang in set(predictions.langs)}
    return np.array([decided[lang] for lang in predictions.langs], dtype=bool)


class _Rates:
    """Precision here and at the operating prevalence, recall and false-positive rate of each."""

    def __init__(self, judged: Sequence[_Judged], reviewed: Ints) -> None:
        self._prevalences = [one.threshold.operating_prevalence for one in judged]
        members_NT4 = np.zeros((len(reviewed), len(judged), 4), dtype=np.float32)
        for i, one in enumerate(judged):
            kinds = [one.positive, one.positive & one.flagged, ~one.positive]
            kinds.append(~one.positive & one.flagged)
            members_NT4[np.searchsorted(reviewed, one.rows), i] = np.stack(kinds, axis=1)
        self._members = members_NT4.reshape(len(reviewed), -1)

    def __call__(self, weights_RN: NDArray[np.float32]) -> Floats:
        """Return four figures of each threshold, ``(R, 4 thresholds)``; NaN where undefined."""
        counts_RT4 = (weights_RN @ self._members).astype(np.float64).reshape(len(weights_RN), -1, 4)
        positives, found, others, alarms = np.moveaxis(counts_RT4, 2, 0)
        recall, false = ratio(found, positives), ratio(alarms, others)
        at_prevalence = np.full_like(recall, np.nan)
        for i, prevalence in enumerate(self._prevalences):
            if prevalence is not None:
                at_prevalence[:, i] = precision_at(recall[:, i], false[:, i], prevalence)
        figures = [ratio(found, found + alarms), at_prevalence, recall, false]
        return np.stack(figures, axis=2).reshape(len(weights_RN), -1)


def _point(
    judged: _Judged,
    figures: Sequence[Estimate],
    confidence: float,
    groups: tuple[GroupRate, ...],
) -> OperatingPoint:
    threshold = judged.threshold
    precision, at_prevalence, recall, false = figures
    exact = _Exact(judged, (1 + LEVEL) / 2)
    few_found, few_alarms = exact.few(judged.positive), exact.few(~judged.positive)
    few_flagged = _few(judged.clusters[judged.flagged], judged.positive[judged.flagged])
    return OperatingPoint(
        threshold=threshold,
        adverts=len(judged.rows),
        flagged=int(judged.flagged.sum()),
        precision=_or_exact(precision, exact.precision(), few=few_flagged),
        precision_at_prevalence=(
            None
            if threshold.operating_prevalence is None
            else _or_exact(
                at_prevalence,
                exact.precision_at(threshold.operating_prevalence),
                few=few_found or few_alarms,
            )
        ),
        recall=_or_exact(recall, exact.recall(), few=few_found),
        false_positive_rate=_or_exact(false, exact.false_positive_rate(), few=few_alarms),
        kept=_kept(threshold, _Exact(judged, confidence)),
        groups=groups,
        independent=_independent(judged),
    )


def _independent(judged: _Judged) -> float:
    rests_on = [judged.positive]
    if judged.threshold.purpose == "precision":
        rests_on.append(~judged.positive)
    return min(effective_number(judged.clusters[held].tolist()) for held in rests_on)


class _Exact:
    """One-sided exact bounds, lower and upper, of the figures of a threshold."""

    def __init__(self, judged: _Judged, confidence: float) -> None:
        self._judged, self._confidence = judged, confidence

    def few(self, among: Bools) -> bool:
        """Return whether too few clusters are flagged, or not flagged, to trust resampling."""
        return _few(self._judged.clusters[among], self._judged.flagged[among])

    def recall(self) -> tuple[float, float]:
        return self._share(self._judged.flagged, self._judged.positive)

    def false_positive_rate(self) -> tuple[float, float]:
        return self._share(self._judged.flagged, ~self._judged.positive)

    def precision(self) -> tuple[float, float]:
        return self._share(self._judged.positive, self._judged.flagged)

    def precision_at(self, prevalence: float) -> tuple[float, float]:
        (low, high), (best, worst) = self.recall(), self.false_positive_rate()
        least, most = precision_at([low, high], [worst, best], prevalence).tolist()
        return least, most

    def _share(self, holds: Bools, among: Bools) -> tuple[float, float]:
        if not among.any():
            return 0.0, 1.0
        share, names = holds[among].mean(), self._judged.clusters[among]
        number = effective_number(names.tolist())
        of_events, of_misses = (
            independent_by_events([*names[first], *names[~first]], number)[first.sum()]
            for first in (holds[among], ~holds[among])
        )
        return (
            float(lower_bound(share, of_misses, self._confidence)),
            float(upper_bound(share, of_events, self._confidence)),
        )


def _few(clusters: Objects, holds: Bools) -> bool:
    return min(len(set(clusters[holds])), len(set(clusters[~holds]))) < FEW


def _or_exact(found: Estimate, exact: tuple[float, float], *, few: bool) -> Estimate:
    """Return the estimate, no narrower than the exact interval where errors are few."""
    if found.value is None or found.low is None or found.high is None or not few:
        return found
    if found.low == found.high:
        return Estimate(found.value, *exact, "exact interval: no resample differs")
    low, high = min(found.low, exact[0]), max(found.high, exact[1])
    return Estimate(found.value, low, high, "few errors: no narrower than the exact interval")


def _kept(threshold: Threshold, exact: _Exact) -> bool | None:
    if threshold.purpose == "recall":
        low, high = exact.recall()
    else:
        assert threshold.operating_prevalence is not None, "as its promise of a precision wants"
        low, high = exact.precision_at(threshold.operating_prevalence)
    if low >= threshold.promised:
        return True
    return False if high < threshold.promised else None


def _groups(
    judged: _Judged, clusters: Objects, look_alikes: LookAlikes | None
) -> tuple[GroupRate, ...]:
    if look_alikes is None or not judged.is_queue:
        return ()
    flagged = np.zeros(len(clusters), dtype=bool)
    flagged[judged.rows] = judged.flagged
    return group_rates(flagged, clusters.tolist(), look_alikes, judged.rows)
