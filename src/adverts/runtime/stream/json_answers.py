"""A response as the JSON object that a service gets, as ``schemas/response.schema.json`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from adverts.runtime.predict.requests import RequestId
from adverts.runtime.predict.responses import Response, Versions


def answer_object(
    response: Response, *, id: RequestId, line: int | None = None, versions: bool = True
) -> dict[str, object]:
    """Return a response as values that ``json`` can write.

    Args:
        response: Of a classifier.
        id: As the request gave it.
        line: Where the request stood; told only with an error.
        versions: Tell what made the answer.
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
        "error": _object(response.error),
    }
    if response.attributions is not None:
        answer["attributions"] = [asdict(one) for one in response.attributions]
    if versions:
        answer["versions"] = versions_object(response.versions)
    return answer


def versions_object(versions: Versions) -> Mapping[str, object]:
    """Return what made an answer, by name."""
    return asdict(versions)


def _object(value: object) -> object:
    return None if value is None else asdict(value)  # type: ignore[call-overload]
