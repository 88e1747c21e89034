"""How much evidence a set of adverts holds, and exact bounds of figures without an error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Ints, Weights
from adverts.errors import plural
from adverts.evaluation.figures.figures_by_kind import LOWER_IS_BETTER, FigureSet
from adverts.evaluation.statistics.bootstrap import LEVEL, Estimate, estimate, resample
from adverts.evaluation.statistics.bounds import effective_number, upper_bound
from adverts.evaluation.statistics.ranking import (
    Ranking,
    average_precision,
    average_precision_at_prevalence,
)
from adverts.evaluation.statistics.stated_probabilities import LOG_LOSS, LOG_LOSS_SKILL
from adverts.evaluation.truth import NOT_JUDGED, Judged

MIN_POSITIVE_CLUSTERS = 100
"""Positive clusters that a figure needs by default."""
MIN_CLUSTERS = 10
"""Fewest clusters for any figure or bound; also the number of negative clusters required."""
FEW_INDEPENDENT = 50
"""Independent adverts below which intervals of figures at a threshold are too narrow: what about 60
campaigns of unlike size are worth, see experiment 0034."""
_UNBOUNDED = frozenset({LOG_LOSS, LOG_LOSS_SKILL})  # one error could cost any amount


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much evidence a set of adverts holds.

    Attributes:
        adverts: Number of judged adverts.
        clusters: Number of distinct clusters among them: the independent observations.
        positives: Adverts with the positive label; None where the task has none.
        positive_clusters: Clusters with a positive advert; None where the task has no such label.
        negative_clusters: Clusters with another advert; None where the task has no positive label.
        wanted: Positive clusters that a figure needs; twice as many clusters of any kind where the
            task has no positive label.
        worth: Effective number of independent adverts, see ``bounds.effective_number``: below the
            number of clusters where some are large. It is that of the positives, or of the others
            where that is less; None: unknown.
        positive_worth: Effective number of independent positive adverts; None where the task has no
            positive label, or it is unknown.
    """

    adverts: int
    clusters: int
    positives: int | None
    positive_clusters: int | None
    negative_clusters: int | None
    wanted: int = MIN_POSITIVE_CLUSTERS
    worth: float | None = None
    positive_worth: float | None = None

    @property
    def independent(self) -> float:
        """Number of independent adverts that a figure rests on.

        It is ``worth`` where that is known. Otherwise clusters are counted: the positive or the
        negative ones, whichever are fewer, or all where the task has no positive label.
        """
        if self.worth is not None:
            return self.worth
        if self.positive_clusters is None or self.negative_clusters is None:
            return self.clusters
        return min(self.positive_clusters, self.negative_clusters)

    @property
    def hidden_by_setting(self) -> bool:
        """Whether it is ``min_positive_clusters``, a setting, that hides a figure."""
        if self.positive_clusters is None:
            return self.clusters < 2 * self.wanted
        return self.positive_clusters < self.wanted

    @property
    def lack(self) -> str | None:
        """Why this is too little for a figure; None where it is enough."""
        if self.positive_clusters is None or self.negative_clusters is None:
            return _lack(self.clusters, "cluster", 2 * self.wanted)
        return _lack(self.positive_clusters, "positive cluster", self.wanted) or _lack(
            self.negative_clusters, "negative cluster", MIN_CLUSTERS
        )


def weigh_evidence(
    judged: Judged, clusters: Sequence[str], rows: Ints, *, wanted: int = MIN_POSITIVE_CLUSTERS
) -> Evidence:
    """Return the evidence of judged adverts among ``rows``; ``wanted`` as in :class:`Evidence`."""
    kept = np.intersect1d(judged.rows, rows)
    names = np.asarray(clusters, dtype=object)[kept]
    positive = positive_label(judged.task)
    if positive is None:
        worth = effective_number(names)
        return Evidence(len(kept), len(set(names)), None, None, None, wanted, worth)
    is_positive = judged.labels[kept] == positive
    of_positives, of_others = (
        effective_number(names[held]) for held in (is_positive, ~is_positive)
    )
    return Evidence(
        adverts=len(kept),
        clusters=len(set(names)),
        positives=int(is_positive.sum()),
        positive_clusters=len(set(names[is_positive])),
        negative_clusters=len(set(names[~is_positive])),
        wanted=wanted,
        worth=min(of_positives, effective_number(names[~is_positive])),
        positive_worth=of_positives,
    )


def _lack(found: int, noun: str, wanted: int) -> str | None:
    if found >= wanted:
        return None
    return f"{plural(found, noun)}, wanted {wanted:,}"


def gain_by_added(
    scores: Floats,
    labels: Bools,
    clusters: Sequence[str],
    is_added: Bools,
    *,
    resamples: int,
    seed: int,
) -> Estimate:
    """Return by how much added adverts raise the average precision of a queue.

    It is the average precision on all adverts minus that without the added ones: once with both at
    the share of positives of all, since many easy negatives lower nothing but the share, and once
    with each at its own, since more positives raise it whatever the model knows. Of the two it is
    the gain that is surer.

    Args:
        scores: Score of each advert, ``(N,)``.
        labels: Whether each is positive, ``(N,)``.
        clusters: Cluster of each, ``N`` names.
        is_added: Whether each was added, ``(N,)``.
        resamples: Number of resamples of whole clusters.
        seed: Seed of their draws.
    """
    order, prevalence = Ranking(scores, labels), float(labels.mean())
    if not 0 < prevalence < 1:
        return Estimate(None, reason="undefined: a label it needs does not occur")

    def gain(weights_RN: Weights) -> Floats:
        every, without = (order.counts(one) for one in (weights_RN, weights_RN * ~is_added))
        at_one_share = average_precision_at_prevalence(*every, prevalence)
        at_one_share -= average_precision_at_prevalence(*without, prevalence)
        return np.stack([at_one_share, average_precision(*every) - average_precision(*without)], 1)

    [found] = resample([gain], clusters, resamples=resamples, seed=seed)
    gains = [estimate(float(found.point[k]), found.samples[:, k]) for k in (0, 1)]
    return max(gains, key=lambda one: -np.inf if one.low is None else one.low)


def positive_label(task: Task) -> int | None:
    """Return the index of the positive label of a queue; None for a task that orders none."""
    return task.positive_index if task.kind == "single" else None


def surest(
    figures: FigureSet, judged: Judged, clusters: Sequence[str], rows: Ints
) -> Mapping[str, float]:
    """Return the worst true value of each figure that fits a model without an observed error.

    A figure without such a bound is left out: the log loss and its skill, since one error may cost
    any amount, and all figures where only one answer occurs.

    Args:
        figures: The figures to bound.
        judged: True labels of the adverts.
        clusters: Cluster of each of all ``N`` adverts.
        rows: The adverts that are judged.
    """
    names = np.asarray(clusters, dtype=object)
    kept = np.intersect1d(judged.rows, rows)
    labels = judged.labels[kept]
    if judged.task.kind == "multi":
        cells, said, weights = _of_signals(judged.task, labels, names[kept])
    else:
        cells, said, weights = _of_labels(judged.task, labels, names[kept])
    if not len(weights):
        return {}
    hypothetical = Judged(judged.task, cells, np.arange(len(cells)))
    asked = figures.same_of(hypothetical, said)
    found = asked(weights.astype(np.float32))
    bounds = {}
    for name, values in zip(asked.names, found.T, strict=True):
        if name not in _UNBOUNDED and not np.isnan(values).all():
            worst = np.nanmax if name in LOWER_IS_BETTER else np.nanmin
            bounds[name] = float(worst(values))
    return bounds


def _of_labels(
    task: Task, labels: Ints, clusters: NDArray[np.object_]
) -> tuple[Ints, Floats, Floats]:
    """Return truth, answers and weights of confusion tables, ``(R, L * L)``, for each error."""
    count = task.num_labels
    truth, said = (one.ravel() for one in np.indices((count, count)))
    held = np.bincount(labels, minlength=count).astype(np.float64)
    weights = []
    for label in np.flatnonzero(held):
        lost = held[label] * _hidden(clusters[labels == label])
        for other in np.flatnonzero(held):
            if other != label:
                table = np.diag(held)
                table[label, label] -= lost
                table[label, other] = lost
                weights.append(table.ravel())
    return truth, np.eye(count)[said], np.array(weights)


def _of_signals(
    task: Task, labels_ML: Ints, clusters: NDArray[np.object_]
) -> tuple[Ints, Floats, Floats]:
    """Return the same for signals: each cell is one answer on one signal, right or wrong."""
    count = task.num_labels
    signal, truth, said = (one.ravel() for one in np.indices((count, 2, 2)))
    cells = np.full((len(signal), count), NOT_JUDGED)
    cells[np.arange(len(signal)), signal] = truth
    answers = np.full((len(signal), count), 0.5)
    answers[np.arange(len(signal)), signal] = said
    whole = np.zeros((count, 2, 2))
    for one in range(count):
        whole[one] = np.diag([(labels_ML[:, one] == value).sum() for value in (0, 1)])
    weights = []
    for one in range(count):
        for value in np.flatnonzero(np.diag(whole[one])):
            lost = whole[one, value, value] * _hidden(clusters[labels_ML[:, one] == value])
            table = whole.copy()
            table[one, value, value] -= lost
            table[one, value, 1 - value] = lost
            weights.append(table.ravel())
    return cells, answers, np.array(weights)


def _hidden(clusters: NDArray[np.object_]) -> float:
    """Return the share of these adverts that may be wrong although no error was observed."""
    number = effective_number(clusters.tolist())
    return float(upper_bound(0.0, number, (1 + LEVEL) / 2))
