"""Log loss, Brier score and calibration error of probabilities, under any weighting of adverts.

A probability is compared with a statement that is true or not. For ``single`` it is "the advert has
the positive label", or without one, "it has this label" for each label. For ``multi`` it is "it has
this signal", for ``ordinal`` "its level exceeds this one". The log loss of ``single`` and
``ordinal`` is that of the true label or level.

Shape suffixes: ``N`` adverts, ``S`` statements of one advert, ``R`` weightings.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Weights
from adverts.evaluation.statistics.classes import ratio
from adverts.evaluation.statistics.metrics import reliability
from adverts.evaluation.truth import NOT_JUDGED, Judged

LOG_LOSS = "log_loss"
BRIER = "brier"
CALIBRATION_ERROR = "calibration_error"
_LEAST = 1e-15  # keeps every loss finite


def log_losses(judged: Judged, probabilities_NL: Floats) -> tuple[Floats, Floats]:
    """Return each advert's log loss in nats, and how many labels it is summed over, ``(N,)``.

    Both are 0 where the advert is not judged.
    """
    likely_NL = np.maximum(probabilities_NL, _LEAST)
    labels = judged.labels
    if judged.task.kind == "multi":
        unlikely_NL = np.maximum(1 - probabilities_NL, _LEAST)
        known = labels != NOT_JUDGED
        losses = -np.log(np.where(labels == 1, likely_NL, unlikely_NL))
        return np.where(known, losses, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64)
    held = labels != NOT_JUDGED
    true_N = likely_NL[np.arange(len(labels)), np.where(held, labels, 0)]
    return np.where(held, -np.log(true_N), 0.0), held.astype(np.float64)


class CalibrationFigureSet:
    """The three figures of one model on one task; a statistic over all ``N`` adverts.

    The bins of the calibration error are set on the unweighted adverts, with about equally many
    statements each; a weighting changes only the weights within them.

    Source: Brier (1950), Verification of Forecasts Expressed in Terms of Probability; Naeini,
    Cooper, Hauskrecht (2015), Obtaining Well Calibrated Probabilities Using Bayesian Binning.
    """

    names = (LOG_LOSS, BRIER, CALIBRATION_ERROR)

    def __init__(
        self, judged: Judged, probabilities_NL: Floats, *, prevalence: float | None = None
    ) -> None:
        """Compute the sums of each advert, so that a weighting takes one matrix product.

        Args:
            judged: True labels of the adverts.
            probabilities_NL: Predicted probabilities, ``(N, L)``.
            prevalence: Share of the positive label to which adverts are weighted, for probabilities
                that are valid there; None: no weighting. Only for tasks with a positive label.
        """
        chance_NS, truth_NS = _statements(judged.task, judged.labels, probabilities_NL)
        known_NS = truth_NS != NOT_JUDGED
        gap_NS = np.where(known_NS, chance_NS - truth_NS, 0.0)
        sums = [
            *log_losses(judged, probabilities_NL),
            (gap_NS**2).sum(axis=1),
            known_NS.sum(axis=1),
            *_gaps_by_bin(chance_NS, truth_NS, gap_NS, known_NS),
        ]
        self._sums_NC = np.stack(sums, axis=1).astype(np.float64)
        self._prevalence = prevalence
        if prevalence is not None:
            held_N1 = (judged.labels == judged.task.positive_index)[:, None]
            self._sums_NC = np.concatenate([self._sums_NC * held_N1, self._sums_NC * ~held_N1], 1)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return the figures of each weighting, ``(R, 3)``; NaN where nothing is judged.

        With a prevalence, they are also NaN unless both answers occur.
        """
        sums_RC = weights_RN.astype(np.float64) @ self._sums_NC
        if self._prevalence is not None:
            held, others = (ratio(part, part[:, 1:2]) for part in np.split(sums_RC, 2, axis=1))
            sums_RC = self._prevalence * held + (1 - self._prevalence) * others
        loss, labels, squares, statements = sums_RC[:, :4].T
        gaps = np.abs(sums_RC[:, 4:]).sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.stack([loss / labels, squares / statements, gaps / statements], axis=1)


def _statements(
    task: Task, labels: NDArray[np.int64], probabilities_NL: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Return the probability of each statement and its truth, 1, 0 or -1, ``(N, S)`` each."""
    if task.kind == "multi":
        return probabilities_NL, labels
    places = np.arange(task.num_labels)
    if task.kind == "ordinal":
        chance_NS = 1 - np.cumsum(probabilities_NL, axis=1)[:, :-1]
        truth_NS = labels[:, None] > places[:-1]
    else:
        positive = task.positive_index
        kept = places if positive is None else places[positive : positive + 1]
        chance_NS, truth_NS = probabilities_NL[:, kept], labels[:, None] == kept
    return chance_NS, np.where(labels[:, None] == NOT_JUDGED, NOT_JUDGED, truth_NS)


def _gaps_by_bin(
    chance_NS: Floats, truth_NS: NDArray[np.int64], gap_NS: Floats, known_NS: NDArray[np.bool_]
) -> list[Floats]:
    """Return the sum of predicted minus true of each advert, one array ``(N,)`` for each bin."""
    bins = reliability(chance_NS[known_NS], truth_NS[known_NS] == 1)
    ends = np.cumsum([one.count for one in bins])[:-1]
    starts = np.sort(chance_NS[known_NS])[ends] if len(bins) > 1 else np.empty(0)
    bin_NS = np.searchsorted(starts, chance_NS, side="right")
    return [np.where(bin_NS == one, gap_NS, 0.0).sum(axis=1) for one in range(len(bins))]
