"""Ask a classifier what requests ask; what asks nothing is answered with its error."""

from __future__ import annotations

from collections.abc import Sequence

from adverts.ocr.protocol import Reader
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.requests import Request
from adverts.runtime.predict.responder import versions_of
from adverts.runtime.predict.responses import Response
from adverts.runtime.predict.scoring import USUAL_BATCH


def respond(
    classifier: Classifier,
    requests: Sequence[Request],
    *,
    reader: Reader | None = None,
    batch_size: int = USUAL_BATCH,
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
    good = [request for request in requests if request.error is None]
    scored = iter(
        classifier.predict(
            texts=[request.text for request in good],
            images=[request.images for request in good],
            ocr=[request.ocr_text for request in good],
            qualities=[request.ocr_quality for request in good],
            ids=["" if request.id is None else str(request.id) for request in good],
            languages=[request.lang for request in good],
            reader=reader,
            batch_size=batch_size,
            attributions=attributions,
        )
    )
    versions = versions_of(classifier.manifest)
    return [
        next(scored)
        if request.error is None
        else Response("", "abstain", request.error.message, versions, error=request.error)
        for request in requests
    ]
