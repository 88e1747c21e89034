"""Brier score, log loss and calibration errors of probabilities, under any weighting of adverts.

Everything is a sum over adverts, so that a resample is one matrix product.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Ints, Weights
from adverts.evaluation.statistics.classes import ratio
from adverts.evaluation.statistics.metrics import equal_mass, negative_log
from adverts.evaluation.truth import NOT_JUDGED, predicted_labels

BRIER = "brier"
LOG_LOSS = "log_loss"
CALIBRATION_ERROR = "calibration_error"
ERROR_AT_TOP = "calibration_error_at_top"
LOG_LOSS_SKILL = "log_loss_skill"
_BINS = 10
_TOP_GAP, _TOP = 3 + _BINS, 4 + _BINS  # columns of the sums
_BASE = 5 + _BINS
_ROUNDING = 1e-9


class StatedFigures:
    """Brier score, log loss, log-loss skill and two calibration errors of a model; a statistic.

    Where positives are rare, the calibration error of all adverts is small for any model. The
    second error therefore uses the likeliest adverts alone, as many as there are positives: the gap
    between their mean probability and the share of them that is positive. Adverts of equal
    probability are at the top together or not at all, and are the same in every resample. The skill
    is the share of the base rate's log loss that the model saves. It is 0 for predicting each
    label's share among these adverts for every advert, and below 0 for a worse model.

    The bins of the calibration error hold equally many unweighted adverts, and stay the same in
    every resample. Resampling adds noise to each bin and so inflates the sum of their gaps; the
    interval allows for that, see :func:`adverts.evaluation.statistics.bootstrap.inflated_estimate`.

    Probabilities that were adapted to the share of positives in service are wrong at another share.
    In that case positives and others are weighted to the share in service.

    Source: Roulston, Smith, "Evaluating probabilistic forecasts using information theory", 2002
    (skill in log loss); Van Calster et al., "Calibration: the Achilles heel of predictive
    analytics", 2019 (the mean of a group against its share).
    """

    names = (LOG_LOSS_SKILL, ERROR_AT_TOP, BRIER, LOG_LOSS, CALIBRATION_ERROR)

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
            task: The task. The probability of its positive label is judged. Without one, it is
                each judged signal for ``multi``, otherwise the whole distribution; the calibration
                error then judges the probability of the predicted label.
            said_ML: Probabilities of the judged adverts, ``(M, L)``.
            labels: True labels ``(M,)``, or ``(M, L)`` of 0, 1 and -1 for ``multi``.
            rows: Column of each judged advert in later weightings, ``(M,)``.
            prevalence: Share of the positive label to which adverts are weighted; None: they are
                not. Only for tasks with a positive label.
        """
        self._rows, self._prevalence = rows, prevalence
        if task.kind == "multi":
            self._sums = _of_signals(said_ML, labels)
        elif task.kind == "single" and task.positive_index is not None:
            chance = said_ML[:, [task.positive_index]]
            truth = (labels == task.positive_index)[:, None].astype(int)
            self._sums = _of_signals(chance, truth, prevalence)
        else:
            self._sums = _of_labels(task, said_ML, labels)
        if prevalence is not None:
            positive_M1 = (labels == task.positive_index)[:, None]
            self._sums = np.concatenate([self._sums * positive_M1, self._sums * ~positive_M1], 1)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the five figures of each weighting, ``(R, 5)``; NaN without an advert.

        The skill is also NaN where only one answer occurs, the error at the top where no positive
        occurs. With a prevalence, all figures are NaN unless both answers occur.
        """
        sums = weights_RN.take(self._rows, axis=1).astype(np.float64) @ self._sums
        if self._prevalence is not None:
            held, others = (ratio(part, part[:, :1]) for part in np.split(sums, 2, axis=1))
            sums = self._prevalence * held + (1 - self._prevalence) * others
        gaps = np.abs(sums[:, 3:_TOP_GAP]).sum(axis=1)
        errors = np.stack([sums[:, 1], sums[:, 2], gaps], axis=1)
        mean = ratio(errors, np.broadcast_to(sums[:, :1], errors.shape))
        skill = 1 - ratio(sums[:, 2], sums[:, _BASE])
        at_top = ratio(np.abs(sums[:, _TOP_GAP]), sums[:, _TOP])
        return np.concatenate([skill[:, None], at_top[:, None], mean], axis=1)


def _of_signals(said_ML: Floats, labels_ML: Ints, prevalence: float | None = None) -> Floats:
    """Return judged signals, squared errors, losses, gaps and base-rate losses of each advert."""
    known = labels_ML != NOT_JUDGED
    truth = (labels_ML == 1).astype(np.float64)
    squared = (said_ML - truth) ** 2
    losses = negative_log(np.where(truth == 1, said_ML, 1 - said_ML))
    by_advert = [np.where(known, one, 0.0).sum(axis=1) for one in (known, squared, losses)]
    adverts, _ = np.nonzero(known)
    gaps = _gaps(said_ML[known], truth[known], adverts, len(said_ML), prevalence)
    share_L = ratio(np.where(known, truth, 0.0).sum(axis=0), known.sum(axis=0).astype(float))
    if prevalence is not None:
        share_L = np.full_like(share_L, prevalence)
    of_base = _surprise(np.where(truth == 1, share_L, 1 - share_L))
    base = np.where(known, of_base, 0.0).sum(axis=1, keepdims=True)
    return np.concatenate([np.stack(by_advert, axis=1), gaps, base], axis=1)


def _of_labels(task: Task, said_ML: Floats, labels_M: Ints) -> Floats:
    """Return ones, squared errors, losses, gaps and base-rate losses of each advert."""
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
    base = _surprise(truth.sum(axis=0) / max(len(truth), 1))[labels_M, None]
    return np.concatenate([np.stack(columns, axis=1), gaps, base], axis=1)


def _surprise(share: Floats) -> Floats:
    """Return the log loss of predicting a share; 0 where the share is 1 or 0."""
    return np.asarray(-np.log(np.where(share > 0, share, 1.0)))


def _gaps(
    chance_C: Floats,
    truth_C: Floats,
    adverts_C: Ints,
    num_adverts: int,
    prevalence: float | None = None,
) -> Floats:
    """Sum predicted minus true for each advert and bin of equal mass, then at the top.

    The last two of the ``(M, bins + 2)`` columns are the gap at the top and the answers there.
    """
    order, starts = equal_mass(chance_C, _BINS)
    bins = np.empty(len(order), dtype=np.int64)
    bins[order] = np.searchsorted(starts, np.arange(len(order)), side="right") - 1
    gaps = np.zeros((num_adverts, _BINS + 2))
    np.add.at(gaps, (adverts_C, bins), chance_C - truth_C)
    top = _top(chance_C, truth_C, prevalence)
    gaps[:, _BINS] = np.bincount(
        adverts_C, weights=np.where(top, chance_C - truth_C, 0.0), minlength=num_adverts
    )
    gaps[:, _BINS + 1] = np.bincount(adverts_C, weights=top, minlength=num_adverts)
    return gaps


def _top(chance_C: Floats, truth_C: Floats, prevalence: float | None) -> NDArray[np.bool_]:
    """Mark the likeliest answers, as many as are true; with a prevalence, as large a share."""
    held = truth_C.sum()
    if held == 0:
        return np.zeros(len(chance_C), dtype=bool)
    weight = np.ones(len(chance_C))
    if prevalence is not None and held < len(chance_C):
        others = len(chance_C) - held
        weight = np.where(truth_C == 1, prevalence / held, (1 - prevalence) / others)
    order = np.argsort(-chance_C, kind="stable")
    enough = np.cumsum(weight[order]) >= (weight * truth_C).sum() * (1 - _ROUNDING)
    return np.asarray(chance_C >= chance_C[order[int(enough.argmax())]])
