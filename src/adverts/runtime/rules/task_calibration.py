"""The map of one task from logits to probabilities: temperature, Platt or isotonic, prior shift."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.arrays import Floats
from adverts.runtime.rules.probabilities import probabilities

TILT = 1e-3
"""Slope of otherwise flat parts: it keeps adverts in order, and moves log-odds of 20 by 0.02."""
Method = Literal["none", "temperature", "platt", "isotonic"]
METHODS: tuple[Method, ...] = get_args(Method)  # the simplest first

_OWNERS = {"slopes": "platt", "offsets": "platt", "curves": "isotonic"}


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve that is straight between knots and goes on with slope ``TILT`` beyond the last.

    Attributes:
        x: Log-odds of the knots, rising; empty where the curve changes nothing.
        y: Calibrated log-odds of the knots, rising.

    Raises:
        ValueError: ``x`` and ``y`` differ in length, do not rise, or are not finite.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse knots that give no rising curve."""
        if len(self.x) != len(self.y):
            raise ValueError(f"y holds {len(self.y)} knots, wanted {len(self.x)} as in x")
        for name, values in (("x", self.x), ("y", self.y)):
            if not np.isfinite(values).all():
                raise ValueError(f"{name} holds a knot that is not finite")
            if not (np.diff(values) > 0).all():
                raise ValueError(f"{name} does not rise from knot to knot")

    def __call__(self, odds_N: Floats) -> Floats:
        """Return the calibrated log-odds ``(N,)``."""
        if not self.x:
            return odds_N
        inside_N = np.clip(odds_N, self.x[0], self.x[-1])
        rising_N: Floats = np.interp(inside_N, self.x, self.y) + TILT * (odds_N - inside_N)
        return rising_N


def log_odds(logits_NL: Floats) -> Floats:
    """Return the log-odds of each label against all others of a softmax, ``(N, L)``.

    With two labels these are the differences of their logits. At least two labels are needed.
    """
    against = [
        np.logaddexp.reduce(np.delete(logits_NL, k, axis=1), axis=1)
        for k in range(logits_NL.shape[1])
    ]
    return np.asarray(logits_NL - np.stack(against, axis=1))


@dataclass(frozen=True, slots=True)
class TaskCalibration:
    """How the logits of one task become probabilities.

    Attributes:
        task: Name of the task.
        method: Name of the method; ``none`` keeps the logits as trained.
        temperature: Number that divides the logits; 1.0 changes nothing.
        slopes: Factors of the logits, of ``platt``: one for all, or for ``multi`` one per label.
        offsets: Terms added after that, of ``platt``: one per label, or for ``ordinal`` one in all.
        curves: Curves from log-odds to log-odds, of ``isotonic``. ``single`` of two labels: one,
            for the second label; of more: one for each label against the rest, then normalised.
            ``multi``: one per label. ``ordinal``: one for all levels, so that they never cross.
        shares: Share of each label among the adverts of the fit; empty where unknown.
        operating_prevalence: Share of the positive label in service, to which the probabilities
            are adjusted from ``shares``; None: they hold for shares as fitted.
        losses: Cross-validated log loss of each method, in nats; empty where none was tried.
        reason: Why no method was tried, or why the prevalence is not adjusted; otherwise None.

    Raises:
        ValueError: A value is out of its range, or does not belong to the method.

    Source: Guo et al. (2017), On Calibration of Modern Neural Networks (temperature); Platt (1999),
    Probabilistic Outputs for Support Vector Machines; Alexandari, Kundaje, Shrikumar (2020),
    Maximum Likelihood with Bias-Corrected Calibration (one slope, an offset for each class);
    Zadrozny, Elkan (2002), Transforming Classifier Scores into Accurate Multiclass Probability
    Estimates (isotonic); Saerens, Latinne, Decaestecker (2002), Adjusting the Outputs of a
    Classifier to New a Priori Probabilities, equation 2.4.
    """

    task: str
    method: Method = "none"
    temperature: float = 1.0
    slopes: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    curves: tuple[Curve, ...] = ()
    shares: tuple[float, ...] = ()
    operating_prevalence: float | None = None
    losses: Mapping[str, float] = field(default_factory=dict)
    reason: str | None = None

    def __post_init__(self) -> None:
        """Refuse values that are not a calibration of any task."""
        _require(self.method in METHODS, "method", self.method, f"one of {', '.join(METHODS)}")
        _require(0 < self.temperature < np.inf, "temperature", self.temperature, "a number above 0")
        rising = all(0 < value < np.inf for value in self.slopes)
        _require(rising, "slopes", self.slopes, "numbers above 0")
        _require(bool(np.isfinite(self.offsets).all()), "offsets", self.offsets, "finite numbers")
        shares = all(0 <= share <= 1 for share in self.shares)
        _require(shares, "shares", self.shares, "numbers in [0, 1]")
        prevalence = self.operating_prevalence
        inside = prevalence is None or 0 < prevalence < 1
        _require(inside, "operating_prevalence", prevalence, "a number in (0, 1)")
        own = self.method == "temperature" or self.temperature == 1
        _require(own, "temperature", self.temperature, f"1.0 for method {self.method}")
        for name, owner in _OWNERS.items():
            empty = not getattr(self, name)
            _require(empty or owner == self.method, name, "given", f"none for {self.method}")

    def require(self, task: Task) -> None:
        """Refuse a task of another kind or width.

        Raises:
            ValueError: The task does not fit; the message names the field and what is wanted.
        """
        for name, wanted in self._widths(task).items():
            found = len(getattr(self, name))
            _require(found == wanted, name, f"of {found} values", f"{wanted} for {task.name!r}")
        if self.operating_prevalence is not None:
            positive = task.positive_index if task.kind == "single" else None
            _require(positive is not None, "operating_prevalence", "given", "a positive label")
            held = 0 < self.shares[positive or 0] < 1 if self.shares else False
            _require(held, "shares", self.shares, "one of the positive label inside (0, 1)")

    def apply(self, task: Task, logits_NK: NDArray[np.float32] | Floats) -> Floats:
        """Return the probability of each label, ``(N, L)``.

        Raises:
            InputError: The logits have another shape.
            ValueError: The task is of another kind or width.
        """
        if logits_NK.ndim != 2 or logits_NK.shape[1] != task.num_logits:
            return probabilities(task, logits_NK)  # which raises the error
        self.require(task)
        said_NL = self._mapped(task, logits_NK.astype(np.float64))
        if self.operating_prevalence is None or task.positive_index is None:
            return said_NL
        weighed_NL = said_NL * self._ratios(task.positive_index, self.operating_prevalence)
        return np.asarray(weighed_NL / weighed_NL.sum(axis=1, keepdims=True))

    def _widths(self, task: Task) -> dict[str, int]:
        """Return how many values each field in use must hold for a task."""
        by_label = task.num_labels
        pair = task.kind == "single" and by_label == 2
        found = {"shares": by_label} if self.shares else {}
        if self.method == "platt":
            found["slopes"] = by_label if task.kind == "multi" else 1
            found["offsets"] = 1 if task.kind == "ordinal" else by_label
        if self.method == "isotonic":
            found["curves"] = 1 if pair or task.kind == "ordinal" else by_label
        return found

    def _mapped(self, task: Task, logits_NK: Floats) -> Floats:
        match self.method:
            case "none" | "temperature":
                return probabilities(task, logits_NK / self.temperature)
            case "platt":
                return probabilities(task, logits_NK * self.slopes + np.array(self.offsets))
            case "isotonic":
                return self._on_curves(task, logits_NK)

    def _on_curves(self, task: Task, logits_NK: Floats) -> Floats:
        if task.kind == "ordinal":
            return probabilities(task, self.curves[0](logits_NK))
        if task.kind == "multi":
            return probabilities(task, _each(self.curves, logits_NK))
        odds_NL = log_odds(logits_NK)
        if task.num_labels == 2:
            second_N = self.curves[0](odds_NL[:, 1])
            return probabilities(task, np.stack([0.0 * second_N, second_N], axis=1))
        log_chance_NL = -np.logaddexp(0.0, -_each(self.curves, odds_NL))
        return probabilities(task, log_chance_NL)

    def _ratios(self, positive: int, prevalence: float) -> Floats:
        """Return the ratio of each label's share in service to that of the fit, ``(L,)``."""
        fitted = self.shares[positive]
        ratios = np.full(len(self.shares), (1 - prevalence) / (1 - fitted))
        ratios[positive] = prevalence / fitted
        return ratios


def _each(curves: tuple[Curve, ...], odds_NL: Floats) -> Floats:
    return np.stack([curve(odds_NL[:, k]) for k, curve in enumerate(curves)], axis=1)


def _require(held: bool, name: str, found: object, wanted: str) -> None:
    if not held:
        raise ValueError(f"{name} is {found}, wanted {wanted}")
