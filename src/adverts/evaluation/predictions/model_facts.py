"""What must be known of a model to judge it by its predictions alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from adverts.advert import LabelSchema, Task
from adverts.evaluation.predictions.origin import Selection
from adverts.evaluation.predictions.permission import DatasetName
from adverts.inputs.spec import InputName


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
