"""Turns the answers of a sheet into reviews, if they are answers to a sample."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from adverts.data.review.answers import Answer, Round
from adverts.data.review.people import person
from adverts.data.review.review_sheet import nearest
from adverts.data.review.reviews import UNSURE, Review, last_words
from adverts.errors import InputError
from adverts.moments import CLOCKS_DIFFER, is_later
from adverts_findings.survey.sample import Sample
from adverts_findings.survey.sheets.rounds import (
    items_of_round,
    require_complete,
    require_independent,
)

_ROUNDS: tuple[Round, ...] = (1, 2, 3)
_A_DAY = datetime.timedelta(days=1)  # a date may be noted without a time


def checked_reviews(
    answers: Sequence[Answer], sample: Sample, reviews: Sequence[Review], *, now: str
) -> list[Review]:
    """Return the answers that were given, as reviews.

    Args:
        answers: Answers, those without a label too.
        sample: The sample that asked.
        reviews: All reviews before; those of other samples do not count.
        now: Time of answers without one, ISO 8601 in UTC.

    Raises:
        InputError: An answer is about another sample, item or round, or has no such label; it was
            given before the sample was sealed, or before its reviewer said otherwise; the round
            before is not complete; or its reviewer may not review the item. The message names the
            first such row.
    """
    _require_asked(answers, sample)
    given = [one for one in answers if one.label]
    for one in given:
        _require_legal(one, sample, now=now)
    design, codebook = sample.design, sample.question.codebook
    added = [one.review(design=design, codebook=codebook, now=now) for one in given]
    for number in _ROUNDS:
        before = [*reviews, *(one for one in added if one.round < number)]
        of_round = [one for one in given if one.round == number]
        if of_round:
            require_complete(sample, before, before=number)
            _require_in_round(of_round, items_of_round(sample, before, number))
    require_independent(sample, reviews, added)
    _require_last(given, added, sample.own(reviews))
    return added


def _require_asked(answers: Sequence[Answer], sample: Sample) -> None:
    seal, items = sample.seal, items_of_round(sample, (), 1)
    for one in answers:
        if one.sample != seal:
            raise InputError(
                f"{one.where}: is of another sample ({one.sample[:12]!r}); {sample.name} is "
                f"{seal[:12]}: give the sheet of this sample"
            )
        if one.item not in items:
            raise InputError(
                f"{one.where}: {one.item[:40]!r} is no item of sample {sample.name}; restore its "
                "name, or remove the row"
            )


def _require_legal(answer: Answer, sample: Sample, *, now: str) -> None:
    question = sample.question
    legal = list(dict.fromkeys([*(one.label for one in question.choices), UNSURE]))
    if answer.task != question.task:
        raise InputError(
            f"{answer.where}: is about task {answer.task!r}; sample {sample.name} asks about "
            f"{question.task}"
        )
    if answer.label not in legal:
        near = nearest(answer.label, legal)
        raise InputError(f"{answer.where}: no such label {answer.label[:100]!r}{near}")
    if answer.reviewed_at:
        time, first, last = map(
            datetime.datetime.fromisoformat, (answer.reviewed_at, sample.sealed_at, now)
        )
        if not first - _A_DAY <= time <= last + CLOCKS_DIFFER:
            raise InputError(
                f"{answer.where}: reviewed_at: found {answer.reviewed_at}, but the sample was "
                f"sealed at {sample.sealed_at}, and it is {now}; correct the time, or clear it"
            )


def _require_in_round(answers: Sequence[Answer], items: frozenset[str]) -> None:
    for one in answers:
        if one.item not in items:
            raise InputError(
                f"{one.where}: {one.item} is not asked about in round {one.round}; clear its "
                "label, or correct the round"
            )


def _require_last(given: Sequence[Answer], added: Sequence[Review], own: Sequence[Review]) -> None:
    """Refuse an answer that is new and yet older than another one of its reviewer.

    It would be kept and not count, and nobody would know that a correction is lost.
    """
    known, last = set(own), {_asked(one): one for one in last_words(own)}
    for answer, one in zip(given, added, strict=True):
        before = last.get(_asked(one))
        if one in known or before is None or before.label == one.label:
            continue
        if is_later(before.reviewed_at, one.reviewed_at):
            raise InputError(
                f"{answer.where}: is of {one.reviewed_at}, and {one.reviewer} said otherwise of "
                f"{one.item} at {before.reviewed_at}, which counts; to correct that, clear "
                "reviewed_at or write when it was corrected"
            )


def _asked(review: Review) -> tuple[str, int, str]:
    return review.item, review.round, person(review.reviewer)
