"""The calibration of a model: how its logits become probabilities, fitted on validation adverts.

The functions that apply it are in :mod:`adverts.runtime.rules.probabilities`. Every map rises
strictly with the log-odds that it is given. So a queue ordered by the probability of one label of
two, or of a signal, keeps its order and its average precision. Two adverts tie only where float64
cannot separate a probability from 1. With three exclusive labels or more, a label's probability
rises with its own logit, but two adverts may change places.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Literal, cast, get_args

import numpy as np

from adverts.advert import Task
from adverts.errors import IntegrityError
from adverts.runtime.stored_fields import Fields, parse_object

TILT = 1e-3
"""Slope of otherwise flat parts: it keeps adverts in order, and moves log-odds of 20 by 0.02."""
Method = Literal["none", "temperature", "platt", "isotonic"]
METHODS: tuple[Method, ...] = get_args(Method)  # the simplest first

FILE_NAME = "calibration.json"
SCHEMA_VERSION = 1
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


def _require(held: bool, name: str, found: object, wanted: str) -> None:
    if not held:
        raise ValueError(f"{name} is {found}, wanted {wanted}")


@dataclass(frozen=True, slots=True)
class Calibration:
    """The maps of all tasks of a model, and what they were fitted on.

    Attributes:
        tasks: Maps of the tasks, one each; a task without a map is not calibrated.
        fitted_on: Split, data hash and counts of the adverts; None where nothing was fitted.

    Raises:
        ValueError: A task is named twice.
    """

    tasks: tuple[TaskCalibration, ...] = ()
    fitted_on: Mapping[str, str | int] | None = None

    def __post_init__(self) -> None:
        """Refuse two maps of one task."""
        names = [one.task for one in self.tasks]
        if len(set(names)) != len(names):
            raise ValueError(f"tasks names one twice: {', '.join(names)}")

    def of(self, task: str) -> TaskCalibration:
        """Return the map of a task, or a map that changes nothing where there is none."""
        return next((one for one in self.tasks if one.task == task), TaskCalibration(task))

    def check(self, tasks: Sequence[Task]) -> None:
        """Refuse a calibration that was not made for the tasks of a model.

        Raises:
            IntegrityError: A map is for another task, kind or width.
        """
        known = {task.name: task for task in tasks}
        for i, one in enumerate(self.tasks):
            try:
                if one.task not in known:
                    raise ValueError(f"task is {one.task!r}, wanted one of {', '.join(known)}")
                one.require(known[one.task])
            except ValueError as error:
                raise IntegrityError(f"{FILE_NAME} does not fit: tasks[{i}].{error}") from error

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Calibration:
        """Read what :meth:`to_json` wrote; :meth:`check` compares it with the tasks of a model.

        Raises:
            IntegrityError: The text is not a calibration, or is of another schema version; the
                message names the field.
        """
        try:
            return _read(parse_object(text, ""))
        except ValueError as error:
            raise IntegrityError(f"{FILE_NAME} is not valid: {error}") from error


def _read(fields: Fields) -> Calibration:
    version = fields.number("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {version:g}, wanted {SCHEMA_VERSION}")
    tasks = tuple(_read_task(one) for one in fields.objects("tasks"))
    fitted_on = fields.words("fitted_on")
    fields.end()
    if fitted_on and fitted_on.get("split") == "test":
        raise ValueError(
            "fitted_on.split is 'test'; the split that results are reported on must not be used "
            "to choose anything"
        )
    return Calibration(tasks, fitted_on)


def _read_task(fields: Fields) -> TaskCalibration:
    made = partial(
        TaskCalibration,
        task=fields.text("task"),
        method=cast("Method", fields.text("method")),
        temperature=fields.number("temperature"),
        slopes=fields.numbers("slopes"),
        offsets=fields.numbers("offsets"),
        curves=tuple(_read_curve(one) for one in fields.objects("curves")),
        shares=fields.numbers("shares"),
        operating_prevalence=fields.optional_number("operating_prevalence"),
        losses=fields.numbers_by_name("losses"),
        reason=fields.optional_text("reason"),
    )
    fields.end()
    return fields.build(made)


def _read_curve(fields: Fields) -> Curve:
    made = partial(Curve, fields.numbers("x"), fields.numbers("y"))
    fields.end()
    return fields.build(made)


UNCALIBRATED = Calibration()
