"""The calibration of a model: maps from logits to probabilities, fitted on validation adverts.

Every map rises strictly with the log-odds that it is given. So a queue ordered by the probability
of one label of two, or of a signal, keeps its order and its average precision. Two adverts tie only
where float64 cannot separate a probability from 1. With three exclusive labels or more, a label's
probability rises with its own logit, but two adverts may change places.

Shape suffixes: ``N`` adverts, ``K`` logits, ``L`` labels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import cast

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.errors import InputError, IntegrityError
from adverts.runtime.rules.task_calibration import METHODS, Curve, Method, TaskCalibration
from adverts.runtime.stored_fields import Fields, parse_object

__all__ = ["FILE_NAME", "METHODS", "UNCALIBRATED", "Calibration", "Method", "TaskCalibration"]

FILE_NAME = "calibration.json"
SCHEMA_VERSION = 1


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

    def apply(
        self, task: Task, logits_NK: NDArray[np.float32] | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the probability of each label of ``task``, ``(N, L)`` float64.

        Rows of ``single`` and ``ordinal`` sum to 1. Finite logits never give NaN. Without adverts
        the shape is ``(0, L)``.

        Raises:
            InputError: The logits have another shape, or the map is for another kind or width.
        """
        try:
            return self.of(task.name).apply(task, logits_NK)
        except InputError:
            raise
        except ValueError as error:
            raise InputError(f"calibration of task {task.name!r}: {error}") from error

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
        except (ValueError, RecursionError) as error:
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
