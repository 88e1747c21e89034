"""Turn logits into probabilities, by the same function in training, evaluation and serving.

Shape suffixes: ``N`` adverts, ``K`` logits, ``L`` labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats
from adverts.errors import InputError
from adverts.runtime.rules.calibration import TILT, Calibration, Curve, TaskCalibration


def probabilities(task: Task, logits: NDArray[np.float32] | Floats) -> Floats:
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


def calibrated_probabilities(
    task: Task, logits_NK: NDArray[np.float32] | Floats, calibration: Calibration
) -> Floats:
    """Return the probability of each label of ``task`` by the calibration of a model, ``(N, L)``.

    Rows of ``single`` and ``ordinal`` sum to 1. Finite logits never give NaN. Without adverts the
    shape is ``(0, L)``.

    Raises:
        InputError: The logits have another shape, or the map is for another kind or width.
    """
    try:
        return mapped_probabilities(task, logits_NK, calibration.of(task.name))
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"calibration of task {task.name!r}: {error}") from error


def mapped_probabilities(
    task: Task, logits_NK: NDArray[np.float32] | Floats, fitted: TaskCalibration
) -> Floats:
    """Return the probability of each label of ``task`` by one map, ``(N, L)``.

    Raises:
        InputError: The logits have another shape.
        ValueError: The map is for a task of another kind or width.

    Source: Guo et al. (2017), On Calibration of Modern Neural Networks (temperature); Platt (1999),
    Probabilistic Outputs for Support Vector Machines; Alexandari, Kundaje, Shrikumar (2020),
    Maximum Likelihood with Bias-Corrected Calibration (one slope, an offset for each class);
    Zadrozny, Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability
    Estimates (isotonic); Saerens, Latinne, Decaestecker (2002), Adjusting the Outputs of a
    Classifier to New a Priori Probabilities, equation 2.4.
    """
    if logits_NK.ndim != 2 or logits_NK.shape[1] != task.num_logits:
        return probabilities(task, logits_NK)  # which raises the error
    fitted.require(task)
    said_NL = _mapped(task, logits_NK.astype(np.float64), fitted)
    if fitted.operating_prevalence is None or task.positive_index is None:
        return said_NL
    weighed_NL = said_NL * _ratios(fitted.shares, task.positive_index, fitted.operating_prevalence)
    return np.asarray(weighed_NL / weighed_NL.sum(axis=1, keepdims=True))


def log_odds(logits_NL: Floats) -> Floats:
    """Return the log-odds of each label against all others of a softmax, ``(N, L)``.

    With two labels these are the differences of their logits. At least two labels are needed.
    """
    against = [
        np.logaddexp.reduce(np.delete(logits_NL, k, axis=1), axis=1)
        for k in range(logits_NL.shape[1])
    ]
    return np.asarray(logits_NL - np.stack(against, axis=1))


def on_curve(curve: Curve, odds_N: Floats) -> Floats:
    """Return the log-odds ``(N,)`` that a curve gives for some; without knots, the same."""
    if not curve.x:
        return odds_N
    inside_N = np.clip(odds_N, curve.x[0], curve.x[-1])
    rising_N: Floats = np.interp(inside_N, curve.x, curve.y) + TILT * (odds_N - inside_N)
    return rising_N


def _mapped(task: Task, logits_NK: Floats, fitted: TaskCalibration) -> Floats:
    match fitted.method:
        case "none" | "temperature":
            return probabilities(task, logits_NK / fitted.temperature)
        case "platt":
            return probabilities(task, logits_NK * fitted.slopes + np.array(fitted.offsets))
        case "isotonic":
            return _on_curves(task, logits_NK, fitted.curves)


def _on_curves(task: Task, logits_NK: Floats, curves: tuple[Curve, ...]) -> Floats:
    if task.kind == "ordinal":
        return probabilities(task, on_curve(curves[0], logits_NK))
    if task.kind == "multi":
        return probabilities(task, _each(curves, logits_NK))
    odds_NL = log_odds(logits_NK)
    if task.num_labels == 2:
        second_N = on_curve(curves[0], odds_NL[:, 1])
        return probabilities(task, np.stack([0.0 * second_N, second_N], axis=1))
    log_chance_NL = -np.logaddexp(0.0, -_each(curves, odds_NL))
    return probabilities(task, log_chance_NL)


def _each(curves: tuple[Curve, ...], odds_NL: Floats) -> Floats:
    return np.stack([on_curve(curve, odds_NL[:, k]) for k, curve in enumerate(curves)], axis=1)


def _ratios(shares: tuple[float, ...], positive: int, prevalence: float) -> Floats:
    """Return the ratio of each label's share in service to that of the fit, ``(L,)``."""
    fitted = shares[positive]
    ratios = np.full(len(shares), (1 - prevalence) / (1 - fitted))
    ratios[positive] = prevalence / fitted
    return ratios


def _softmax(logits_NK: Floats) -> Floats:
    weight_NL = np.exp(logits_NK - logits_NK.max(axis=1, keepdims=True, initial=-np.inf))
    return np.asarray(weight_NL / weight_NL.sum(axis=1, keepdims=True))


def _sigmoid(logits_NK: Floats) -> Floats:
    # exp of a negative number never overflows
    small_NK = np.exp(-np.abs(logits_NK))
    return np.where(logits_NK >= 0, 1.0, small_NK) / (1.0 + small_NK)


def _levels(logits_NK: Floats) -> Floats:
    exceeds_NK = _sigmoid(np.minimum.accumulate(logits_NK, axis=1))
    ones_N1 = np.ones((len(logits_NK), 1))
    bounds = np.concatenate([ones_N1, exceeds_NK, 0.0 * ones_N1], axis=1)
    levels_NL: Floats = bounds[:, :-1] - bounds[:, 1:]
    return levels_NL
