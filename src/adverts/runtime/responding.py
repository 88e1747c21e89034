"""Ask a classifier what requests ask; what asks nothing is answered with its error."""

from __future__ import annotations

from collections.abc import Sequence

from adverts import __version__
from adverts.advert import Prediction
from adverts.errors import InputError
from adverts.ocr.protocol import Reader
from adverts.runtime.classifier import Classifier
from adverts.runtime.requests import Request
from adverts.runtime.responses import ErrorCode, ItemError, Language, Response, Versions


def respond(
    classifier: Classifier,
    requests: Sequence[Request],
    *,
    reader: Reader | None = None,
    batch_size: int = 32,
    attributions: bool = False,
) -> list[Response]:
    """Return the response to each request, in the order given.

    Args:
        classifier: Scores what can be scored.
        requests: Some may be malformed; they spoil no other.
        reader: Reads pictures that come without their text.
        batch_size: Adverts in one pass through the model.
        attributions: Tell what each part of a text adds.
    """
    versions = versions_of(classifier)
    good = [request for request in requests if request.error is None]
    scored = iter(_scored(classifier, good, versions, reader=reader, batch_size=batch_size))
    return [
        next(scored) if request.error is None else _refusal(request.error, versions)
        for request in requests
    ]


def _refusal(error: ItemError, versions: Versions) -> Response:
    return Response("", "abstain", error.message, versions, error=error)


def versions_of(classifier: Classifier) -> Versions:
    """Return everything that decides the answers of a classifier."""
    manifest = classifier.manifest
    pinned = manifest.language_identifier
    return Versions(
        release=__version__,
        bundle=manifest.identity(),
        schema=manifest.schema_version,
        model=manifest.files["model.onnx"],
        thresholds=manifest.files["thresholds.json"],
        calibration=manifest.files["calibration.json"],
        masking=manifest.input_spec.masking_version,
        folding=manifest.input_spec.folding_version,
        language_identifier=None if pinned is None else f"{pinned['package']} {pinned['version']}",
        labels=manifest.label_schema.name,
        precision=manifest.precision,
    )


def _scored(
    classifier: Classifier,
    requests: Sequence[Request],
    versions: Versions,
    *,
    reader: Reader | None,
    batch_size: int,
) -> list[Response]:
    predictions = classifier.predict(
        texts=[request.text for request in requests],
        images=[request.images for request in requests],
        ocr=[request.ocr_text for request in requests],
        qualities=[request.ocr_quality for request in requests],
        ids=["" if request.id is None else str(request.id) for request in requests],
        languages=[request.lang for request in requests],
        reader=reader,
        batch_size=batch_size,
    )
    return [
        _response(classifier, prediction, versions, request.lang)
        for prediction, request in zip(predictions, requests, strict=True)
    ]


def _response(
    classifier: Classifier, prediction: Prediction, versions: Versions, lang: str | None
) -> Response:
    if prediction.error is not None:
        error = ItemError(_code(prediction.error), prediction.error)
        return Response(prediction.id, "abstain", prediction.error, versions, error=error)
    probabilities = {
        task.name: dict(zip(task.labels, prediction.probabilities[task.name], strict=True))
        for task in classifier.tasks
    }
    language = Language(lang, None, identified=False)
    try:
        decision = classifier.decide(prediction, lang)
    except InputError as error:
        return Response(
            prediction.id, "abstain", str(error), versions, probabilities, language=language
        )
    return Response(
        id=prediction.id,
        review_band=decision.review_band,
        reason=decision.reason,
        versions=versions,
        probabilities=probabilities,
        routes=decision.routes,
        safeguarding=decision.safeguarding,
        language=language,
    )


def _code(message: str) -> ErrorCode:
    return "pictures_not_read" if "pictures were not read" in message else "unreadable_image"
