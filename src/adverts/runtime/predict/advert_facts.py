"""Facts of one scored advert that show whether adverts are like those that a bundle was judged on.

They hold no text, and are the same at export and in service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adverts.advert import ReadQuality
from adverts.inputs.encoding import TokenizerError
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.responses import NOTHING_TO_READ, Reading, Response
from adverts.runtime.rules.seen_facts import FactName

Facts = Mapping[FactName, float | str | None]
_GOOD, _FAIR = 0.8, 0.5
_FEW, _SOME = 0.02, 0.1


def score_of(classifier: Classifier) -> Callable[[Response], float | None]:
    """Return the function that finds the probability that orders a queue in a response."""
    schema = classifier.manifest.label_schema
    task = schema.task(schema.headline)

    def score(response: Response) -> float | None:
        if task.positive is None or response.reason == NOTHING_TO_READ:
            return None
        return response.probabilities.get(task.name, {}).get(task.positive)

    return score


def facts_of(classifier: Classifier) -> Callable[[Response, Reading, str], Facts]:
    """Return the function that tells the facts of a scored advert from its answer and modality.

    A fact that the model cannot have, such as unknown tokens of a model without tokens, is left
    out.
    """
    score, encoder = score_of(classifier), classifier.encoder
    reads_pictures = "ocr" in encoder.spec.inputs

    def facts(response: Response, reading: Reading, modality: str) -> Facts:
        language = response.language
        found: dict[FactName, float | str | None] = {
            "score": score(response),
            "language": language.tag if language else None,
            "script": language.script if language else None,
            "modality": modality,
            "characters": float(sum(len(part) for part in reading.masked if part)),
        }
        if reads_pictures:
            found["ocr_quality"] = _quality_band(reading, modality)
        try:
            share = encoder.unknown_share(reading.masked)
        except TokenizerError:  # of an advert that left early, which no tokenizer had read
            return found
        if share is not None:
            found["unknown_tokens"] = _share_band(share)
        return found

    return facts


def _quality_band(reading: Reading, modality: str) -> str:
    if "image" not in modality:
        return "no picture"
    if not reading.masked[1]:
        return "no text in pictures"
    return _confidence_band(reading.advert.ocr_quality)


def _confidence_band(quality: ReadQuality | None) -> str:
    if quality is None:
        return "not known"
    if quality.confidence >= _GOOD:
        return "read well"
    return "read fairly" if quality.confidence >= _FAIR else "read badly"


def _share_band(share: float) -> str:
    if share == 0:
        return "none"
    if share <= _FEW:
        return "up to 2 %"
    return "2 to 10 %" if share <= _SOME else "over 10 %"
