"""The sheet of one round of a sample, as a CSV file."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adverts.data.review.answer_sheet import read_answer_sheet, write_answer_sheet
from adverts.data.review.answers import Answer, Round
from adverts.data.review.reviews import Review
from adverts.errors import InputError, plural
from adverts_findings.survey.sample import Design, Sample
from adverts_findings.survey.sheets.check_answers import checked_reviews
from adverts_findings.survey.sheets.rounds import items_of_round

REASONS: dict[Design, str] = {"estimate": "sampled", "learn": "taught"}
"""Why an advert is on a sheet: the same for all of a sample, so that it gives nothing away."""


def write_sheet(path: Path, items: Sequence[str], sample: Sample, number: Round) -> None:
    """Write a new sheet for its owner alone, with one row to be filled in for each item.

    Args:
        path: New file; it must not exist.
        items: Names of the items, in the order of the sheet.
        sample: The sample.
        number: Round of the reviews.
    """
    write_answer_sheet(
        path,
        items,
        task=sample.question.task,
        reason=REASONS[sample.design],
        sample=sample.seal,
        number=number,
    )


def read_sheet(path: Path, sample: Sample, reviews: Sequence[Review], *, now: str) -> list[Review]:
    """Return what people filled in, as reviews; rows without a label are skipped.

    An answer without a time has that of the file, so that a sheet which is read again after a
    correction by another sheet does not undo it.

    Args:
        path: The sheet.
        sample: The sample that it must be of.
        reviews: All reviews before.
        now: The time now, ISO 8601 in UTC.

    Raises:
        InputError: The file is no sheet of this sample, or a row is at fault, see
            :func:`~adverts_findings.survey.sheets.check_answers.checked_reviews`.
    """
    answers = read_answer_sheet(path, sample.question.task)
    saved = max(sample.sealed_at, min(_saved(path), now))
    timed = [replace(one, reviewed_at=one.reviewed_at or saved) for one in answers]
    found = checked_reviews(timed, sample, reviews, now=now)
    _require_whole(path, answers, sample, reviews)
    return found


def _saved(path: Path) -> str:
    time = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
    return time.isoformat(timespec="seconds")


def _require_whole(
    path: Path, answers: Sequence[Answer], sample: Sample, reviews: Sequence[Review]
) -> None:
    """Refuse a sheet that lacks items of the first round which have no answer yet."""
    if not answers:
        raise InputError(f"{path} has no row; was the file cut short? Write the sheet again")
    if any(one.round != 1 for one in answers):
        return
    answered = {one.item for one in sample.own(reviews) if one.round == 1}
    lost = items_of_round(sample, (), 1) - answered - {one.item for one in answers}
    if lost:
        raise InputError(
            f"{path} lacks {plural(len(lost), 'item')} of round 1 ({min(lost)}"
            f"{', …' if len(lost) > 1 else ''}); was the file cut short? Bring the rows back: a "
            "row without an answer stays, with an empty label"
        )
