"""Adverts and responses as JSON lines, for pipelines."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import islice

from adverts.advert import ReadQuality
from adverts.errors import InputError
from adverts.runtime.classifier import Classifier
from adverts.runtime.responses import Response

_PARTS = ("text", "image", "ocr_text")
_QUALITY = tuple(field.name for field in fields(ReadQuality))
_LINES_IN_MEMORY = 256


@dataclass(frozen=True, slots=True)
class Request:
    """What one line asks; ``error`` says why it asks nothing."""

    id: str | None
    text: str | None = None
    images: tuple[bytes, ...] = ()
    ocr_text: str | None = None
    ocr_quality: ReadQuality | None = None
    lang: str | None = None
    error: str | None = None


def predict_lines(
    classifier: Classifier, lines: Iterable[str | bytes], *, batch_size: int = 32
) -> Iterator[str]:
    """Yield one JSON line for each line that is not blank, in order.

    A request is an object with ``text``, ``image`` (base64, or a list of it) or ``ocr_text``, and
    perhaps ``ocr_quality`` (an object with the fields of :class:`~adverts.advert.ReadQuality`),
    ``lang`` (a BCP-47 tag) and an ``id``; other keys are context and ignored. An answer is ``{"id",
    "probabilities": {task: {label: p}}, "review_band", "reason"}``, or ``{"id", "line", "error"}``,
    where lines count from 1.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while window := list(islice(numbered, _LINES_IN_MEMORY)):
        requests = [read_request(line) for _, line in window]
        good = [request for request in requests if request.error is None]
        responses = iter(_predict(classifier, good, batch_size))
        for (number, _), request in zip(window, requests, strict=True):
            yield _answer(request, number, responses)


def read_request(line: str | bytes) -> Request:
    """Return what one line asks."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return Request(None, error="not JSON")
    if not isinstance(raw, dict):
        return Request(None, error="not a JSON object")
    name = None if raw.get("id") is None else str(raw["id"])
    try:
        return read_fields(name, raw)
    except InputError as error:
        return Request(name, error=str(error))


def read_fields(name: str | None, raw: Mapping[str, object]) -> Request:
    """Return the request that a JSON object holds.

    Raises:
        InputError: Every part is missing, or one is of the wrong type.
    """
    if not raw.keys() & set(_PARTS):
        raise InputError(f"none of the keys {', '.join(_PARTS)}")
    return Request(
        id=name,
        text=_text(raw, "text"),
        images=_images(raw.get("image")),
        ocr_text=_text(raw, "ocr_text"),
        ocr_quality=_quality(raw.get("ocr_quality")),
        lang=_text(raw, "lang"),
    )


def _predict(
    classifier: Classifier, requests: Sequence[Request], batch_size: int
) -> list[Response]:
    return classifier.predict(
        texts=[request.text for request in requests],
        images=[request.images for request in requests],
        ocr=[request.ocr_text for request in requests],
        qualities=[request.ocr_quality for request in requests],
        ids=[request.id or "" for request in requests],
        languages=[request.lang for request in requests],
        batch_size=batch_size,
    )


def _answer(request: Request, number: int, responses: Iterator[Response]) -> str:
    error = request.error
    answer: dict[str, object] = {"id": request.id}
    if error is None:
        response = next(responses)
        if response.error is not None:
            error = response.error.message
        else:
            answer |= {"probabilities": response.probabilities}
            answer |= {"review_band": response.review_band, "reason": response.reason}
    if error is not None:
        answer |= {"line": number, "error": error}
    return json.dumps(answer)


def _text(raw: Mapping[str, object], key: str) -> str | None:
    value = raw.get(key)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{key} is of type {type(value).__name__}, wanted a text")
    return value


def _quality(value: object) -> ReadQuality | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != set(_QUALITY):
        raise InputError(f"ocr_quality wants exactly the keys {', '.join(_QUALITY)}")
    return ReadQuality(**value)


def _images(value: object) -> tuple[bytes, ...]:
    if value is None:
        return ()
    entries = value if isinstance(value, list) else [value]
    return tuple(_decode(entry) for entry in entries)


def _decode(entry: object) -> bytes:
    if not isinstance(entry, str):
        raise InputError(f"image is of type {type(entry).__name__}, wanted base64 text")
    try:
        return base64.b64decode(entry, validate=True)
    except (binascii.Error, ValueError):
        raise InputError("image is not base64") from None
