"""When an advert leaves early: the n-grams alone judge it, and the network does not run.

Shape suffixes: ``N`` adverts, ``K`` logits of a task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Advert, LabelSchema, Task
from adverts.arrays import Floats
from adverts.errors import IntegrityError
from adverts.inputs.encoding import MaskedTexts
from adverts.inputs.hashing import HashedNgrams
from adverts.runtime.rules.coverage import UNKNOWN, wider_tags
from adverts.runtime.rules.languages import Language
from adverts.runtime.rules.probabilities import log_odds
from adverts.runtime.stored_fields import Fields, parse_object

FILE_NAME = "early_exit.json"
SCHEMA_VERSION = 1
MAX_LIMITS, MAX_NAMES = 101, 1_000
"""Most limits, and most languages, of one model: the queue and 100 signs of danger."""


@dataclass(frozen=True, slots=True)
class ExitLimit:
    """The score of the n-grams under which an advert counts as clearly without a label.

    Attributes:
        task: Name of the task.
        label: Name of the label: the one that orders the queue, or a sign of danger to a person.
        value: Log-odds of the label by the n-grams alone; an advert at this value does not leave.
            None where no limit keeps the promise.
        clusters: Clusters with a positive that reaches the recall threshold, on which the promise
            rests.
        lost: How many of them have such a positive under ``value``; 0 without one.
        lost_high: Upper bound of the share of such clusters that is lost; None without a value.
        lack: Why there is no limit and how many clusters are missing; None where there is one.
    """

    task: str
    label: str
    value: float | None
    clusters: int = 0
    lost: int = 0
    lost_high: float | None = None
    lack: str | None = None


@dataclass(frozen=True, slots=True)
class ExitRule:
    """The limits of a model, and the adverts that they hold for.

    An advert leaves early if it is under every limit, and its language, script and parts are among
    those with evidence.

    Attributes:
        max_loss: Share of the positive clusters that reach the recall threshold which may be lost.
        confidence: Confidence of the promise of each limit, e.g. 0.95.
        limits: One for the label of the queue, and one for each sign of danger to a person.
        languages: Languages with enough positive clusters; ``unknown`` stands for an unknown one.
        scripts: ISO 15924 codes with enough positive clusters, in the same way.
        modalities: Parts of an advert with enough positive clusters, see
            :func:`adverts.runtime.rules.coverage.modality_of`.
        evidence: Which adverts the promise rests on, in words.
        adverts: Number of these adverts.
        share: Share of these adverts that leaves early; None where none does.
        data_hash: Hash of their dataset.
        models_compared: Number of models for the best of which the promise holds.
    """

    max_loss: float
    confidence: float
    limits: tuple[ExitLimit, ...]
    languages: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    evidence: str = ""
    adverts: int = 0
    share: float | None = None
    data_hash: str = ""
    models_compared: int = 1

    @property
    def lacks(self) -> tuple[str, ...]:
        """Why no advert leaves early, with the label that lacks evidence; empty where some do."""
        return tuple(f"{one.label}: {one.lack}" for one in self.limits if one.lack is not None)

    @property
    def promise(self) -> str:
        """What the rule promises, in words."""
        best = (
            "" if self.models_compared == 1 else f" for the best of {self.models_compared:,} models"
        )
        return (
            f"at most {100 * self.max_loss:g} % of the positive clusters that reach the recall "
            f"threshold are lost, at a confidence of {100 * self.confidence:g} %{best}"
        )

    @property
    def summary(self) -> str:
        """Whether adverts leave early, in a sentence; otherwise what is missing."""
        if self.lacks:
            return f"no advert leaves early: {'; '.join(self.lacks)}"
        share = f"{100 * (self.share or 0.0):.1f} %"
        return f"{share} of {self.adverts:,} adverts leave early: {self.promise}"

    def covers(self, schema: LabelSchema, dangers: tuple[str, ...]) -> bool:
        """Return whether the label of the queue and every sign of danger has a limit.

        Args:
            schema: Label schema of the model.
            dangers: Labels that are signs of danger to a person.
        """
        held = {one.label for one in self.limits if one.value is not None}
        queue = schema.task(schema.headline).positive
        return queue is not None and not self.lacks and {queue, *dangers} <= held

    def is_under(
        self, tasks: Mapping[str, Task], ngrams: Mapping[str, NDArray[np.float32]]
    ) -> NDArray[np.bool_]:
        """Return which adverts are under every limit, ``(N,)``.

        Args:
            tasks: The tasks of the model by name.
            ngrams: Calibrated logits of the n-grams, ``(N, K)`` by task; an advert with a NaN is
                never under a limit.
        """
        under = [
            label_odds(tasks[one.task], ngrams[one.task], one.label)
            < (-np.inf if one.value is None else one.value)
            for one in self.limits
        ]
        return np.asarray(np.logical_and.reduce(under))

    def has_evidence(self, language: Language, modality: str) -> bool:
        """Return whether the rule rests on adverts of this language, script and these parts.

        ``en-GB`` counts as ``en``, as in :meth:`adverts.runtime.rules.coverage.Coverage.find`.
        """
        known = {one.lower() for one in self.languages}
        return (
            any(tag in known for tag in wider_tags((language.tag or UNKNOWN).lower()))
            and (language.script or UNKNOWN) in self.scripts
            and modality in self.modalities
        )

    def check(self, schema: LabelSchema) -> None:
        """Refuse the limits of another model.

        Raises:
            IntegrityError: The model has no such task or label.
        """
        known = {(task.name, label) for task in schema.tasks for label in task.labels}
        for one in self.limits:
            if (one.task, one.label) not in known:
                raise IntegrityError(
                    f"{FILE_NAME} has a limit for the label {one.label[:60]!r} of the task "
                    f"{one.task[:60]!r}, which the model does not have"
                )

    def to_json(self) -> str:
        """Serialise; :meth:`from_json` gives an equal value, and equal values equal text."""
        plain = {"schema_version": SCHEMA_VERSION, **asdict(self)}
        return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> ExitRule:
        """Read what :meth:`to_json` wrote.

        Raises:
            IntegrityError: The text is no such rule or of another schema version; the message names
                the field.
        """
        try:
            return _read(parse_object(text, ""))
        except ValueError as error:
            raise IntegrityError(f"{FILE_NAME} is not valid: {error}") from error


def label_odds(task: Task, logits_NK: NDArray[np.float32] | Floats, label: str) -> Floats:
    """Return the log-odds of a label of a ``single`` or ``multi`` task, ``(N,)`` float64."""
    place, known_NK = task.labels.index(label), np.asarray(logits_NK, dtype=np.float64)
    if task.kind == "multi":
        return np.asarray(known_NK[:, place])
    with np.errstate(invalid="ignore"):  # an unknown logit gives an unknown score
        return np.asarray(log_odds(known_NK)[:, place])


def may_leave(advert: Advert, masked: MaskedTexts, ngrams: HashedNgrams) -> bool:
    """Return whether the n-grams read everything that an advert shows.

    They read nothing in an advert without a text, and do not see a picture: one without readable
    text is for the network.

    Args:
        advert: The advert.
        masked: Its caption and the text of its pictures as the model reads them.
        ngrams: Its hashed n-grams.
    """
    if not len(ngrams[0]):
        return False
    pictured = bool(advert.images) or advert.ocr_text is not None
    return masked[1] is not None if pictured else masked[0] is not None


def _read(fields: Fields) -> ExitRule:
    version = fields.number("schema_version")
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema_version is {version:g}, wanted {SCHEMA_VERSION}")
    found = ExitRule(
        max_loss=_share(fields, "max_loss"),
        confidence=_share(fields, "confidence"),
        limits=tuple(_read_limit(one) for one in fields.objects("limits")),
        languages=_names(fields, "languages"),
        scripts=_names(fields, "scripts"),
        modalities=_names(fields, "modalities"),
        evidence=fields.text("evidence"),
        adverts=fields.count("adverts"),
        share=fields.optional_share("share"),
        data_hash=fields.text("data_hash"),
        models_compared=fields.count("models_compared"),
    )
    fields.end()
    if not 1 <= len(found.limits) <= MAX_LIMITS:
        raise ValueError(f"limits holds {len(found.limits)} entries, wanted 1 to {MAX_LIMITS}")
    keys = {(one.task, one.label) for one in found.limits}
    if len(keys) < len(found.limits):
        raise ValueError("limits has two entries for one label")
    return found


def _read_limit(fields: Fields) -> ExitLimit:
    one = ExitLimit(
        task=fields.text("task"),
        label=fields.text("label"),
        value=fields.optional_number("value"),
        clusters=fields.count("clusters"),
        lost=fields.count("lost"),
        lost_high=fields.optional_share("lost_high"),
        lack=fields.optional_text("lack"),
    )
    fields.end()
    if (one.value is None) == (one.lack is None):
        raise ValueError(f"{fields.path('lack')} must be given where value is null, and only there")
    return one


def _names(fields: Fields, name: str) -> tuple[str, ...]:
    found = fields.texts(name)
    if len(found) > MAX_NAMES:
        raise ValueError(f"{fields.path(name)} holds {len(found)}, wanted at most {MAX_NAMES}")
    return found


def _share(fields: Fields, name: str) -> float:
    found = fields.number(name)
    if not 0 < found < 1:
        raise ValueError(f"{fields.path(name)} is {found:g}, wanted a number between 0 and 1")
    return found
