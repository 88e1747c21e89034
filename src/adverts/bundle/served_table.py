"""Input and output columns of the table that MLflow scores, and its rows as requests."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from adverts.advert import Task
from adverts.errors import InputError
from adverts.runtime.predict.requests import MISTAKEN, PARTS, Request, read_object
from adverts.runtime.predict.responses import Response
from adverts.runtime.stream.json_lines import answer_object

COLUMNS_IN = (*PARTS, "lang", "id")
TEXT_COLUMNS_OUT = ("id", "review_band", "reason", "error_code", "error", "bundle")
VALUE_COLUMNS_OUT = ("routes", "safeguarding", "language", "exited", "order_only")
"""Columns of values as in an answer of the command line: lists, objects, and true or false."""
_BYTES = bytes | bytearray


def probability_columns(tasks: Sequence[Task]) -> Iterator[str]:
    """Yield ``<task>.<label>`` for each probability, in order."""
    return (f"{task.name}.{label}" for task in tasks for label in task.labels)


def requests_of(table: pd.DataFrame) -> list[Request]:
    """Return the request of each row; the request of a malformed row holds an error.

    Raises:
        InputError: The table has no column that holds a part of an advert, has a column twice, or
            has one under a name that would be ignored.
    """
    names = [name for name in table.columns if isinstance(name, str)]
    for mistaken, wanted in MISTAKEN.items():
        if mistaken in names:
            raise InputError(f"the column {mistaken} is not known; call it {wanted}")
    known = [name for name in COLUMNS_IN if name in names]
    if not set(known) & set(PARTS):
        raise InputError(f"the table has none of the columns {', '.join(PARTS)}")
    twice = [name for name in known if names.count(name) > 1]
    if twice:
        raise InputError(f"the column {twice[0]} is in the table twice; give it once")
    columns = [_column(table[name]) for name in known]
    return [_request(dict(zip(known, row, strict=True))) for row in zip(*columns, strict=True)]


def answers_of(
    requests: Sequence[Request],
    responses: Sequence[Response],
    tasks: Sequence[Task],
    index: pd.Index,
) -> pd.DataFrame:
    """Return one row for each response.

    Missing values are None, so that JSON has ``null``: probabilities where the row has an error,
    ``error`` and ``error_code`` where it has none, ``id`` where none was given. ``routes`` is a
    list of names, ``safeguarding`` a list of objects, ``language`` an object, and ``exited`` and
    ``order_only`` true or false, as in an answer of
    :func:`adverts.runtime.stream.json_lines.answer_object`.
    """
    titles = [*probability_columns(tasks), *TEXT_COLUMNS_OUT, *VALUE_COLUMNS_OUT]
    rows = [
        [*_probabilities(response, tasks), *_texts(request, response), *_values(response)]
        for request, response in zip(requests, responses, strict=True)
    ]
    table = pd.DataFrame(rows, columns=titles, index=index, dtype=object)
    for title in probability_columns(tasks):
        if not table[title].isna().any():
            table[title] = table[title].astype(float)
    return table


def _column(values: pd.Series) -> list[object]:
    """Return the values of a column, with None for every kind of missing value."""
    missing: list[bool] = values.isna().tolist()
    return [None if lacks else value for value, lacks in zip(values.tolist(), missing, strict=True)]


def _request(row: Mapping[str, object]) -> Request:
    image = row.get("image")
    entries = image if isinstance(image, list | tuple) else [image]
    if any(isinstance(entry, _BYTES) for entry in entries):
        row = {**row, "image": [_as_base64(entry) for entry in entries]}
    return read_object(row)


def _as_base64(entry: object) -> object:
    return base64.b64encode(entry).decode() if isinstance(entry, _BYTES) else entry


def _probabilities(response: Response, tasks: Sequence[Task]) -> Iterator[float | None]:
    for task in tasks:
        said = response.probabilities.get(task.name, {})
        yield from (said.get(label) for label in task.labels)


def _texts(request: Request, response: Response) -> Iterator[str | None]:
    yield None if request.id is None else _id(request.id)
    yield response.review_band
    yield response.reason
    yield None if response.error is None else response.error.code
    yield None if response.error is None else response.error.message
    yield response.versions.bundle


def _values(response: Response) -> Iterator[object]:
    answer = answer_object(response, id=None)
    return (answer[name] for name in VALUE_COLUMNS_OUT)


def _id(given: str | float) -> str:
    """Return an id as text; a whole number that pandas turned into a float is whole again."""
    return given if isinstance(given, str) else str(int(given))
