"""Turn logits into probabilities, by the same function in training, evaluation and serving.

Shape suffixes: ``N`` adverts, ``K`` logits, ``L`` labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.errors import InputError


def probabilities(
    task: Task, logits: NDArray[np.float32] | NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the probability of each label of ``task``.

    Args:
        task: Task of the logits. ``single`` takes a softmax, ``multi`` a sigmoid of each logit.
            ``ordinal`` reads logit ``k`` as the log-odds that the level exceeds ``k``; where these
            log-odds do not fall with ``k``, each is lowered to the smallest before it.
        logits: Logits of shape ``(N, task.num_logits)``.

    Returns:
        ``(N, task.num_labels)`` in [0, 1], float64. Rows of ``single`` and ``ordinal`` sum to 1.
        Without adverts the shape is ``(0, L)``.

    Raises:
        InputError: The logits have another shape.

    Source: McCullagh (1980), Regression Models for Ordinal Data, section 2 (cumulative logits).
    """
    if logits.ndim != 2 or logits.shape[1] != task.num_logits:
        raise InputError(
            f"task {task.name!r} needs logits of shape (N, {task.num_logits}), found {logits.shape}"
        )
    logits_NK = logits.astype(np.float64)
    match task.kind:
        case "single":
            return _softmax(logits_NK)
        case "multi":
            return _sigmoid(logits_NK)
        case "ordinal":
            return _levels(logits_NK)


def _softmax(logits_NK: NDArray[np.float64]) -> NDArray[np.float64]:
    weight_NL = np.exp(logits_NK - logits_NK.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(weight_NL / weight_NL.sum(axis=1, keepdims=True))


def _sigmoid(logits_NK: NDArray[np.float64]) -> NDArray[np.float64]:
    # exp of a negative number never overflows
    small_NK = np.exp(-np.abs(logits_NK))
    return np.where(logits_NK >= 0, 1.0, small_NK) / (1.0 + small_NK)


def _levels(logits_NK: NDArray[np.float64]) -> NDArray[np.float64]:
    exceeds_NK = _sigmoid(np.minimum.accumulate(logits_NK, axis=1))
    ones_N1 = np.ones((len(logits_NK), 1))
    bounds = np.concatenate([ones_N1, exceeds_NK, 0.0 * ones_N1], axis=1)
    levels_NL: NDArray[np.float64] = bounds[:, :-1] - bounds[:, 1:]
    return levels_NL
