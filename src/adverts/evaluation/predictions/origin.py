"""Where a judged model and its adverts come from, as a stranger may know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Selection:
    """What chose the checkpoint among those of its run."""

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
