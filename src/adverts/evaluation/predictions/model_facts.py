"""Where a judged model and its adverts come from, and which adverts it may be judged on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from adverts.advert import SPLITS, LabelSchema
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
        place: Where the model was read from, as it may be shown to others.
        dataset: Name of the evaluated dataset.
        data_hash: Hash of the evaluated dataset.
        trained_on: Name and hash of the dataset that the model was trained on.
        split: Which adverts of the dataset were judged.
        selection: How the checkpoint was selected; None where it is unknown.
        refusal: Why these adverts allow no headline; None where they do.
        notes: Further notes for the reader.
        predicted: Maps a slice dimension to how many of its values were predicted, not given.
        command: Command that makes this report again.
        created: Time of the report, ISO 8601, UTC.
        commit: Commit of the code that judged the model; None where it is unknown.
        machine: Architecture and operating system.
        created_by: Release of the code that judged the model.
        predictions_sha256: Hash of the file of predictions next to the report; None where it was
            not recorded.
        synthetic: Whether the adverts are made up by a program, so that figures say nothing about
            real ones.
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
    predictions_sha256: str | None = None
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class DatasetName:
    """The identity of a dataset.

    Attributes:
        name: Name of the dataset; empty where it is unknown.
        data_hash: Hash of its rows; empty where it is unknown.
        sources: Hashes of the files that it was made from, as far as they are known.
    """

    name: str
    data_hash: str
    sources: frozenset[str] = frozenset()

    def to_plain(self) -> dict[str, object]:
        """Return the identity as data for JSON."""
        return {**asdict(self), "sources": sorted(self.sources)}


def headline_refusal(
    split: str, *, chosen_on: str | None, trained_on: DatasetName, judged_on: DatasetName
) -> str | None:
    """Return why the adverts of ``split`` allow no headline; None where they allow one.

    Args:
        split: Name of the judged split, or ``all``.
        chosen_on: Name of the split that chose the checkpoint; None where it is unknown.
        trained_on: The dataset that the model was trained on.
        judged_on: The dataset of the judged adverts.
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
    """Facts about a model, with the fields of ``adverts.candidates.candidate.Candidate``.

    Attributes:
        name: Name of the model config.
        kind: ``checkpoint`` or ``bundle``.
        schema: The tasks that the model answers.
        inputs: Which parts of an advert the model reads.
        trained_on: The dataset that the model was trained on.
        ocr_key: The reader of the pictures it was trained on; None where it is not recorded.
        selection: How the checkpoint was selected; None where it is not recorded.
        run_id: The tracked run that trained the model; None where there is none.
        identity: Identity of the model; models with equal ones make equal predictions.
        is_tfidf: Whether it is tf-idf with the shipped settings; None where it is not recorded.
        training: Identifies the training of the model; None where it is not recorded.
        disguises: Disguises in which training learnt from copies of its adverts.
        encoder_learnt: Datasets that its encoder had learnt from before, in other runs.
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
    disguises: tuple[str, ...] = ()
    encoder_learnt: tuple[DatasetName, ...] = ()

    def to_plain(self) -> Mapping[str, object]:
        """Return the facts as data for JSON."""
        learnt = [one.to_plain() for one in self.encoder_learnt]
        return {**asdict(self), "trained_on": self.trained_on.to_plain(), "encoder_learnt": learnt}
