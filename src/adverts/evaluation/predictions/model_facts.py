"""Where a judged model and its adverts come from, and which adverts it may be judged on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from adverts.advert import SPLITS, LabelSchema, Task
from adverts.inputs.spec import InputName


@dataclass(frozen=True, slots=True)
class Selection:
    """What chose a checkpoint among those of its run.

    Attributes:
        split: The split it was chosen on; no headline figure may come from it.
        metric: ``average_precision``, ``macro_f1`` or ``loss``.
        value: Value of the metric.
        step: Optimiser steps done; 0 for a model that is fitted in one go.
    """

    split: str
    metric: str
    value: float
    step: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the judged model and the adverts come from.

    Attributes:
        kind: ``checkpoint``, ``bundle`` or ``predictions``.
        place: Where the model was read from, as a stranger may know it.
        dataset: Name of the evaluated dataset.
        data_hash: Its hash.
        trained_on: Name and hash of the dataset that the model was trained on.
        split: Which adverts of the dataset were judged.
        selection: What chose the checkpoint; None where it is not known.
        refusal: Why these adverts allow no headline; None where they do.
        notes: What a reader must know besides.
        predicted: By dimension of the slices, how many of its values were predicted, not given.
        command: How to get this report again.
        created: Time, ISO 8601, UTC.
        commit: Of the code that judged; None where it is not known.
        machine: Architecture and system.
        created_by: Release that judged.
    """

    kind: str
    place: str
    dataset: str
    data_hash: str
    trained_on: str
    split: str
    selection: Selection | None
    refusal: str | None
    notes: tuple[str, ...]
    command: str
    created: str
    commit: str | None
    machine: str
    created_by: str
    predicted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatasetName:
    """Which dataset.

    Attributes:
        name: Empty where it is not known.
        data_hash: Of its rows; empty where it is not known.
        sources: Hashes of the files it was made from, as far as they are known.
    """

    name: str
    data_hash: str
    sources: frozenset[str] = frozenset()


def headline_refusal(
    split: str, *, chosen_on: str | None, trained_on: DatasetName, judged_on: DatasetName
) -> str | None:
    """Return why the adverts of ``split`` allow no headline; None where they allow one.

    Args:
        split: The judged split, or ``all``.
        chosen_on: The split that chose the checkpoint; None where it is not known.
        trained_on: The dataset of the model.
        judged_on: The dataset of the adverts.
    """
    if trained_on.data_hash != judged_on.data_hash:
        return _other_dataset(trained_on, judged_on)
    if split == "train":
        return "The model was trained on the split train, so its figures there are too good."
    if split == "all":
        return f"All splits hold the adverts that the model was trained on ({', '.join(SPLITS)})."
    if chosen_on is None:
        return "It is not known which split chose this checkpoint; it may have been this one."
    if split == chosen_on:
        return f"The split {split} chose this checkpoint, so its figures there are too good."
    return None


def _other_dataset(trained_on: DatasetName, judged_on: DatasetName) -> str | None:
    if trained_on.sources & judged_on.sources:
        return (
            f"The model was trained on {trained_on.name}, which was made from the same source as "
            f"{judged_on.name}: it may have been trained on these adverts."
        )
    if trained_on.name and trained_on.name != judged_on.name:
        return None
    if not trained_on.data_hash:
        return "It is not known which adverts the model was trained on; it may know these."
    return (
        f"The model was trained on another preparation of {judged_on.name} (data "
        f"{trained_on.data_hash[:12]}, here {judged_on.data_hash[:12]}), whose splits may differ: "
        "it may have been trained on these adverts."
    )


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """Where predictions come from; fields are those of ``adverts.candidates.candidate.Candidate``.

    Attributes:
        name: Name of the model config.
        kind: ``checkpoint`` or ``bundle``.
        schema: The tasks that it answers.
        inputs: Which parts of an advert it reads.
        trained_on: Its dataset.
        ocr_key: The reader of the pictures it was trained on; None where it is not recorded.
        selection: What chose it; None where it is not recorded.
        run_id: The tracked run that trained it; None where there is none.
        identity: Equal ones say the same.
        is_tfidf: Is it the hashed baseline? None where it is not recorded.
        training: Names its training; None where it is not recorded.
    """

    name: str
    kind: str
    schema: LabelSchema
    inputs: tuple[InputName, ...]
    trained_on: DatasetName
    ocr_key: str | None
    selection: Selection | None
    run_id: str | None
    identity: str
    is_tfidf: bool | None = None
    training: str | None = None

    def to_plain(self) -> Mapping[str, object]:
        """Return them as JSON holds them."""
        trained_on = {**asdict(self.trained_on), "sources": sorted(self.trained_on.sources)}
        return {**asdict(self), "trained_on": trained_on}


def facts_from(raw: Mapping[str, Any]) -> ModelFacts:
    """Read what :meth:`ModelFacts.to_plain` gave.

    Raises:
        KeyError: A fact is missing.
        TypeError: One is of another kind.
    """
    schema, trained_on, selection = raw["schema"], raw["trained_on"], raw["selection"]
    tasks = tuple(Task(**{**one, "labels": tuple(one["labels"])}) for one in schema["tasks"])
    return ModelFacts(
        name=raw["name"],
        kind=raw["kind"],
        schema=LabelSchema(schema["name"], tasks, schema["headline"]),
        inputs=tuple(raw["inputs"]),
        trained_on=DatasetName(
            trained_on["name"], trained_on["data_hash"], frozenset(trained_on["sources"])
        ),
        ocr_key=raw["ocr_key"],
        selection=None if selection is None else Selection(**selection),
        run_id=raw["run_id"],
        identity=raw["identity"],
        is_tfidf=raw.get("is_tfidf"),
        training=raw.get("training"),
    )
