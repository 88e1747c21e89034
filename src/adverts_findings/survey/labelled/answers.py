"""What counts of the reviews of a sample, once all of its rounds are complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.data.review.answers import Round
from adverts.data.review.final_labels import FinalLabel, final_labels
from adverts.data.review.people import person
from adverts.data.review.reviews import UNSURE, Review
from adverts.errors import CannotJudgeError, InputError
from adverts_findings.survey.sample import Sample
from adverts_findings.survey.sheets.rounds import disputed, items_of_round, require_independent

Answer = bool | None
"""Whether an advert counts; None if it could not be judged."""


@dataclass(frozen=True, slots=True)
class SampleAnswers:
    """What people said of a sample.

    Attributes:
        said: What counts of each advert drawn and each planted one by the first and second review,
            and by the third where these two disagree: whatever would count if no advert were
            adjudicated at random.
        decided: The third person's word on each adjudicated advert.
        seen_twice: How many adverts drawn a second reviewer looked at; planted ones do not count.
        not_blind: How many adverts drawn have an answer of somebody who had seen a score or another
            answer before.
        changed_later: How many answers about adverts drawn a reviewer changed after giving them.
        reviewers: Number of people who labelled.
    """

    said: Mapping[str, Answer]
    decided: Mapping[str, Answer]
    seen_twice: int = 0
    not_blind: int = 0
    changed_later: int = 0
    reviewers: int = 1


def answers_from_reviews(sample: Sample, reviews: Sequence[Review]) -> SampleAnswers:
    """Return what counts of the reviews of a sample; those of other samples do not count.

    Raises:
        InputError: There is no review of the sample, a label is none of its question's, a person
            reviewed an advert in two rounds, or a second reviewer was not blind.
        CannotJudgeError: A round is not complete.
    """
    own = sample.own(reviews)
    if not own:
        raise InputError(
            f"none of the {len(reviews):,} reviews is of sample {sample.name} "
            f"({sample.seal[:12]}); give the reviews of this sample"
        )
    _require_labels(sample, own)
    require_independent(sample, (), own)
    _require_complete(sample, own)
    two = [one for one in own if one.round != 3]
    without_third, with_third = final_labels(two), final_labels(own)
    third = final_labels([one for one in own if one.round == 3])
    said, decided, unsettled = {}, {}, disputed(two)
    for (item, task), final in with_third.items():
        counted = final if item in unsettled else without_third[item, task]
        said[item] = _positive(sample, counted)
    chosen = {one.item for one in sample.draws if one.adjudicated}
    for (item, _), final in third.items():
        if item in chosen:
            decided[item] = _positive(sample, final)
    drawn = {one.item for one in sample.draws}
    of_draws = [final for (item, _), final in with_third.items() if item in drawn]
    return SampleAnswers(
        said,
        decided,
        seen_twice=len({one.item for one in own if one.round == 2} & drawn),
        not_blind=sum(not one.blind for one in of_draws),
        changed_later=sum(one.superseded for one in of_draws),
        reviewers=len({person(one.reviewer) for one in own}),
    )


def _positive(sample: Sample, final: FinalLabel) -> Answer:
    """Return whether a label counts; two third persons who disagree leave it not judged."""
    if final.label is None or final.label == UNSURE:
        return None
    return sample.question.positive(final.label)


def _require_labels(sample: Sample, own: Sequence[Review]) -> None:
    question = sample.question
    legal = {one.label for one in question.choices} | {UNSURE}
    for one in own:
        if one.label not in legal:
            raise InputError(
                f"a review of {one.item} says {one.label!r} of task {one.task!r}; sample "
                f"{sample.name} asks about {question.task}: {', '.join(sorted(legal))}"
            )


def _require_complete(sample: Sample, own: Sequence[Review]) -> None:
    rounds: tuple[Round, ...] = (1, 2, 3)
    for number in rounds:
        items = items_of_round(sample, own, number)
        missing = sorted(items - {one.item for one in own if one.round == number})
        if missing:
            raise CannotJudgeError(
                f"{len(missing):,} of the {len(items):,} adverts of round {number} of sample "
                f"{sample.name} have no answer, such as {missing[0]}; label them all ('unsure' is "
                "an answer) on the sheets that adverts sample sample_dir=… labels=[…] writes"
            )
