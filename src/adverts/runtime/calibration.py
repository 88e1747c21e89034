"""From logits to probabilities that can be believed: the map of each task, fitted on validation.

Shape suffixes: ``N`` adverts, ``K`` logits, ``L`` labels.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.errors import IntegrityError
from adverts.runtime.probabilities import probabilities

FILE_NAME = "calibration.json"
SCHEMA_VERSION = 1
Method = Literal["none", "temperature", "platt", "isotonic"]


@dataclass(frozen=True, slots=True)
class TaskCalibration:
    """How the logits of one task become probabilities.

    Attributes:
        task: Its name.
        method: ``none``: as the head was trained.
        temperature: Divides the logits; 1.0 changes nothing.
    """

    task: str
    method: Method = "none"
    temperature: float = 1.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """The maps of all tasks of a model, and what they were fitted on.

    Attributes:
        tasks: One for each task; a task that is not named is taken as it is.
        fitted_on: Split, data hash and counts of the adverts; empty where nothing was fitted.
    """

    tasks: tuple[TaskCalibration, ...] = ()
    fitted_on: Mapping[str, str | int] | None = None

    def apply(
        self, task: Task, logits_NK: NDArray[np.float32] | NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the probability of each label of ``task``, ``(N, L)``.

        Raises:
            InputError: The logits have another shape.
        """
        found = next(
            (one for one in self.tasks if one.task == task.name), TaskCalibration(task.name)
        )
        return probabilities(task, logits_NK / found.temperature)

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Calibration:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: It is no calibration, or of another schema version.
        """
        try:
            raw = json.loads(text)
            if raw["schema_version"] != SCHEMA_VERSION:
                raise ValueError(f"schema_version {raw['schema_version']!r}")
            return cls(tuple(TaskCalibration(**one) for one in raw["tasks"]), raw["fitted_on"])
        except (KeyError, TypeError, ValueError) as error:
            raise IntegrityError(f"{FILE_NAME} is not valid ({error})") from error


UNCALIBRATED = Calibration()
