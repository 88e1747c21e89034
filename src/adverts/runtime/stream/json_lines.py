"""Read adverts and write responses as JSON lines, as the JSON Schemas (2020-12) describe them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Literal, get_args

from adverts.errors import InputError
from adverts.ocr.protocol import Reader
from adverts.runtime.predict.classifier import Classifier
from adverts.runtime.predict.logits_to_responses import versions_of
from adverts.runtime.predict.requests import Request, RequestId, read_request, refused
from adverts.runtime.predict.responses import Response, Versions
from adverts.runtime.predict.score_adverts import USUAL_BATCH

SchemaName = Literal["request", "response"]
SCHEMA_NAMES: tuple[SchemaName, ...] = get_args(SchemaName)
MAX_LINE_BYTES = 64_000_000
LINES_IN_MEMORY = 256
_BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}".encode()


def schema_text(name: SchemaName) -> str:
    """Return the text of the JSON Schema of a request or of a response."""
    place = resources.files("adverts.runtime") / "schemas" / f"{name}.schema.json"
    return place.read_text(encoding="utf-8")


def answer_object(
    response: Response, *, id: RequestId, line: int | None = None, versions: bool = True
) -> dict[str, object]:
    """Return a response as values that ``json`` can write.

    Args:
        response: Response of a classifier.
        id: Identifier as given in the request.
        line: Number of the request's line; included only with an error.
        versions: Whether to include the versions that made the answer.
    """
    answer: dict[str, object] = {"id": id}
    if response.error is not None and line is not None:
        answer["line"] = line
    answer |= {
        "review_band": response.review_band,
        "reason": response.reason,
        "routes": list(response.routes),
        "probabilities": {task: dict(said) for task, said in response.probabilities.items()},
        "safeguarding": [asdict(signal) for signal in response.safeguarding],
        "language": _object(response.language),
        "exited": response.exited,
        "order_only": response.order_only,
        "error": _object(response.error),
    }
    if response.attributions is not None:
        answer["attributions"] = [asdict(one) for one in response.attributions]
    if versions:
        answer["versions"] = versions_object(response.versions)
    return answer


def versions_object(versions: Versions) -> Mapping[str, object]:
    """Return the versions that made an answer, by name."""
    return asdict(versions)


def _object(value: object) -> object:
    return None if value is None else asdict(value)  # type: ignore[call-overload]


def respond(
    classifier: Classifier,
    requests: Sequence[Request],
    *,
    reader: Reader | None = None,
    batch_size: int = USUAL_BATCH,
    attributions: bool = False,
    early_exit: bool = True,
    readings: bool = False,
) -> list[Response]:
    """Return the response to each request, in the order given.

    Args:
        classifier: Classifier that scores the requests.
        requests: Requests; malformed ones get an error and do not affect the others.
        reader: Reader of pictures that come without their text.
        batch_size: Adverts in one pass through the model.
        attributions: Whether to include what each part of a text adds.
        early_exit: Whether adverts may leave early, where the bundle promises what that loses.
        readings: Whether to include what was read in each advert, which is kept in memory.
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
            early_exit=early_exit,
            readings=readings,
        )
    )
    versions = versions_of(classifier.manifest)
    return [
        next(scored)
        if request.error is None
        else Response("", "abstain", request.error.message, versions, error=request.error)
        for request in requests
    ]


@dataclass(slots=True)
class LineCounts:
    """Counts of the lines answered so far."""

    scored: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class Asking:
    """Settings that say how lines are answered.

    Attributes:
        batch_size: Adverts in one pass through the model.
        window_lines: Lines that are read before the first of them is answered; 1 answers each line
            before the next is read.
        attributions: Whether to include what each part of a text adds.
        versions: Whether to include in each answer the versions that made it.
    """

    batch_size: int = USUAL_BATCH
    window_lines: int = LINES_IN_MEMORY
    attributions: bool = False
    versions: bool = True

    def __post_init__(self) -> None:
        """Refuse a window without a line.

        Raises:
            InputError: ``window_lines`` is below 1.
        """
        if self.window_lines < 1:
            raise InputError(f"window_lines is {self.window_lines}, wanted at least 1")


def predict_lines(
    classifier: Classifier,
    lines: Iterable[str | bytes | None],
    *,
    asking: Asking | None = None,
    counts: LineCounts | None = None,
) -> Iterator[list[str]]:
    """Yield the answers to each window of lines: one JSON line for each line that is not blank.

    The JSON Schemas of :func:`schema_text` describe a line and its answer. An answer with an
    ``error`` also has the number of its ``line``, counted from 1.

    Args:
        classifier: Classifier that answers.
        lines: Lines of JSON; None for a line that was too long to be read.
        asking: Settings; None for the defaults.
        counts: Counts that are updated as lines are answered.
    """
    asking, counts = asking or Asking(), counts or LineCounts()
    for window in _windows(lines, asking.window_lines):
        requests = [request for _, request in window]
        responses = respond(
            classifier,
            requests,
            batch_size=asking.batch_size,
            attributions=asking.attributions,
        )
        counts.errors += sum(response.error is not None for response in responses)
        counts.scored += sum(response.error is None for response in responses)
        yield [
            json.dumps(
                answer_object(response, id=request.id, line=number, versions=asking.versions)
            )
            for (number, request), response in zip(window, responses, strict=True)
        ]


def _windows(lines: Iterable[str | bytes | None], most: int) -> Iterator[list[tuple[int, Request]]]:
    """Yield windows of requests with the numbers of their lines, bounded in count and bytes."""
    window: list[tuple[int, Request]] = []
    size = 0
    for number, line in enumerate(lines, 1):
        if line is not None and _is_blank(line):
            continue
        window.append((number, _too_long() if line is None else read_request(line)))
        size += len(line or b"")
        if len(window) >= most or size >= MAX_LINE_BYTES:
            yield window
            window, size = [], 0
    if window:
        yield window


def _is_blank(line: str | bytes) -> bool:
    if isinstance(line, bytes):
        return not line.removeprefix(_BYTE_ORDER_MARK).strip()
    return not line.removeprefix(_BYTE_ORDER_MARK.decode()).strip()


def _too_long() -> Request:
    return refused(
        f"the line has more than {MAX_LINE_BYTES:,} bytes; send fewer or smaller pictures",
        code="too_many_bytes",
    )
