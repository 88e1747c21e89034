"""Which adverts may carry a headline: only those that neither taught nor chose the model."""

from __future__ import annotations

from dataclasses import dataclass

from adverts.advert import SPLITS


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
