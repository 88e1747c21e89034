"""What reviewers agreed on: one label of each advert and task, or a disagreement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts.data.review.people import person
from adverts.data.review.reviews import Review, last_words


@dataclass(frozen=True, slots=True)
class FinalLabel:
    """What the reviews of one advert come to.

    Attributes:
        label: The label, which may be :data:`~adverts.data.review.reviews.UNSURE`; None if
            reviewers disagree and nobody has decided.
        reviewers: Number of people who reviewed it.
        blind: Whether none of their last words was said after seeing a score or another answer.
        superseded: Number of reviews that their reviewer later replaced.
    """

    label: str | None
    reviewers: int
    blind: bool
    superseded: int


def final_labels(reviews: Sequence[Review]) -> Mapping[tuple[str, str], FinalLabel]:
    """Return the final label of each reviewed item and task.

    The last word of each reviewer in each round counts. Round 3 decides; without it, all those who
    looked in rounds 1 and 2 must have said the same.
    """
    found: dict[tuple[str, str], list[Review]] = defaultdict(list)
    for one in reviews:
        found[one.item, one.task].append(one)
    return {asked: _final(several) for asked, several in found.items()}


def deciding_words(words: Sequence[Review]) -> tuple[Review, ...]:
    """Return the words that decide on one item and task: those of round 3, or all without it.

    Args:
        words: The last word of each reviewer in each round.
    """
    return tuple(one for one in words if one.round == 3) or tuple(words)


def _final(reviews: Sequence[Review]) -> FinalLabel:
    words = last_words(reviews)
    labels = {one.label for one in deciding_words(words)}
    return FinalLabel(
        label=labels.pop() if len(labels) == 1 else None,
        reviewers=len({person(one.reviewer) for one in words}),
        blind=all(one.blind for one in words),
        superseded=len(set(reviews)) - len(words),
    )
