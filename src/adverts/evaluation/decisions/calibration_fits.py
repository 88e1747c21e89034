"""Fit one map from logits to probabilities on judged adverts: temperature, Platt, isotonic.

Shape suffixes: ``N`` adverts, ``K`` logits, ``L`` labels, ``M`` statements that are true or not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats, Ints
from adverts.evaluation.truth import NOT_JUDGED, Judged
from adverts.runtime.rules.calibration import TILT, Curve, Method, TaskCalibration
from adverts.runtime.rules.probabilities import log_odds

_LEAST_SLOPE = 1e-3
_DECIMALS = 9  # of log-odds: adverts that are closer share a knot
_STEEPEST = 25.0  # of an isotonic curve: where one model says 1e-6 more, another does not say 0.06


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Judged adverts of one task.

    Attributes:
        judged: True labels of the adverts.
        logits: Logits of the adverts, ``(N, K)``.
        fitted: ``(L,)`` bool, whether each label has enough evidence for a map of its own; the
            others are changed only by what all labels share.
    """

    judged: Judged
    logits: Floats
    fitted: NDArray[np.bool_]

    @property
    def task(self) -> Task:
        """The task of these adverts."""
        return self.judged.task

    def rows(self, rows: Ints | NDArray[np.bool_]) -> Material:
        """Return the material of these adverts alone."""
        labels = self.judged.labels[rows]
        kept = Judged(self.task, labels, np.arange(len(labels)))
        return replace(self, judged=kept, logits=self.logits[rows])


def fit_map(method: Method, material: Material) -> TaskCalibration:
    """Return the map of one method that fits judged adverts best."""
    match method:
        case "none":
            return TaskCalibration(material.task.name)
        case "temperature":
            return _temperature(material)
        case "platt":
            return _platt(material)
        case "isotonic":
            return _isotonic(material)


def _temperature(material: Material) -> TaskCalibration:
    task, labels = material.task, material.judged.labels
    if task.kind == "single":
        slope, _ = _softmax_line(material.logits, labels, np.zeros(task.num_labels, dtype=bool))
    else:
        pairs = [pair for pair in _binary(material) if pair is not None]
        odds_M, truth_M = (np.concatenate(parts) for parts in zip(*pairs, strict=True))
        slope, _ = _line(odds_M, truth_M, movable=False)
    return TaskCalibration(task.name, "temperature", 1 / slope)


def _platt(material: Material) -> TaskCalibration:
    task, labels = material.task, material.judged.labels
    if task.kind == "single" and task.num_labels > 2:
        slope, offsets = _softmax_line(material.logits, labels, material.fitted)
        return TaskCalibration(task.name, "platt", slopes=(slope,), offsets=offsets)
    lines = [_line(*pair) if pair else (1.0, 0.0) for pair in _binary(material)]
    slopes, offsets = zip(*lines, strict=True)
    if task.kind == "single":
        offsets = (-offsets[0] / 2, offsets[0] / 2)
    return TaskCalibration(task.name, "platt", slopes=slopes, offsets=offsets)


def _isotonic(material: Material) -> TaskCalibration:
    curves = tuple(_curve(*pair) if pair else Curve() for pair in _binary(material))
    return TaskCalibration(material.task.name, "isotonic", curves=curves)


def _binary(material: Material) -> list[tuple[Floats, NDArray[np.bool_]] | None]:
    """Return log-odds and truth ``(M,)`` of each map; None where a label has no evidence."""
    task, labels = material.task, material.judged.labels
    if task.kind == "ordinal":
        odds_NK = np.minimum.accumulate(material.logits, axis=1)
        return [(odds_NK.ravel(), (labels[:, None] > np.arange(task.num_logits)).ravel())]
    if task.kind == "multi":
        known = labels != NOT_JUDGED
        pairs = [
            (material.logits[known[:, k], k], labels[known[:, k], k] == 1)
            for k in range(task.num_labels)
        ]
    else:
        odds_NL = log_odds(material.logits)
        if task.num_labels == 2:
            return [(odds_NL[:, 1], labels == 1)]
        pairs = [(odds_NL[:, k], labels == k) for k in range(task.num_labels)]
    return [pair if held else None for pair, held in zip(pairs, material.fitted, strict=True)]


def _line(
    odds_M: Floats, truth_M: NDArray[np.bool_], *, movable: bool = True
) -> tuple[float, float]:
    """Return slope and offset of a logistic regression; the offset is 0 unless ``movable``."""
    logits = np.stack([np.zeros_like(odds_M), odds_M], axis=1)
    slope, (low, high) = _softmax_line(logits, truth_M.astype(np.int64), np.full(2, movable))
    return slope, high - low


def _softmax_line(
    logits_NL: Floats, labels_N: Ints, fitted_L: NDArray[np.bool_]
) -> tuple[float, tuple[float, ...]]:
    """Return one slope for all labels, and the offset of each fitted one; these sum to 0.

    Targets are never quite 0 or 1, which keeps both finite where labels are separated perfectly.

    Source: Platt (1999), Probabilistic Outputs for Support Vector Machines, section 2.2; here for
    any number of labels.
    """
    from scipy.optimize import minimize

    num_adverts, num_labels = logits_NL.shape
    counts = np.bincount(labels_N, minlength=num_labels)
    others_N = 1 / (counts[labels_N] + num_labels)
    targets_NL = np.repeat(others_N[:, None], num_labels, axis=1)
    targets_NL[np.arange(num_adverts), labels_N] = 1 - (num_labels - 1) * others_N

    def loss(parameters: Floats) -> tuple[float, Floats]:
        z_NL = parameters[0] * logits_NL + parameters[1:]
        total_N = np.logaddexp.reduce(z_NL, axis=1, keepdims=True)
        error_NL = np.exp(z_NL - total_N) - targets_NL
        by_offset_L = np.where(fitted_L, error_NL.sum(axis=0), 0.0)
        gradient = np.concatenate([[(error_NL * logits_NL).sum()], by_offset_L])
        value = ((total_N - z_NL) * targets_NL).sum()
        return float(value / num_adverts), gradient / num_adverts

    start = np.concatenate([[1.0], np.zeros(num_labels)])
    bounds = [(_LEAST_SLOPE, None)] + [(None, None)] * num_labels
    tight = {"ftol": 1e-12, "gtol": 1e-8, "maxiter": 500}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=tight).x
    middle = found[1:][fitted_L].sum() / max(fitted_L.sum(), 1)
    offsets = np.where(fitted_L, found[1:] - middle, 0.0)
    return float(found[0]), tuple(float(one) for one in offsets)


def _curve(odds_M: Floats, truth_M: NDArray[np.bool_]) -> Curve:
    """Return an isotonic regression in log-odds, tilted so that no part of it is flat.

    An added positive at the lower end and a negative at the upper keep every share inside (0, 1).
    """
    from sklearn.isotonic import IsotonicRegression

    odds = np.round(odds_M, _DECIMALS)
    x = np.concatenate([[odds.min()], odds, [odds.max()]])
    shares = IsotonicRegression().fit_transform(x, np.concatenate([[1.0], truth_M, [0.0]]))
    knots, places = np.unique(x, return_index=True)
    level = shares[places]
    ends = np.ones(len(level), dtype=bool)
    ends[1:-1] = (level[1:-1] != level[:-2]) | (level[1:-1] != level[2:])
    x, level = knots[ends], level[ends]
    x, y = _no_cliffs(x, np.log(level) - np.log1p(-level) + TILT * x)
    return Curve(tuple(x.tolist()), tuple(y.tolist()))


def _no_cliffs(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the knots of a rising curve without a part that is steeper than ``_STEEPEST``.

    It is the mean of the highest such curve below the given one and the lowest above it.
    """
    middle, width = (x[:-1] + x[1:]) / 2, np.diff(y) / _STEEPEST
    added = np.clip(np.concatenate([middle - width, middle + width]), x[0], x[-1])
    knots = np.unique(np.round(np.concatenate([x, added]), _DECIMALS))
    given = np.interp(knots, x, y)
    rise = _STEEPEST * np.abs(knots[:, None] - knots)
    below, above = (given + rise).min(axis=1), (given - rise).max(axis=1)
    return knots, (below + above) / 2
