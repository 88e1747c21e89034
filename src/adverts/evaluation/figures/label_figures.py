"""Precision, recall and F1 of every label, as one statistic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.arrays import Floats, Weights
from adverts.evaluation.figures.figures_by_kind import AVERAGE_PRECISION, SIGNAL_THRESHOLD
from adverts.evaluation.statistics import classes
from adverts.evaluation.statistics.bootstrap import Estimate, Resampled, estimates
from adverts.evaluation.statistics.bounds import widened
from adverts.evaluation.statistics.classes import Decisions
from adverts.evaluation.truth import NOT_JUDGED, Judged, predicted_labels

NAMES = ("precision", "recall", "f1")


@dataclass(frozen=True, slots=True)
class LabelFigures:
    """The figures of the judged model for one label of a task.

    Attributes:
        label: Name of the label.
        adverts: Number of adverts whose true label it is.
        clusters: Number of clusters of these adverts.
        figures: Maps the name of each figure to its estimate; empty if clusters are too few.
    """

    label: str
    adverts: int
    clusters: int
    figures: Mapping[str, Estimate]


class LabelDecisions:
    """Figures of each label of a ``single`` or ``ordinal`` task; a statistic over all adverts."""

    def __init__(self, judged: Judged, probabilities_NL: Floats) -> None:
        """Decide the label of every judged advert."""
        predicted = predicted_labels(judged.task, probabilities_NL[judged.rows])
        labels = judged.labels[judged.rows]
        self._rows = judged.rows
        self.decisions = Decisions(predicted, labels, judged.task.num_labels, rows=judged.rows)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return precision, recall and F1 label by label, ``(R, 3 L)``; NaN where undefined."""
        correct, predicted, true = self.decisions.counts(weights_RN)
        precision, recall = classes.ratio(correct, predicted), classes.ratio(correct, true)
        f1 = classes.f1_by_label(correct, predicted, true)
        return np.stack([precision, recall, f1], axis=2).reshape(len(weights_RN), -1)

    def confusion(self) -> tuple[tuple[int, ...], ...]:
        """Count adverts by true label (rows) and predicted label (columns)."""
        return tuple(tuple(row) for row in self.decisions.confusion().tolist())

    def read(self, resampled: Resampled, clusters: Sequence[str]) -> list[Mapping[str, Estimate]]:
        """Return the figures of each label; exact intervals where few clusters hold an error.

        Args:
            resampled: Result of this statistic.
            clusters: Cluster of each of all ``N`` adverts.
        """
        found = estimates(resampled)
        names = np.asarray(clusters, dtype=object)[self._rows]
        return [
            _with_exact(found[label * len(NAMES) :], self.decisions, label, names)
            for label in range(self.decisions.num_labels)
        ]


class SignalDecisions:
    """Figures of each label of a ``multi`` task, each counted as present from a probability of 0.5.

    It is a statistic over all adverts.
    """

    def __init__(self, judged: Judged, probabilities_NL: Floats) -> None:
        """Decide every label of every advert that is judged for it."""
        self._signals = []
        for label in range(judged.task.num_labels):
            rows = judged.rows[judged.labels[judged.rows, label] != NOT_JUDGED]
            said = probabilities_NL[rows, label] >= SIGNAL_THRESHOLD
            self._signals.append((rows, Decisions(said, judged.labels[rows, label], 2, rows=rows)))

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return precision, recall and F1 label by label, ``(R, 3 L)``; NaN where undefined."""
        columns = []
        for _, decisions in self._signals:
            correct, predicted, true = (sums[:, 1] for sums in decisions.counts(weights_RN))
            f1 = classes.f1_by_label(correct, predicted, true)
            columns += [classes.ratio(correct, predicted), classes.ratio(correct, true), f1]
        return np.stack(columns, axis=1)

    def read(self, resampled: Resampled, clusters: Sequence[str]) -> list[Mapping[str, Estimate]]:
        """Return the figures of each label, as :meth:`LabelDecisions.read` does."""
        found, names = estimates(resampled), np.asarray(clusters, dtype=object)
        return [
            _with_exact(found[i * len(NAMES) :], decisions, 1, names[rows])
            for i, (rows, decisions) in enumerate(self._signals)
        ]


def _with_exact(
    found: Sequence[Estimate], decisions: Decisions, label: int, names: NDArray[np.object_]
) -> Mapping[str, Estimate]:
    """Return the first figures by name; ``names`` are the clusters of the decided adverts."""
    predicted, labels = decisions.predicted, decisions.labels
    figures = dict(zip(NAMES, found, strict=False))
    for name, chosen in (("precision", predicted == label), ("recall", labels == label)):
        figures[name] = widened(
            figures[name],
            errors=len(set(names[chosen & (predicted != labels)])),
            clusters=len(set(names[chosen])),
        )
    figures["f1"] = _f1(figures)
    return figures


def label_figures(
    judged: Judged,
    clusters: Sequence[str],
    figures: Mapping[str, Estimate],
    decided: Sequence[Mapping[str, Estimate]],
    *,
    min_clusters: int | None,
) -> tuple[LabelFigures, ...]:
    """Return what is known of each label, its average precision among it.

    Args:
        judged: True labels of the adverts.
        clusters: Cluster of each of all ``N`` adverts.
        figures: All figures of the judged model on the task.
        decided: Result of :meth:`LabelDecisions.read` or :meth:`SignalDecisions.read`; may be
            empty.
        min_clusters: A label with fewer clusters shows no figure; None: no label shows any.
    """
    rows = []
    for index, label in enumerate(judged.task.labels):
        shown = dict(decided[index]) if decided else {}
        ranked = figures.get(f"{AVERAGE_PRECISION}.{label}")
        if ranked is not None:
            shown[AVERAGE_PRECISION] = ranked
        held = judged.labels[:, index] == 1 if judged.labels.ndim == 2 else judged.labels == index
        holding = np.flatnonzero(held).tolist()
        count = len({clusters[row] for row in holding})
        enough = min_clusters is not None and count >= min_clusters
        rows.append(LabelFigures(label, len(holding), count, shown if enough else {}))
    return tuple(rows)


def _f1(figures: Mapping[str, Estimate]) -> Estimate:
    """Return F1; if no resample changes it, its interval follows from precision and recall."""
    found, parts = figures["f1"], [figures["precision"], figures["recall"]]
    ends = [(one.low, one.high) for one in parts if one.low is not None and one.high is not None]
    if found.low is None or found.low != found.high or len(ends) < len(parts):
        return found
    low, high = (_harmonic(*pair) for pair in zip(*ends, strict=True))
    return Estimate(found.value, min(low, found.low), max(high, found.low), parts[1].reason)


def _harmonic(first: float, second: float) -> float:
    return 2 * first * second / (first + second) if first + second else 0.0
