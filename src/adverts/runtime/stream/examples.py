"""Replay the fictional adverts and texts of a bundle, and compare with the answers of its export.

They show that another machine computes the same, and that another release masks the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from adverts.errors import IntegrityError, ParityError
from adverts.inputs.contacts.masking import mask_contacts
from adverts.inputs.letters.folding import fold
from adverts.runtime.manifest import EXAMPLES_NAME
from adverts.runtime.opening.machine import instructions
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.requests import Request, read_object
from adverts.runtime.predict.responses import NOTHING_TO_READ, REVIEW_BANDS, Response
from adverts.runtime.rules.thresholds import label_scores
from adverts.runtime.stored_fields import Fields, parse_object
from adverts.runtime.stream.json_lines import respond

Probabilities = Mapping[str, Mapping[str, float]]
MAX_TOLERANCE = 0.1
"""Largest tolerance of a probability; a replay that allows more proves nothing."""
MAX_EXAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Example:
    """A request, and the review band and probabilities that it must get."""

    request: Request
    review_band: str
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class MaskedText:
    """A text with fictional contacts, the masked text, and the folded form of the masked text."""

    text: str
    masked: str
    folded: str


@dataclass(frozen=True, slots=True)
class Examples:
    """The content of ``examples.json``.

    Attributes:
        tolerance: Largest difference of a probability that a replay may find.
        adverts: Example adverts with the answers that they must get.
        texts: Example texts with their masked forms.
    """

    tolerance: float
    adverts: tuple[Example, ...]
    texts: tuple[MaskedText, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """The result of a replay of adverts.

    Attributes:
        examples: Number of adverts that were scored.
        max_difference: Largest difference of a probability from the one recorded.
        tolerance: Largest difference that was allowed.
    """

    examples: int
    max_difference: float
    tolerance: float


def read_examples(classifier: Classifier) -> Examples:
    """Read the examples of a bundle.

    Raises:
        IntegrityError: The bundle has no examples, or they are malformed.
    """
    try:
        fields = parse_object(classifier.text_of(EXAMPLES_NAME) or b"", "")
        examples = Examples(
            tolerance=fields.number("tolerance"),
            adverts=tuple(_example(one) for one in fields.objects("examples")),
            texts=tuple(_masked_text(one) for one in fields.objects("masking")),
        )
        if max(len(examples.adverts), len(examples.texts)) > MAX_EXAMPLES:
            raise ValueError(f"more than {MAX_EXAMPLES} examples")
        if not 0 <= examples.tolerance <= MAX_TOLERANCE:
            raise ValueError(f"tolerance is {examples.tolerance:g}, wanted 0 to {MAX_TOLERANCE}")
    except ValueError as error:
        raise IntegrityError(f"{EXAMPLES_NAME} cannot be read; export the bundle again") from error
    if not examples.adverts or not examples.texts:
        raise IntegrityError(f"{EXAMPLES_NAME} has no adverts or no texts; export the bundle again")
    return examples


def replay_texts(examples: Examples) -> int:
    """Mask and fold the texts again on this machine, and return how many there are.

    Raises:
        ParityError: A text is masked or folded differently: the model would read text of a kind
            that it was not trained on.
    """
    for number, one in enumerate(examples.texts):
        masked = mask_contacts(one.text)
        for what, found, wanted in (
            ("masked", masked, one.masked),
            ("folded", fold(masked), one.folded),
        ):
            if found != wanted:
                raise ParityError(
                    f"text {number} of the examples is {what} as {found!r}, but recorded is "
                    f"{wanted!r}: this release has different rules; use the release of the bundle"
                )
    return len(examples.texts)


def replay_examples(classifier: Classifier, examples: Examples | None = None) -> Replay:
    """Score the adverts again on this machine by the whole model, and return the result.

    None leaves early: a gate that judges the bundle later changes which adverts may.

    Args:
        classifier: Classifier of the bundle.
        examples: Examples of the bundle; None reads them.

    Raises:
        IntegrityError: The bundle has no examples, or they do not fit its tasks.
        ParityError: A probability differs by more than the bundle allows, or a review band does.
    """
    examples = examples or read_examples(classifier)
    requests = [example.request for example in examples.adverts]
    responses = respond(classifier, requests, early_exit=False)
    largest = 0.0
    for response, example in zip(responses, examples.adverts, strict=True):
        if response.error is not None:
            raise ParityError(
                f"example {example.request.id} cannot be read here: {response.error.message}"
            )
        largest = max(largest, _difference(example, response))
    tolerance = _tolerance(classifier, examples)
    if not largest <= tolerance:
        raise ParityError(
            f"the examples differ by up to {largest:.2g} from what the bundle recorded; the "
            f"limit is {tolerance:.2g}: this machine or this release computes differently"
        )
    for response, example in zip(responses, examples.adverts, strict=True):
        _compare_bands(classifier, example, response, tolerance)
    return Replay(len(examples.adverts), largest, tolerance)


def _tolerance(classifier: Classifier, examples: Examples) -> float:
    """Return the tolerance here; it is larger for int8 on a processor other than the export's.

    There the last bits of sums differ, and a last bit can round to another of 255 steps. So int8
    may differ from itself by as much as it differed from fp32 at the export.
    """
    manifest = classifier.manifest
    lost = manifest.parity.get("max_probability_difference")
    elsewhere = manifest.runs_on.get("instructions") != instructions()
    if manifest.precision == "int8" and elsewhere and isinstance(lost, float) and 0 < lost < 1:
        return max(examples.tolerance, lost)
    return examples.tolerance


def _example(fields: Fields) -> Example:
    band, said = fields.text("review_band"), fields.fields("probabilities")
    probabilities = {task: said.numbers_by_name(task) for task in said.names()}
    request = read_object({name: fields.value(name) for name in fields.names()})
    if request.error is not None or band not in REVIEW_BANDS:
        raise ValueError("an example is a request with review_band and probabilities")
    return Example(request, band, probabilities)


def _masked_text(fields: Fields) -> MaskedText:
    one = MaskedText(fields.text("text"), fields.text("masked"), fields.text("folded"))
    fields.end()
    return one


def _difference(example: Example, response: Response) -> float:
    found, expected = response.probabilities, example.probabilities
    if {task: list(said) for task, said in found.items()} != {
        task: list(said) for task, said in expected.items()
    }:
        raise IntegrityError(
            f"example {example.request.id} answers other tasks or labels than the model"
        )
    return max(
        abs(found[task][label] - value)
        for task, said in expected.items()
        for label, value in said.items()
    )


def _compare_bands(
    classifier: Classifier, example: Example, response: Response, tolerance: float
) -> None:
    """Refuse another band, unless the bundle abstains since a gate, or a threshold is too near.

    Also allow a difference where nothing can be read: earlier releases gave such adverts a band.
    """
    found, wanted = response.review_band, example.review_band
    judged_since = found == "abstain" and bool(classifier.coverage.slices)
    is_empty = response.reason == NOTHING_TO_READ
    tie = judged_since or is_empty or _is_tie(classifier, example, tolerance)
    if found != wanted and not tie:
        raise ParityError(
            f"example {example.request.id} is {found!r} here, but {wanted!r} is recorded: "
            "thresholds or rules of routing differ from those at export"
        )


def _is_tie(classifier: Classifier, example: Example, tolerance: float) -> bool:
    said = {
        task.name: np.array([[*example.probabilities[task.name].values()]])
        for task in classifier.tasks
    }
    tasks = {task.name: task for task in classifier.tasks}
    return any(
        abs(label_scores(tasks[one.task], said[one.task], one.label)[0] - one.value) <= tolerance
        for one in classifier.rules.thresholds.thresholds
        if one.value is not None
    )
