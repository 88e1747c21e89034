"""Thresholds that travel with a model, each with the condition under which its promise holds."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal

from adverts.errors import IntegrityError

FILE_NAME = "thresholds.json"
SCHEMA_VERSION = 1
Purpose = Literal["precision", "recall"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """From which probability on a label is said, and what that promises.

    Attributes:
        task: Name of the task.
        label: The label.
        purpose: ``precision``: few false alarms; ``recall``: few misses.
        promised: The precision or recall that is promised, in (0, 1].
        value: Probability from which the label is said, midway between two neighbouring scores of
            validation; None where no threshold keeps the promise.
        operating_prevalence: Share of the label at which a precision is promised; None for recall.
        language: The only language it is for; None for all.
        recall: On validation at ``value``; None where there is none.
        recall_low: Lower bound of recall that the promise was computed from.
        false_positive_rate: On validation at ``value``.
        false_positive_rate_high: Upper bound that the promise was computed from.
        positive_clusters: Clusters of validation that hold the label.
        negative_clusters: Clusters of validation that hold another.
        lack: Why no threshold is shipped and how much more evidence it takes; None where one is.
    """

    task: str
    label: str
    purpose: Purpose
    promised: float
    value: float | None
    operating_prevalence: float | None = None
    language: str | None = None
    recall: float | None = None
    recall_low: float | None = None
    false_positive_rate: float | None = None
    false_positive_rate_high: float | None = None
    positive_clusters: int = 0
    negative_clusters: int = 0
    lack: str | None = None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All thresholds of a model.

    Attributes:
        thresholds: One for each label and purpose, and for each language with its own.
        safeguarding: Labels of ``multi`` tasks that are told on their recall threshold whatever
            class, abstention or budget say.
        confidence: Of the bounds, e.g. 0.95.
        split: Which adverts chose them.
        data_hash: Of their dataset.
    """

    thresholds: tuple[Threshold, ...] = ()
    safeguarding: tuple[str, ...] = ()
    confidence: float = 0.95
    split: str = "validation"
    data_hash: str = ""

    def find(
        self, task: str, label: str, purpose: Purpose, language: str | None = None
    ) -> Threshold | None:
        """Return the threshold for adverts of a language: its own, else the one for all."""
        fitting = [
            one
            for one in self.thresholds
            if (one.task, one.label, one.purpose) == (task, label, purpose)
            and one.language in (None, language)
        ]
        return max(fitting, key=lambda one: one.language is not None, default=None)

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        return json.dumps({"schema_version": SCHEMA_VERSION, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Thresholds:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: It holds no thresholds, or is of another schema version.
        """
        try:
            raw = json.loads(text)
            if raw.pop("schema_version") != SCHEMA_VERSION:
                raise ValueError("another schema_version")
            found = tuple(Threshold(**one) for one in raw.pop("thresholds"))
            return cls(found, tuple(raw.pop("safeguarding")), **raw)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise IntegrityError(f"{FILE_NAME} is not valid ({error})") from error
