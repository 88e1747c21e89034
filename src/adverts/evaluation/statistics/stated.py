"""How far stated probabilities can be believed, under any weighting of the adverts.

Everything is a sum over adverts, so that a resample is one matrix product.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.evaluation.statistics.classes import ratio
from adverts.evaluation.statistics.metrics import equal_mass, negative_log
from adverts.evaluation.truth import NOT_JUDGED, predicted_labels

Floats = NDArray[np.float64]
Weights = NDArray[np.float32]
Ints = NDArray[np.int64]

BRIER = "brier"
LOG_LOSS = "log_loss"
CALIBRATION_ERROR = "calibration_error"
_BINS = 10


class StatedFigures:
    """Brier score, log loss and calibration error of what a model says; a statistic.

    The bins of the calibration error hold equally many adverts as they are, and stay the same in
    every resample. Resampling adds noise to each bin and so inflates the sum of their gaps; the
    interval allows for that, see :func:`adverts.evaluation.statistics.bootstrap.inflated_estimate`.

    Probabilities that were carried over to the share of positives in service are wrong wherever
    that share is another one, so positives and others are then weighed to it.
    """

    names = (BRIER, LOG_LOSS, CALIBRATION_ERROR)

    def __init__(
        self,
        task: Task,
        said_ML: Floats,
        labels: Ints,
        rows: Ints,
        *,
        prevalence: float | None = None,
    ) -> None:
        """Prepare the sums.

        Args:
            task: The question. Where one label is positive, its probability is judged; of other
                ``single`` and ``ordinal`` tasks the whole distribution, and in the calibration
                error how sure the decided label is; of ``multi`` each judged signal.
            said_ML: Probabilities of the judged adverts, ``(M, L)``.
            labels: Their labels ``(M,)``, or ``(M, L)`` of 0, 1 and -1 for ``multi``.
            rows: Place of each in the weightings that will come, ``(M,)``.
            prevalence: Share of the positive label to which adverts are weighed; None: as they
                are. Of tasks with a positive label alone.
        """
        self._rows, self._prevalence = rows, prevalence
        if task.kind == "multi":
            self._sums = _of_signals(said_ML, labels)
        elif task.kind == "single" and task.positive_index is not None:
            chance = said_ML[:, [task.positive_index]]
            self._sums = _of_signals(chance, (labels == task.positive_index)[:, None].astype(int))
        else:
            self._sums = _of_labels(task, said_ML, labels)
        if prevalence is not None:
            positive_M1 = (labels == task.positive_index)[:, None]
            self._sums = np.concatenate([self._sums * positive_M1, self._sums * ~positive_M1], 1)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the three figures of each weighting, ``(R, 3)``; NaN without an advert.

        NaN also without one of both answers, where they are weighed to a prevalence.
        """
        sums = weights_RN.take(self._rows, axis=1).astype(np.float64) @ self._sums
        if self._prevalence is not None:
            held, others = (ratio(part, part[:, :1]) for part in np.split(sums, 2, axis=1))
            sums = self._prevalence * held + (1 - self._prevalence) * others
        errors = np.stack([sums[:, 1], sums[:, 2], np.abs(sums[:, 3:]).sum(axis=1)], axis=1)
        return ratio(errors, np.broadcast_to(sums[:, :1], errors.shape))


def _of_signals(said_ML: Floats, labels_ML: Ints) -> Floats:
    """Return answers, squared errors, losses and the gap in each bin, summed by advert."""
    known = labels_ML != NOT_JUDGED
    truth = (labels_ML == 1).astype(np.float64)
    squared = (said_ML - truth) ** 2
    losses = negative_log(np.where(truth == 1, said_ML, 1 - said_ML))
    by_advert = [np.where(known, one, 0.0).sum(axis=1) for one in (known, squared, losses)]
    adverts, _ = np.nonzero(known)
    gaps = _gaps(said_ML[known], truth[known], adverts, len(said_ML))
    return np.concatenate([np.stack(by_advert, axis=1), gaps], axis=1)


def _of_labels(task: Task, said_ML: Floats, labels_M: Ints) -> Floats:
    """Return ones, squared errors, losses and the gap in each bin of each advert."""
    adverts = np.arange(len(said_ML))
    truth = (labels_M[:, None] == np.arange(task.num_labels)).astype(np.float64)
    decided = predicted_labels(task, said_ML)
    sure, right = said_ML[adverts, decided], (decided == labels_M).astype(np.float64)
    columns = [
        np.ones(len(said_ML)),
        ((said_ML - truth) ** 2).sum(axis=1),
        negative_log(said_ML[adverts, labels_M]),
    ]
    gaps = _gaps(sure, right, adverts, len(said_ML))
    return np.concatenate([np.stack(columns, axis=1), gaps], axis=1)


def _gaps(chance_C: Floats, truth_C: Floats, adverts_C: Ints, num_adverts: int) -> Floats:
    """Sum stated minus true within each advert and bin of equal mass, ``(M, bins)``."""
    order, starts = equal_mass(chance_C, _BINS)
    bins = np.empty(len(order), dtype=np.int64)
    bins[order] = np.searchsorted(starts, np.arange(len(order)), side="right") - 1
    gaps = np.zeros((num_adverts, _BINS))
    np.add.at(gaps, (adverts_C, bins), chance_C - truth_C)
    return gaps
