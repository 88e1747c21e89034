"""From logits to predictions: calibrated, and marked where they are for a person.

Shape suffixes: ``N`` adverts, ``K`` logits, ``L`` labels of a task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Prediction
from adverts.inputs.language import words_of
from adverts.inputs.scripts import script_of
from adverts.runtime.adverts import Candidate
from adverts.runtime.bundle import Bundle
from adverts.runtime.coverage import UNKNOWN, Coverage, modality_of
from adverts.runtime.languages import normal_tag, whole_text
from adverts.runtime.responses import Language
from adverts.runtime.routing import Decision, route

_LEFT = (
    "the model is not trusted with {modality} in {language} ({script}), "
    "leave it to a person: {reason}"
)
_NO_LANGUAGE = "a language that nobody told"
_NO_SCRIPT = "no letters"


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What a model says of ``N`` adverts, before it becomes probabilities.

    Attributes:
        logits: By task ``(N, K)`` float32; a row of NaN where the advert could not be read.
        errors: Why it could not, by advert; None where it could.
    """

    logits: Mapping[str, NDArray[np.float32]]
    errors: tuple[str | None, ...]


def predictions_of(
    candidates: Sequence[Candidate], scores: Scores, bundle: Bundle
) -> list[Prediction]:
    """Return the prediction of each advert by the rules of its bundle.

    Args:
        candidates: The adverts.
        scores: What the model says of them, in the same order.
        bundle: Its calibration, and the slices that it leaves to people.
    """
    read = [row for row, error in enumerate(scores.errors) if error is None]
    by_task = {
        task.name: bundle.rules.calibration.apply(task, scores.logits[task.name][read])
        for task in bundle.manifest.label_schema.tasks
    }
    predictions = [
        Prediction(candidate.advert.id, error=error)
        for candidate, error in zip(candidates, scores.errors, strict=True)
    ]
    for place, row in enumerate(read):
        predictions[row] = Prediction(
            id=candidates[row].advert.id,
            probabilities={name: tuple(found[place].tolist()) for name, found in by_task.items()},
            abstained=_abstained(bundle.coverage, candidates[row]),
        )
    return predictions


def decision_of(prediction: Prediction, bundle: Bundle, language: str | None) -> Decision:
    """Return what happens with an advert by the thresholds and the label facts of its bundle.

    One that could not be read is for a person.

    Raises:
        InputError: The headline task of the bundle has no positive label.
    """
    if prediction.error is not None:
        return Decision("abstain", (), (), prediction.error)
    schema = bundle.manifest.label_schema
    return route(
        {
            task.name: dict(zip(task.labels, prediction.probabilities[task.name], strict=True))
            for task in schema.tasks
        },
        bundle.rules.thresholds,
        bundle.label_facts.routing(schema),
        language=language,
        abstained=prediction.abstained,
    )


def _abstained(coverage: Coverage, candidate: Candidate) -> str | None:
    advert = candidate.advert
    script = script_of(words_of(whole_text(advert.text, advert.ocr_text)))
    said = Language(normal_tag(candidate.language), script, identified=False)
    found = coverage.find(said, modality_of(advert))
    if found is None or found.status != "abstain":
        return None
    language = _NO_LANGUAGE if found.language == UNKNOWN else found.language
    script = _NO_SCRIPT if found.script == UNKNOWN else found.script
    return _LEFT.format(
        modality=found.modality, language=language, script=script, reason=found.reason
    )
