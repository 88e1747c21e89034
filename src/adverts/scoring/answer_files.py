"""The file of answers that a unit writes: Parquet, CSV or JSON Lines, the same columns in each."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol

from adverts.advert import Task
from adverts.files.delimited import delimited, guarded, plain_number, unguarded
from adverts.files.staging import open_private
from adverts.runtime.predict.responses import Response

if TYPE_CHECKING:
    import pyarrow as pa

ANSWERS = "scores"
"""Folder of the files of answers."""
AnswerFormat = Literal["parquet", "csv", "jsonl"]
Answer = tuple[Any, ...]
"""The values of one advert, in the order of :data:`COLUMNS`."""
COLUMNS = (
    "id",
    "review_band",
    "score",
    "reason",
    "probabilities",
    "routes",
    "safeguarding",
    "language",
    "script",
    "exited",
    "order_only",
    "error",
    "bundle",
    "release",
)
"""Columns of answers, which hold neither text nor contact:

* ``id``: id of the advert; ``file#row`` where the source has no ids.
* ``review_band``, ``reason``, ``routes``: see :class:`adverts.runtime.predict.responses.Response`.
* ``score``: probability of the positive label of the headline task, which orders a queue; missing
  with an error, where nothing can be read, and where that task has no positive label.
* ``probabilities``: probability of each label of each task; missing with an error.
* ``safeguarding``: signs of danger to a person, each with its probability, likeliest first.
* ``language``, ``script``: BCP-47 tag and ISO 15924 code; missing where they are not known.
* ``exited``: whether the n-grams alone judged the advert, and gave its probabilities.
* ``order_only``: whether the score only orders the queue, since no threshold ships.
* ``error``: code of the error; missing for an advert that was scored.
* ``bundle``, ``release``: identity of the bundle and version of this package.
"""


def answers_name(unit: int, kind: AnswerFormat) -> str:
    """Return the name of the file of answers of a unit."""
    return f"{ANSWERS}/{unit:06d}.{kind}"


def answer_of(id: str, response: Response, score: float | None) -> Answer:
    """Return the values of an advert for a file of answers."""
    language, versions = response.language, response.versions
    return (
        id,
        response.review_band,
        score,
        response.reason,
        response.probabilities or None,
        response.routes,
        [{"label": one.label, "probability": one.probability} for one in response.safeguarding],
        language.tag if language else None,
        language.script if language else None,
        response.exited,
        response.order_only,
        response.error.code if response.error else None,
        versions.bundle,
        versions.release,
    )


@dataclass(frozen=True, slots=True)
class JudgedAnswer:
    """What can be counted of an answer; see :data:`COLUMNS`."""

    id: str
    review_band: str
    reason: str
    language: str | None
    exited: bool
    error: str | None


def read_answers(content: bytes, kind: AnswerFormat) -> list[JudgedAnswer]:
    """Return the answers of a file that :func:`open_answers` made.

    Raises:
        ValueError: It is not such a file.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = [one.name for one in fields(JudgedAnswer)]
    try:
        match kind:
            case "parquet":
                table = pq.read_table(io.BytesIO(content), columns=names)
                rows = zip(*(table[name].to_pylist() for name in names), strict=True)
                return [JudgedAnswer(*row) for row in rows]
            case "csv":
                lines = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
                return [
                    JudgedAnswer(**{name: _of_cell(name, line[name]) for name in names})
                    for line in lines
                ]
            case "jsonl":
                found = map(json.loads, content.splitlines())
                return [JudgedAnswer(*(one[name] for name in names)) for one in found]
    except (pa.ArrowException, OSError, csv.Error, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no file of answers ({type(error).__name__})") from None


def _of_cell(name: str, cell: str) -> Any:  # noqa: ANN401 - the value of a column
    """Return the value that :func:`_csv_cell` wrote."""
    if name == "exited":
        return cell == "yes"
    return unguarded(cell) or None


class AnswerFile(Protocol):
    """A new private file that answers are added to."""

    def add(self, answers: Sequence[Answer]) -> None:
        """Add answers."""

    def close(self) -> None:
        """Finish the file."""


def open_answers(path: Path, kind: AnswerFormat, tasks: Sequence[Task]) -> AnswerFile:
    """Create a file of answers that only its owner can read."""
    match kind:
        case "parquet":
            return _Parquet(path, tasks)
        case "csv":
            return _Csv(path)
        case "jsonl":
            return _JsonLines(path)


class _Parquet:
    """One row group for each call; equal answers give equal bytes."""

    def __init__(self, path: Path, tasks: Sequence[Task]) -> None:
        import pyarrow.parquet as pq

        self._schema, self._file = _schema(tasks), open_private(path)
        self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")

    def add(self, answers: Sequence[Answer]) -> None:
        import pyarrow as pa

        if not answers:
            return
        columns = zip(*answers, strict=True)
        arrays = [
            pa.array(values, field.type)
            for values, field in zip(columns, self._schema, strict=True)
        ]
        self._writer.write_batch(pa.record_batch(arrays, schema=self._schema))

    def close(self) -> None:
        self._writer.close()
        self._file.close()


def _schema(tasks: Sequence[Task]) -> pa.Schema:
    import pyarrow as pa

    text, names = pa.string(), pa.dictionary(pa.int32(), pa.string())
    probabilities = pa.struct(
        [(task.name, pa.struct([(label, pa.float32()) for label in task.labels])) for task in tasks]
    )
    kinds = {
        "id": text,
        "score": pa.float32(),
        "exited": pa.bool_(),
        "order_only": pa.bool_(),
        "probabilities": probabilities,
        "routes": pa.list_(text),
        "safeguarding": pa.list_(pa.struct([("label", text), ("probability", pa.float32())])),
    }
    return pa.schema([(name, kinds.get(name, names)) for name in COLUMNS])


class _Csv:
    """One header, then one line an advert; lists and probabilities are JSON in their cells."""

    def __init__(self, path: Path) -> None:
        self._file = open_private(path)
        self._file.write(delimited([COLUMNS]))

    def add(self, answers: Sequence[Answer]) -> None:
        self._file.write(delimited(map(_csv_cell, answer) for answer in answers))

    def close(self) -> None:
        self._file.close()


def _csv_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else ""
        case float():
            return plain_number(value)
        case str():
            return guarded(value, numbers=False)
        case _:
            return json.dumps(_rounded(value), ensure_ascii=False) if value else ""


class _JsonLines:
    """One object a line."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = open_private(path)

    def add(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            record = {name: _rounded(value) for name, value in zip(COLUMNS, answer, strict=True)}
            line = json.dumps(record, ensure_ascii=False).encode(errors="replace")
            self._file.write(line + b"\n")

    def close(self) -> None:
        self._file.close()


def _rounded(value: Any) -> Any:  # noqa: ANN401 - any value of JSON
    """Return a value with its numbers in six digits, as many as a score of 32 bits has."""
    match value:
        case float():
            return float(f"{value:.6g}")
        case dict():
            return {name: _rounded(one) for name, one in value.items()}
        case list() | tuple():
            return [_rounded(one) for one in value]
        case _:
            return value
