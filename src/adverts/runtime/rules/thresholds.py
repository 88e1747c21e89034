"""Thresholds that ship with a model, each with the condition under which its promise holds."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.errors import IntegrityError
from adverts.runtime.stored_fields import Fields, parse_object

FILE_NAME = "thresholds.json"
SCHEMA_VERSION = 1
MAX_THRESHOLDS, MAX_SAFEGUARDING = 5_000, 100
"""Most thresholds and most safeguarding labels of one model; all are applied to each advert."""
Purpose = Literal["precision", "recall"]
PURPOSES: tuple[Purpose, ...] = get_args(Purpose)
SPLIT = "validation"
"""The only split that may choose thresholds."""
SAFEGUARDING_DEFAULT = 0.1
"""Probability from which a danger to a person is reported where no threshold is known."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The probability from which a label is predicted, and what that promises.

    Attributes:
        task: Name of the task.
        label: Name of the label.
        purpose: ``precision``: few false alarms; ``recall``: few misses.
        promised: Precision or recall that is promised, in (0, 1].
        value: Probability from which the label is predicted, midway between two neighbouring scores
            of validation; None where no threshold keeps the promise.
        operating_prevalence: Share of the label at which a precision is promised; None for recall.
        language: The only language that the threshold is for; None for all.
        recall: Recall on validation at ``value``; None where there is none.
        recall_low: Lower bound of recall that the promise was computed from.
        false_positive_rate: False positive rate on validation at ``value``.
        false_positive_rate_high: Upper bound of it that the promise was computed from.
        positive_clusters: Number of validation clusters that hold the label.
        negative_clusters: Number of validation clusters that hold another label.
        lack: Why no threshold ships and how much more evidence is needed; None where one ships.
        caution: Why the value ships although its promise is not shown; None where it is shown.
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
    caution: str | None = None


@dataclass(frozen=True, slots=True)
class LanguageComparison:
    """One threshold for all languages compared with one for each, on held-out validation folds.

    Attributes:
        task: Name of the task.
        label: Name of the label.
        purpose: Purpose of the thresholds.
        languages: Languages with enough evidence to be compared.
        gap_one: Highest recall of a language minus the lowest, with one threshold for all.
        gap_own: The same difference with a threshold for each language.
        narrowed_low: Lower end of the 95 % interval of ``gap_one - gap_own``; None where there is
            too little evidence.
        narrowed_high: Upper end of that interval.
    """

    task: str
    label: str
    purpose: Purpose
    languages: tuple[str, ...]
    gap_one: float
    gap_own: float
    narrowed_low: float | None
    narrowed_high: float | None

    @property
    def narrows(self) -> bool:
        """Whether it is shown that a threshold for each language narrows the gap."""
        return self.narrowed_low is not None and self.narrowed_low > 0


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All thresholds of a model.

    Attributes:
        thresholds: One for each label and purpose, and for each language with its own.
        safeguarding: Labels of ``multi`` tasks that are reported on their recall threshold whatever
            class, abstention or budget say.
        confidence: Confidence of the bounds, e.g. 0.95.
        split: Split of the adverts that chose the thresholds.
        data_hash: Hash of the dataset of those adverts.
        comparisons: Results where a threshold for each language was tried.
        withheld: Purposes whose thresholds a partner is not given, except those of safeguarding.
            The model may have a threshold that is missing here.
        models_compared: Number of models compared on the same adverts, this one included. Each
            promise holds with ``confidence`` for the best of so many. None where it was not
            recorded; the promise then holds for a model that was not chosen among others.
    """

    thresholds: tuple[Threshold, ...] = ()
    safeguarding: tuple[str, ...] = ()
    confidence: float = 0.95
    split: str = SPLIT
    data_hash: str = ""
    comparisons: tuple[LanguageComparison, ...] = ()
    withheld: tuple[Purpose, ...] = ()
    models_compared: int | None = None

    @property
    def condition(self) -> str:
        """Text on the confidence of the promises, and the number of models they allow for."""
        share, these = f"{100 * self.confidence:g} %", f"on these {self.split} adverts"
        if self.models_compared is None:
            return f"{share} for a model that was not chosen among others {these}"
        if self.models_compared == 1:
            return f"{share} for the only model tried {these}"
        return f"{share} for the best of {self.models_compared:,} models compared {these}"

    def find(
        self, task: str, label: str, purpose: Purpose, language: str | None = None
    ) -> Threshold | None:
        """Return the threshold for adverts of a language: its own, otherwise the one for all.

        A threshold for ``en`` also applies to ``en-GB``, unless there is one for ``en-GB``.

        Source: RFC 4647, section 3.4 (lookup).
        """
        fitting = [
            one
            for one in self.thresholds
            if (one.task, one.label, one.purpose) == (task, label, purpose)
            and _is_of(one.language, language)
        ]
        return max(fitting, key=lambda one: len(one.language or ""), default=None)

    def first_shipped(self, task: str, label: str, purposes: Sequence[Purpose]) -> Threshold | None:
        """Return the threshold for all languages of the first purpose that has a value."""
        found = (self.find(task, label, purpose) for purpose in purposes)
        return next((one for one in found if one is not None and one.value is not None), None)

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        plain = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        if self.models_compared is None:  # what was read without it is written without it
            del plain["models_compared"]
        return json.dumps(plain, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Thresholds:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: The text holds no thresholds or is of another schema version; the
                message names the field.
        """
        try:
            return _read(parse_object(text, ""))
        except ValueError as error:
            raise IntegrityError(f"{FILE_NAME} is not valid: {error}") from error


def _is_of(wide: str | None, language: str | None) -> bool:
    """Return whether ``language`` is ``wide`` or a part of it; None covers all languages."""
    return wide is None or f"{language or ''}-".lower().startswith(f"{wide}-".lower())


def has_queue(task: Task) -> bool:
    """Return whether one label of this task orders a queue."""
    return task.kind == "single" and task.positive_index is not None


def deciding_labels(task: Task) -> tuple[str, ...]:
    """Return the labels that have thresholds.

    These are the positive label of a queue, otherwise every label. For ``ordinal`` they are all
    levels but the lowest; a threshold is on the probability of that level or a higher one.
    """
    if task.kind == "ordinal":
        return task.labels[1:]
    if has_queue(task) and task.positive_index is not None:
        return (task.labels[task.positive_index],)
    return task.labels


def label_scores(
    task: Task, probabilities_NL: NDArray[np.float64], label: str
) -> NDArray[np.float64]:
    """Return the scores ``(N,)`` that a threshold of ``label`` is compared with.

    For ``ordinal`` it is the probability of this level or a higher one, otherwise of the label.

    Raises:
        ValueError: The task has no such label.
    """
    place = task.labels.index(label)
    if task.kind == "ordinal":
        return np.asarray(np.minimum(probabilities_NL[:, place:].sum(axis=1), 1.0))
    return np.asarray(probabilities_NL[:, place])


def _read(fields: Fields) -> Thresholds:
    version = fields.number("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {version:g}, wanted {SCHEMA_VERSION}")
    found = Thresholds(
        thresholds=tuple(_read_threshold(one) for one in fields.objects("thresholds")),
        safeguarding=fields.texts("safeguarding"),
        confidence=_share(fields, "confidence"),
        split=fields.text("split"),
        data_hash=fields.text("data_hash"),
        comparisons=tuple(_read_comparison(one) for one in fields.objects("comparisons")),
        withheld=tuple(
            _purpose(one, "withheld")
            for one in (fields.texts("withheld") if fields.has("withheld") else ())
        ),
        models_compared=(
            _at_least_one(fields, "models_compared") if fields.has("models_compared") else None
        ),
    )
    fields.end()
    if found.split != SPLIT:
        raise ValueError(
            f"split is {found.split!r}, wanted {SPLIT!r}; the reported split must not be used "
            "to choose"
        )
    _check_counts(found)
    return found


def _check_counts(found: Thresholds) -> None:
    for name, count, most in (
        ("thresholds", len(found.thresholds), MAX_THRESHOLDS),
        ("safeguarding", len(found.safeguarding), MAX_SAFEGUARDING),
    ):
        if count > most:
            raise ValueError(f"{name} holds {count} entries, wanted at most {most}")
    keys = Counter((one.task, one.label, one.purpose, one.language) for one in found.thresholds)
    twice = next((key for key, count in keys.items() if count > 1), None)
    if twice is not None:
        raise ValueError(
            f"thresholds has two entries for {', '.join(str(one)[:60] for one in twice)}"
        )


def _read_threshold(fields: Fields) -> Threshold:
    one = Threshold(
        task=fields.text("task"),
        label=fields.text("label"),
        purpose=_purpose(fields.text("purpose"), fields.path("purpose")),
        promised=_share(fields, "promised"),
        value=fields.optional_share("value"),
        operating_prevalence=fields.optional_share("operating_prevalence"),
        language=fields.optional_text("language"),
        recall=fields.optional_share("recall"),
        recall_low=fields.optional_share("recall_low"),
        false_positive_rate=fields.optional_share("false_positive_rate"),
        false_positive_rate_high=fields.optional_share("false_positive_rate_high"),
        positive_clusters=fields.count("positive_clusters"),
        negative_clusters=fields.count("negative_clusters"),
        lack=fields.optional_text("lack"),
        caution=fields.optional_text("caution"),
    )
    fields.end()
    if (one.value is None) == (one.lack is None):
        raise ValueError(f"{fields.path('lack')} must be given where value is null, and only there")
    if (one.purpose == "precision") == (one.operating_prevalence is None):
        name = fields.path("operating_prevalence")
        raise ValueError(f"{name} must be given for a precision, and only there")
    return one


def _read_comparison(fields: Fields) -> LanguageComparison:
    one = LanguageComparison(
        task=fields.text("task"),
        label=fields.text("label"),
        purpose=_purpose(fields.text("purpose"), fields.path("purpose")),
        languages=fields.texts("languages"),
        gap_one=_share(fields, "gap_one"),
        gap_own=_share(fields, "gap_own"),
        narrowed_low=fields.optional_number("narrowed_low"),
        narrowed_high=fields.optional_number("narrowed_high"),
    )
    fields.end()
    return one


def _purpose(found: str, name: str) -> Purpose:
    for known in PURPOSES:
        if found == known:
            return known
    raise ValueError(f"{name} is {found!r}, wanted {' or '.join(PURPOSES)}")


def _share(fields: Fields, name: str) -> float:
    found = fields.number(name)
    if not 0 <= found <= 1:
        raise ValueError(f"{fields.path(name)} is {found:g}, wanted a number in [0, 1]")
    return found


def _at_least_one(fields: Fields, name: str) -> int:
    found = fields.count(name)
    if found < 1:
        raise ValueError(f"{fields.path(name)} is {found}, wanted a whole number from 1")
    return found
