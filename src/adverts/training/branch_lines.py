"""Calibrate the logits of one branch of a model on adverts that it did not learn from.

Shape suffixes: ``N`` adverts, ``K`` logits of a task, ``L`` labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Ints, Logits, Targets
from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.decisions.calibration_choice import (
    MIN_CLUSTERS,
    CalibrationEvidence,
    clusters_by_label,
    evidence_of,
)
from adverts.evaluation.decisions.calibration_fits import Material, fit_map
from adverts.evaluation.truth import Judged, judge


@dataclass(frozen=True, slots=True)
class Labels:
    """What lines are fitted to: the labels of training adverts, then those of validation.

    Attributes:
        targets: Maps each task to targets ``(N, L)``; NaN where there is no label.
        clusters: Cluster of each advert.
        train: Number of training adverts, which come first.
        copies: Rows that are disguised copies of others; nothing is calibrated or judged on them.
        learnt: Clusters of all training adverts. A validation advert of one of them is not new to
            the model, so nothing is calibrated on it.
    """

    targets: Targets
    clusters: Sequence[str]
    train: int = 0
    copies: range = range(0)
    learnt: frozenset[str] = frozenset()

    @classmethod
    def of(cls, train: AdvertTable, held_out: AdvertTable, copies: range = range(0)) -> Labels:
        """Return the labels of training and validation adverts."""
        targets = {
            name: np.concatenate([values_NL, held_out.targets[name]])
            for name, values_NL in train.targets.items()
        }
        clusters = [*train.clusters, *held_out.clusters]
        return cls(targets, clusters, len(train), copies, frozenset(train.clusters))

    @property
    def held_out(self) -> Labels:
        """The labels of the validation adverts alone."""
        return self._rows(np.arange(self.train, len(self.clusters)), self.learnt)

    @property
    def own(self) -> Labels:
        """The labels of the training adverts alone, without copies."""
        return self._rows(np.setdiff1d(np.arange(self.train), self.copies), frozenset())

    @property
    def unseen(self) -> Targets:
        """The targets of adverts that calibrate, NaN in the rows of others."""
        left_out_N = np.array(
            [
                row in self.copies or (row >= self.train and cluster in self.learnt)
                for row, cluster in enumerate(self.clusters)
            ],
            bool,
        )
        return {name: np.where(left_out_N[:, None], np.nan, x) for name, x in self.targets.items()}

    def evidence(self, tasks: Sequence[Task]) -> dict[str, CalibrationEvidence]:
        """Return what lines that are fitted to these labels rest on, by task."""
        unseen = self.unseen
        return {
            task.name: evidence_of(judge(task, unseen[task.name]), self.clusters) for task in tasks
        }

    def _rows(self, rows: Ints, learnt: frozenset[str]) -> Labels:
        return Labels(
            {name: values_NL[rows] for name, values_NL in self.targets.items()},
            [self.clusters[row] for row in rows.tolist()],
            learnt=learnt,
        )


def fitted_lines(tasks: Sequence[Task], logits: Logits, labels: Labels) -> tuple[Floats, Floats]:
    """Return the slope and the offset of each logit by Platt scaling of each task, ``(K,)`` each.

    ``single`` with three labels or more gets one slope and an offset for each label, ``multi`` a
    slope and an offset for each signal, the others one of each. A label that occurs, or is absent,
    in fewer than 10 clusters gets no offset of its own, and a task without two labels is not
    changed.

    Args:
        tasks: Tasks of the logits; ``K`` is those of all tasks side by side.
        logits: Maps each task to logits ``(N, K)`` of adverts that the branch did not learn from;
            a row with NaN is left out.
        labels: Labels of the adverts.
    """
    targets = labels.unseen
    found = [_line(task, logits[task.name], targets[task.name], labels.clusters) for task in tasks]
    slopes, offsets = zip(*found, strict=True)
    return np.concatenate(slopes), np.concatenate(offsets)


def _line(
    task: Task,
    logits_NK: NDArray[np.float32],
    targets_NL: NDArray[np.float32],
    clusters: Sequence[str],
) -> tuple[Floats, Floats]:
    """Return the slope and the offset of each logit of a task, ``(K,)`` each."""
    judged = judge(task, targets_NL)
    rows = judged.rows[np.isfinite(logits_NK[judged.rows]).all(axis=1)]
    kept = Judged(task, judged.labels[rows], np.arange(len(rows)))
    unchanged = np.ones(task.num_logits), np.zeros(task.num_logits)
    if not len(rows) or task.num_labels < 2:
        return unchanged
    held_2L = clusters_by_label(kept, [clusters[row] for row in rows])
    if (held_2L[0] > 0).sum() < (1 if task.kind == "multi" else 2):
        return unchanged
    fitted_L = held_2L.min(axis=0) >= MIN_CLUSTERS
    found = fit_map("platt", Material(kept, logits_NK[rows].astype(np.float64), fitted_L))
    return (
        np.broadcast_to(np.array(found.slopes), task.num_logits),
        np.broadcast_to(np.array(found.offsets), task.num_logits),
    )
