"""Measure how far annotators of a task agree beyond chance, by Krippendorff's alpha."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import coo_matrix

from adverts.advert import Task
from adverts.arrays import Floats, Weights
from adverts.auditing.audited_adverts import AuditedAdverts
from adverts.data.dataset.prepared_rows import ANNOTATIONS_PREFIX
from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.evaluation.statistics.bootstrap import Estimate, estimates, resample

Level = Literal["nominal", "ordinal"]
ONE_EACH = "no advert has two annotations: there is nothing to compare"


class Alpha:
    """Statistic that computes alpha under any weighting of the units.

    A unit that fewer than two annotators judged is ignored.
    """

    def __init__(self, values: Sequence[Sequence[int]], num_values: int, level: Level) -> None:
        """Store the annotations.

        Args:
            values: Values that annotators gave to each unit, any number, in any order.
            num_values: Values are ``0 … num_values - 1``; for ``ordinal`` in their order.
            level: How two values differ: ``nominal`` fully or not at all, ``ordinal`` by the number
                of judgements between them.
        """
        self._level, self._size = level, num_values
        units, cells, sums = [], [], []
        for unit, given in enumerate(values):
            for place, value in enumerate(given):
                others = [*given[:place], *given[place + 1 :]]
                units += [unit] * len(others)
                cells += [value * num_values + other for other in others]
                sums += [1 / max(1, len(others))] * len(others)
        shape = (num_values * num_values, len(values))
        self._coincidences = coo_matrix((sums, (cells, units)), shape).tocsr()

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return alpha of each weighting, ``(R, 1)``; NaN if no two different values were given."""
        summed = (self._coincidences @ weights_RN.T.astype(np.float64)).T
        observed = summed.reshape(-1, self._size, self._size)
        totals = observed.sum(axis=2)
        number = totals.sum(axis=1)
        unlike = _unlikeness(totals, self._level)
        found = (observed * unlike).sum(axis=(1, 2))
        products = totals[:, :, None] * totals[:, None, :]
        expected = (products * unlike).sum(axis=(1, 2)) / np.maximum(number - 1, 1)
        defined = expected > 0
        alpha = np.where(defined, 1 - found / np.where(defined, expected, 1), np.nan)
        return alpha[:, None]


def _unlikeness(totals: Floats, level: Level) -> Floats:
    """Return the squared difference of each pair of values, ``(R, V, V)``."""
    size = totals.shape[1]
    if level == "nominal":
        return np.broadcast_to(1.0 - np.eye(size), (len(totals), size, size))
    middle = np.cumsum(totals, axis=1) - totals / 2
    return np.asarray((middle[:, :, None] - middle[:, None, :]) ** 2)


@dataclass(frozen=True, slots=True)
class AnnotatorAgreement:
    """Krippendorff's alpha of one task.

    Attributes:
        task: Name of the task.
        level: ``ordinal`` for levels, otherwise ``nominal``.
        adverts: Number of adverts with two annotations or more.
        clusters: Number of distinct clusters among them.
        annotations: Number of annotations of these adverts.
        alpha: Alpha with its interval over clusters; 1 is full agreement, 0 is chance. For a
            ``multi`` task it is the mean over the signals.
        labels: Maps each signal of a ``multi`` task to its alpha; otherwise empty.
        reason: Why there is no alpha; otherwise None.
    """

    task: str
    level: str
    adverts: int
    clusters: int
    annotations: int
    alpha: Estimate
    labels: dict[str, Estimate]
    reason: str | None = None


def measure_agreement(
    subject: AuditedAdverts, *, resamples: int, seed: int
) -> tuple[AnnotatorAgreement, ...]:
    """Return the agreement on each task, in the order of the schema.

    Args:
        subject: The audited adverts.
        resamples: Number of resamples of whole clusters.
        seed: Seed of the resamples.
    """
    return tuple(
        _of_task(subject, task, resamples=resamples, seed=seed) for task in subject.schema.tasks
    )


def _of_task(
    subject: AuditedAdverts, task: Task, *, resamples: int, seed: int
) -> AnnotatorAgreement:
    said = subject.table.values(ANNOTATIONS_PREFIX + task.name)
    judged = [_labels_of(task, raw) if isinstance(raw, list) else [] for raw in said]
    rows = [row for row, given in enumerate(judged) if len(given) > 1]
    level = _level(task)
    if not rows:
        return AnnotatorAgreement(
            task.name, level, 0, 0, 0, Estimate(None, reason=ONE_EACH), {}, ONE_EACH
        )
    clusters = [subject.table.clusters[row] for row in rows]
    given = [judged[row] for row in rows]
    found = [
        estimates(one)[0]
        for one in resample(_statistics(task, given), clusters, resamples=resamples, seed=seed)
    ]
    several = task.kind == "multi"
    return AnnotatorAgreement(
        task=task.name,
        level=level,
        adverts=len(rows),
        clusters=len(set(clusters)),
        annotations=sum(map(len, given)),
        alpha=found[0],
        labels=dict(zip(task.labels, found[1:], strict=True)) if several else {},
        reason=found[0].reason if found[0].value is None else None,
    )


def _statistics(task: Task, given: Sequence[Sequence[frozenset[int]]]) -> list[MeanAlpha | Alpha]:
    """Return the alpha of the task, followed by that of each signal for a ``multi`` task."""
    if task.kind == "multi":
        signals = [
            Alpha([[int(i in chosen) for chosen in one] for one in given], 2, "nominal")
            for i in range(task.num_labels)
        ]
        return [MeanAlpha(signals), *signals]
    values = [[next(iter(chosen)) for chosen in one] for one in given]
    return [Alpha(values, task.num_labels, _level(task))]


def _level(task: Task) -> Level:
    return "ordinal" if task.kind == "ordinal" else "nominal"


class MeanAlpha:
    """Statistic that computes the mean of those of several alphas that are defined."""

    def __init__(self, alphas: Sequence[Alpha]) -> None:
        """Store the alphas."""
        self._alphas = alphas

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the mean of each weighting, ``(R, 1)``; NaN where none is defined."""
        each = np.concatenate([alpha(weights_RN) for alpha in self._alphas], axis=1)
        defined = ~np.isnan(each)
        number = defined.sum(axis=1, keepdims=True)
        total = np.where(defined, each, 0.0).sum(axis=1, keepdims=True)
        return np.where(number > 0, total / np.maximum(number, 1), np.nan)


def _labels_of(task: Task, raw: Sequence[str]) -> list[frozenset[int]]:
    """Return the labels that each annotator chose, as indices; other values are left out."""
    index = {label: i for i, label in enumerate(task.labels)}
    if task.kind == "multi":
        chosen = [value.split() for value in raw]
        known = [words for words in chosen if all(word in index for word in words)]
        return [frozenset(index[word] for word in words) for words in known]
    translated = [value if value in index else _translation(task).get(value) for value in raw]
    return [frozenset([index[value]]) for value in translated if value in index]


def _translation(task: Task) -> dict[str, str | None]:
    """Return the label of a task for each class of the taxonomy; empty if it is not derived."""
    classes = read_taxonomy().classes
    match task.name:
        case "refer":
            return {item.id: item.refer for item in classes}
        case "coarse":
            return {item.id: item.coarse for item in classes}
        case _:
            return {}
