"""Find shortcuts: columns that alone predict the label, so that a model need not read adverts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from adverts.arrays import Floats, Ints, Weights
from adverts.auditing.audited_adverts import AuditedAdverts
from adverts.auditing.context_columns import AuditedColumn
from adverts.evaluation.statistics.bootstrap import Bench, Estimate, estimates
from adverts.evaluation.truth import NOT_JUDGED

MIN_CLUSTERS = 10
"""Number of clusters in which a label must occur for columns to be judged on it."""
_PRIOR = 1.0  # adverts of average label added to each bin, so that a rare bin has little effect


@dataclass(frozen=True, slots=True)
class Shortcut:
    """How well one column predicts the headline label.

    Attributes:
        column: Name of the column.
        values: Number of its bins.
        balanced_accuracy: Mean recall of the labels, out of fold.
        auc: Chance that a positive advert ranks above another, out of fold; None if the task has no
            positive label.
        flagged: Whether the lower end of either interval exceeds chance by more than the margin.
    """

    column: str
    values: int
    balanced_accuracy: Estimate
    auc: Estimate | None
    flagged: bool


@dataclass(frozen=True, slots=True)
class Shortcuts:
    """Results of all columns.

    Attributes:
        task: Name of the headline task.
        adverts: Number of adverts whose label occurs in ten clusters or more; others are left out.
        chance: Balanced accuracy of a guess: one over the number of labels. For the AUC it is 0.5.
        margin: How far above chance a column is flagged.
        columns: One result for each column, the strongest first.
        reason: Why no shortcuts were looked for; otherwise None.
    """

    task: str
    adverts: int
    chance: float
    margin: float
    columns: tuple[Shortcut, ...]
    reason: str | None = None

    @property
    def flagged(self) -> tuple[str, ...]:
        """Names of the flagged columns."""
        return tuple(one.column for one in self.columns if one.flagged)


def find_shortcuts(
    subject: AuditedAdverts,
    columns: Sequence[AuditedColumn],
    fold_of: Ints,
    *,
    margin: float,
    resamples: int,
    seed: int,
) -> Shortcuts:
    """Judge every column by a model that reads only this column.

    Args:
        subject: The audited adverts; their headline task is not ``multi``.
        columns: Columns to judge.
        fold_of: Fold of each advert; clusters are whole.
        margin: How far above chance the lower end of an interval must be to flag a column.
        resamples: Number of resamples of whole clusters.
        seed: Seed of the resamples.
    """
    task = subject.headline
    all_labels = subject.labels(task)
    carried = _carried(all_labels, subject.clusters)
    if len(carried) < 2:
        lack = f"two labels or more must each occur in {MIN_CLUSTERS} clusters; {len(carried)} did"
        return nothing_found(task.name, margin, lack)
    rows = np.flatnonzero(np.isin(all_labels, carried))
    labels = np.searchsorted(carried, all_labels[rows])
    positive = task.positive_index if task.kind == "single" else None
    place = np.flatnonzero(carried == positive) if positive is not None else np.array([])
    bench = Bench()
    added = [
        (column, bench.add(_judge(column.bins[rows], labels, fold_of[rows], positive=place)))
        for column in columns
    ]
    bench.run(np.array(subject.table.clusters)[rows].tolist(), resamples=resamples, seed=seed)
    chance = 1 / len(carried)
    judged = [
        _shortcut(c, estimates(result.value), chance=chance, margin=margin) for c, result in added
    ]
    ranked = sorted(judged, key=lambda one: (-(one.balanced_accuracy.value or 0), one.column))
    return Shortcuts(task.name, len(rows), round(chance, 4), margin, tuple(ranked))


def nothing_found(task: str, margin: float, reason: str) -> Shortcuts:
    """Return an empty result for shortcuts that were not looked for, with the reason."""
    return Shortcuts(task, 0, 0.0, margin, (), reason)


def _carried(labels: Ints, clusters: Ints) -> Ints:
    """Return the labels that occur in enough clusters, ascending."""
    found = np.unique(labels[labels != NOT_JUDGED]).tolist()
    enough = [i for i in found if len(np.unique(clusters[labels == i])) >= MIN_CLUSTERS]
    return np.array(enough, np.int64)


def _judge(bins: Ints, labels: Ints, fold_of: Ints, *, positive: Ints) -> GroupedScores:
    """Return the statistic of a column's predictions for each fold, fitted on the other folds.

    The model is a logistic regression on one indicator for each bin. Its closed form is the
    smoothed share of each label in the bin, weighted as if all labels were equally common.
    """
    num_labels, num_bins = int(labels.max()) + 1, int(bins.max()) + 1
    folds = np.unique(fold_of, return_inverse=True)[1]
    num_folds = int(folds.max()) + 1
    counts = np.zeros((num_folds, num_bins, num_labels))
    np.add.at(counts, (folds, bins, labels), 1.0)
    others = counts.sum(axis=0) - counts
    priors = (others.sum(axis=1) + 1e-9) / (others.sum(axis=(1, 2))[:, None] + num_labels * 1e-9)
    shares = (others + _PRIOR * priors[:, None]) / (others.sum(axis=2, keepdims=True) + _PRIOR)
    lift = (shares / priors[:, None]).reshape(num_folds * num_bins, num_labels)
    return GroupedScores(folds * num_bins + bins, labels, lift, positive=positive)


class GroupedScores:
    """Statistic that computes balanced accuracy and AUC of scores that many adverts share."""

    def __init__(self, groups: Ints, labels: Ints, lift: Floats, *, positive: Ints) -> None:
        """Store the scores.

        Args:
            groups: Group of each advert, ``(N,)``.
            labels: Label of each advert, ``(N,)``.
            lift: Score of each label in each group, ``(G, L)``.
            positive: The positive label, ``(1,)``; empty where there is none.
        """
        self._shape = lift.shape
        cells = groups * lift.shape[1] + labels
        ones = np.ones(len(cells), np.float32)
        self._cells = csr_matrix((ones, (cells, np.arange(len(cells)))), (lift.size, len(cells)))
        self._wins = lift >= lift.max(axis=1, keepdims=True) * (1 - 1e-12)
        self._positive = int(positive[0]) if len(positive) else None
        if self._positive is not None:
            scores = np.round(lift[:, self._positive], 12)
            self._ranks = (scores[:, None] == np.unique(scores)).astype(np.float64)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return balanced accuracy and, with a positive label, the AUC, ``(R, figures)``."""
        counts = (self._cells @ weights_RN.T).T.reshape(-1, *self._shape).astype(np.float64)
        credit = self._wins / self._wins.sum(
            axis=1, keepdims=True
        )  # tied labels share an advert equally
        hits, total = (counts * credit).sum(axis=1), counts.sum(axis=1)
        recall = np.where(total > 0, hits / np.where(total > 0, total, 1), np.nan)
        figures = [recall.mean(axis=1)]  # undefined where a label was not drawn
        if self._positive is not None:
            figures.append(self._auc(counts))
        return np.stack(figures, axis=1)

    def _auc(self, counts: Floats) -> Floats:
        positives = counts[:, :, self._positive]
        above, others = positives @ self._ranks, (counts.sum(axis=2) - positives) @ self._ranks
        below = np.cumsum(others, axis=1) - others / 2  # a tie is half a win
        pairs = above.sum(axis=1) * others.sum(axis=1)
        return np.where(
            pairs > 0, (above * below).sum(axis=1) / np.where(pairs > 0, pairs, 1), np.nan
        )


def _shortcut(
    column: AuditedColumn, figures: Sequence[Estimate], *, chance: float, margin: float
) -> Shortcut:
    accuracy, auc = figures[0], figures[1] if len(figures) > 1 else None
    flagged = _exceeds(accuracy, chance + margin) or (
        auc is not None and _exceeds(auc, 0.5 + margin)
    )
    return Shortcut(column.name, column.num_bins, accuracy, auc, flagged)


def _exceeds(estimate: Estimate, level: float) -> bool:
    return estimate.low is not None and estimate.low > level
