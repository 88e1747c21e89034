"""Fictional adverts that travel with a bundle, and what its model said of them when it was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from adverts.errors import InputError, IntegrityError, ParityError
from adverts.runtime.classifier import Classifier
from adverts.runtime.lines import Request, read_fields
from adverts.runtime.manifest import EXAMPLES_NAME

Expected = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Replay:
    """How a replay went.

    Attributes:
        examples: How many were scored.
        max_difference: Largest difference of a probability from the one recorded.
        tolerance: What was allowed.
    """

    examples: int
    max_difference: float
    tolerance: float


def replay_examples(classifier: Classifier) -> Replay:
    """Score the bundle's examples again, here.

    Raises:
        IntegrityError: The bundle has no examples, or they do not fit its tasks.
        ParityError: A probability differs by more than the bundle allows.
    """
    tolerance, entries = _read(classifier.text_of(EXAMPLES_NAME))
    requests = [request for request, _ in entries]
    predictions = classifier.predict(
        texts=[request.text for request in requests],
        images=[request.images for request in requests],
        ocr=[request.ocr_text for request in requests],
        qualities=[request.ocr_quality for request in requests],
        ids=[request.id or "" for request in requests],
    )
    largest = 0.0
    for prediction, (_, expected) in zip(predictions, entries, strict=True):
        if prediction.error is not None:
            raise ParityError(
                f"example {prediction.id} cannot be read here: {prediction.error.message}"
            )
        found = prediction.probabilities
        largest = max(largest, _difference(prediction.id, found, expected))
    if largest > tolerance:
        raise ParityError(
            f"the examples differ by up to {largest:.2g} from what the bundle recorded, allowed is "
            f"{tolerance:.2g}: this machine or this release does not compute the same"
        )
    return Replay(len(entries), largest, tolerance)


def _read(text: bytes | None) -> tuple[float, list[tuple[Request, Expected]]]:
    try:
        raw = json.loads(text or b"")
        entries = [
            (read_fields(str(entry["id"]), entry), entry["probabilities"])
            for entry in raw["examples"]
        ]
        tolerance = float(raw["tolerance"])
    except (ValueError, TypeError, KeyError, RecursionError, InputError) as error:
        raise IntegrityError(f"{EXAMPLES_NAME} cannot be read; export the bundle again") from error
    if not entries:
        raise IntegrityError(f"{EXAMPLES_NAME} holds no example; export the bundle again")
    return tolerance, entries


def _difference(name: str, found: Expected, expected: Expected) -> float:
    if {task: list(values) for task, values in found.items()} != {
        task: list(values) for task, values in expected.items()
    }:
        raise IntegrityError(f"example {name} answers other tasks or labels than the model")
    return max(
        abs(found[task][label] - value)
        for task, values in expected.items()
        for label, value in values.items()
    )
