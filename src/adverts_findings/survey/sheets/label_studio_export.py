"""Reads what annotators answered in Label Studio from its export as JSON.

Source: Label Studio, "Label Studio Task Format", https://labelstud.io/guide/task_format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import cast

from adverts.data.review.answers import Answer, Round, note_of, saw_others_of, time_of
from adverts.data.review.people import require_person
from adverts.data.review.reviews import Review
from adverts.errors import InputError
from adverts.files.bounded_reading import parse_json, read_bounded
from adverts_findings.survey.sample import Sample
from adverts_findings.survey.sheets.check_answers import checked_reviews
from adverts_findings.survey.sheets.label_studio import ANSWER, NOTE, SAW_OTHERS

_MOST_BYTES, _MOST_VALUES = 1_000_000_000, 20_000_000


def read_export(path: Path, sample: Sample, reviews: Sequence[Review], *, now: str) -> list[Review]:
    """Return the annotations of an export as reviews.

    Cancelled annotations, and those without an answer, are left out. A task may have several.

    Args:
        path: The export.
        sample: The sample that it must be of.
        reviews: All reviews before.
        now: Time of annotations without one, ISO 8601 in UTC.

    Raises:
        InputError: The file is no such export, or an annotation is at fault, see
            :func:`~adverts_findings.survey.sheets.check_answers.checked_reviews`.
    """
    answers = [
        answer
        for number, task in enumerate(_tasks(path), start=1)
        for answer in _answers(f"{path}, task {number}", task, sample.question.task)
    ]
    return checked_reviews(answers, sample, reviews, now=now)


def _tasks(path: Path) -> list[object]:
    try:
        data = read_bounded(path, most=_MOST_BYTES)
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror})") from None
    try:
        tasks = parse_json(data, max_values=_MOST_VALUES)
    except ValueError as error:
        raise InputError(
            f"{path} is no export of Label Studio ({error}); export as JSON again"
        ) from None
    if not isinstance(tasks, list) or not tasks:
        raise InputError(f"{path} holds no task; export as JSON")
    return tasks


def _answers(where: str, task: object, asked: str) -> Iterator[Answer]:
    match task:
        case {
            "data": {"item": str(item), "sample": str(sample), "round": (1 | 2 | 3) as number},
            "annotations": [*annotations],
        }:
            for one in annotations:
                if not isinstance(one, Mapping):
                    raise InputError(f"{where}: found {type(one).__name__}, wanted an annotation")
                said = {} if one.get("was_cancelled") else _said(where, one)
                if said.get(ANSWER):
                    yield Answer(
                        where=where,
                        item=item,
                        task=asked,
                        label=said[ANSWER],
                        note=note_of(where, said.get(NOTE, "")),
                        sample=sample,
                        round=cast(Round, int(number)),
                        reviewer=_annotator(where, one.get("completed_by")),
                        reviewed_at=_time(where, one),
                        saw_others=saw_others_of(where, said.get(SAW_OTHERS, "")),
                    )
        case _:
            raise InputError(
                f"{where}: has no item, sample, round or annotations; import the tasks as they "
                "were written, and export as JSON, not as JSON-MIN"
            )


def _said(where: str, annotation: Mapping[str, object]) -> dict[str, str]:
    """Return what an annotator filled in, by its name in the labelling config."""
    said: dict[str, str] = {}
    match annotation:
        case {"result": [*results]}:
            for one in results:
                match one:
                    case {"from_name": str(name), "value": {"choices": [str(choice)]}}:
                        said[name] = choice
                    case {"from_name": str(name), "value": {"text": str(text)}}:
                        said[name] = text
                    case {"from_name": str(name), "value": {"text": [*lines]}}:
                        said[name] = "\n".join(map(str, lines))
                    case {"from_name": str(name)} if name in (ANSWER, SAW_OTHERS):
                        raise InputError(f"{where}: {name}: wanted one choice; keep one")
    return said


def _annotator(where: str, completed_by: object) -> str:
    """Return the address of an annotator, or their number.

    Raises:
        InputError: Neither is known.
    """
    match completed_by:
        case bool() | None:
            found = ""
        case {"email": str(email)} if email:
            found = email
        case int(number) | {"id": int(number)}:
            return str(number)
        case _:
            found = ""
    return require_person(f"{where}: reviewer", found)


def _time(where: str, annotation: Mapping[str, object]) -> str:
    found = annotation.get("updated_at") or annotation.get("created_at") or ""
    return time_of(where, str(found))
