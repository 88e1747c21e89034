"""Record what recipients answered, and what follows where a decision was reversed on appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adverts.data.mapping.taxonomy import read_taxonomy
from adverts.data.review.people import person
from adverts.data.review.reviews import (
    SAFEGUARDING,
    UNSURE,
    Review,
    append_reviews,
    last_words,
    read_reviews,
)
from adverts.errors import InputError
from adverts.moments import moment
from adverts_findings.sharing.ledger.ledger_entry import Answered
from adverts_findings.sharing.ledger.open_ledger import ledger_turn, require_ledger
from adverts_findings.sharing.ledger.outstanding import OutItem, outstanding
from adverts_findings.sharing.ledger.references import act_reference


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """What came of recording answers.

    Attributes:
        added: Number of answers that were added to the ledger.
        known: Number of answers that it held already.
        retract: References that have to be withdrawn for cause ``appeal upheld``: what is out, at
            any recipient, of the adverts on which a platform took its decision back.
        barred: Number of reviews that were added, each of which bars an advert from being shared.
    """

    added: int
    known: int
    retract: tuple[str, ...]
    barred: int


def record_answers(
    path: Path, answers: Sequence[Answered], *, reviews: Path, by: str, account: str, at: str
) -> RecordedAnswers:
    """Record answers in the ledger; one that it holds already is not recorded twice.

    A platform that took its decision back on appeal is evidence that the label was an error, not a
    review. So the person who records it is recorded as unsure of the advert, which may not be
    shared until people review it again: see :func:`doubt_of`. Reviews are written first, so that a
    process that is killed leaves no reversed answer without one.

    Args:
        path: The ledger.
        answers: The answers, see :func:`adverts_findings.sharing.ledger.answers_csv.read_answers`.
        reviews: File of what people said of adverts.
        by: Person who records it.
        account: Account of the system that does it.
        at: When, ISO 8601 in UTC.

    Raises:
        InputError: An answer is of an unknown reference, no review of a reversed advert is found,
            or a file cannot be written. Nothing was recorded then but what the disk had room for.
        IntegrityError: The ledger or a review is damaged.
    """
    if not person(by):
        raise InputError("the ledger needs to know who records answers; give approved_by=…")
    require_ledger(path)
    with ledger_turn(path) as turn:
        out = outstanding(turn.entries)
        unknown = [one.reference for one in answers if one.reference not in out]
        if unknown:
            raise InputError(f"{path} has no item {unknown[0][:40]}; nothing was recorded")
        new = [one for one in dict.fromkeys(answers) if not _is_known(one, out)]
        doubts = _doubts(answers, out, reviews, by=by, at=at)
        barred = append_reviews(reviews, doubts) if doubts else 0
        for one in new:
            recipient = out[one.reference].recipient
            entry = turn.next_entry(
                at=at,
                reference=act_reference("A", turn.head, recipient),
                recipient=recipient,
                account=account,
                approved_by=by,
                reason="",
                act=one,
            )
            turn.append(entry)
        return RecordedAnswers(len(new), len(answers) - len(new), _to_retract(answers, out), barred)


def _is_known(answer: Answered, out: Mapping[str, OutItem]) -> bool:
    return any(answer == known for _, known in out[answer.reference].answers)


def _to_retract(answers: Sequence[Answered], out: Mapping[str, OutItem]) -> tuple[str, ...]:
    """Return what is still out of the adverts of reversed answers, at any recipient."""
    reversed_items = {out[one.reference].item.item for one in answers if one.appeal == "reversed"}
    return tuple(
        sorted(
            name
            for name, one in out.items()
            if one.item.item in reversed_items and one.withdrawal is None
        )
    )


def _doubts(
    answers: Sequence[Answered], out: Mapping[str, OutItem], path: Path, *, by: str, at: str
) -> list[Review]:
    """Return a review for each advert on which a decision was reversed, where none is there."""
    doubted = {out[one.reference].item.item: one for one in answers if one.appeal == "reversed"}
    if not doubted:
        return []
    every = read_reviews(path)
    said, notes = last_words(every), {(one.item, one.note) for one in every}
    return [
        doubt_of(
            [one for one in said if one.item == item], out[answer.reference], path, by=by, at=at
        )
        for item, answer in doubted.items()
        if (item, _note_of(out[answer.reference])) not in notes
    ]


def _note_of(item: OutItem) -> str:
    return f"reversed on appeal, {item.item.reference}"


def doubt_of(said: Sequence[Review], item: OutItem, path: Path, *, by: str, at: str) -> Review:
    """Return the review that bars an advert until people review it again.

    It is in the third round if somebody decided there before, otherwise in the first. So it
    contradicts what was said, and another decision in the third round, or another word of the same
    person in the same round, lifts it. After two people in the third round, the word of the one who
    recorded the doubt is needed.

    Args:
        said: What people said of the advert.
        item: What was shared.
        path: File of the reviews, for messages.
        by: Person who records the doubt.
        at: When, ISO 8601 in UTC.

    Raises:
        InputError: Nobody reviewed the advert.
    """
    asked = [one for one in said if one.task != SAFEGUARDING]
    if not asked:
        raise InputError(
            f"{path} has no review of {item.item.item} ({item.item.reference}), which has to be "
            "barred after an appeal; give reviews=…, the file that it was shared by"
        )
    headline = read_taxonomy().label_schema().headline
    tasks = {one.task: one for one in asked}
    shared_at = moment(item.item.reviewed_at)
    shared_by = [one for one in asked if moment(one.reviewed_at) == shared_at]
    last = tasks.get(headline) or (shared_by or asked)[-1]
    rounds = {one.round for one in asked if one.task == last.task}
    return Review(
        item=item.item.item,
        task=last.task,
        label=UNSURE,
        reviewer=by,
        reviewed_at=at,
        blind=False,
        round=3 if 3 in rounds else 1,
        sample=last.sample,
        design=last.design,
        codebook=last.codebook,
        note=_note_of(item),
    )
