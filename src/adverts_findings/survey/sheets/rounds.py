"""Which adverts of a sample are still to be looked at, in three rounds.

Round 1 looks at all of them. A blind second reviewer looks at each that a first reviewer called
positive, and at a part that was drawn by chance when the sample was sealed; no score decides. A
third person decides where the two disagree, and about another part that was drawn by chance.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence

from adverts.data.review.answers import Round
from adverts.data.review.people import person
from adverts.data.review.reviews import UNSURE, Review
from adverts.errors import InputError, plural
from adverts_findings.survey.sample import Sample


def items_of_round(sample: Sample, reviews: Sequence[Review], number: Round) -> frozenset[str]:
    """Return the names of all items that a round is about, whether they were looked at or not.

    An item that a first reviewer ever called positive stays in round 2, and one of which two people
    ever said different things in round 3, whatever they say later: nobody can give in to another.

    Args:
        sample: The sample.
        reviews: All reviews so far; those of other samples do not count.
        number: The round.
    """
    own = sample.own(reviews)
    if number == 1:
        planted = [one.item for one in sample.planted]
        return frozenset([*(one.item for one in sample.draws), *planted])
    if number == 2:
        drawn = {one.item for one in sample.draws if one.second} | _planted_second(sample)
        first = (one for one in own if one.round == 1 and one.label != UNSURE)
        return frozenset(drawn | {one.item for one in first if sample.question.positive(one.label)})
    drawn = {one.item for one in sample.draws if one.adjudicated}
    return frozenset(drawn | disputed([one for one in own if one.round != 3]))


def _planted_second(sample: Sample) -> set[str]:
    """Return the planted items that a second reviewer sees in any case, as many as of those drawn.

    What is known of reviewers' errors holds for adverts that were reviewed in the same way alone.
    """
    most = sample.second_share * 2**64
    return {
        one.item
        for one in sample.planted
        if int.from_bytes(_place(sample.seed, 2, one.item)[:8]) < most
    }


def disputed(reviews: Sequence[Review]) -> set[str]:
    """Return the items of which two people ever said different things."""
    labels, people = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for one in reviews:
        labels[one.item].add(one.label)
        people[one.item].add(person(one.reviewer))
    return {item for item in labels if len(labels[item]) > 1 and len(people[item]) > 1}


def to_review(
    sample: Sample, reviews: Sequence[Review], number: Round, *, reviewer: str | None = None
) -> tuple[str, ...]:
    """Return the names of the items of a round without an answer, in the order of its sheet.

    The order is random, and the same each time. Nothing in it tells why an item is there.

    Args:
        sample: The sample.
        reviews: All reviews so far; those of other samples do not count.
        number: The round.
        reviewer: Leaves out what this person reviewed in another round; None leaves out nothing.

    Raises:
        InputError: An earlier round is not complete.
    """
    require_complete(sample, reviews, before=number)
    own = sample.own(reviews)
    done = {one.item for one in own if one.round == number}
    if reviewer is not None:
        done |= {one.item for one in own if person(one.reviewer) == person(reviewer)}
    left = items_of_round(sample, reviews, number) - done
    return tuple(sorted(left, key=lambda item: _place(sample.seed, number, item)))


def _place(seed: int, number: Round, item: str) -> bytes:
    return hashlib.sha256(f"{seed} {number} {item}".encode()).digest()


def require_complete(sample: Sample, reviews: Sequence[Review], *, before: Round) -> None:
    """Refuse to begin a round while an earlier one has items without an answer.

    Raises:
        InputError: An earlier round is not complete; the message says how much is missing.
    """
    own = sample.own(reviews)
    earlier: tuple[Round, ...] = (1, 2)
    for number in earlier[: before - 1]:
        items = items_of_round(sample, own, number)
        missing = items - {one.item for one in own if one.round == number}
        if missing:
            raise InputError(
                f"round {before} begins when round {number} is complete: {len(missing):,} of "
                f"{plural(len(items), 'item')} have no answer yet; give back the sheets of round "
                f"{number} first"
            )


def require_independent(sample: Sample, reviews: Sequence[Review], added: Sequence[Review]) -> None:
    """Refuse reviews of people who may not review these items.

    Args:
        sample: The sample.
        reviews: All reviews before.
        added: New reviews of the sample.

    Raises:
        InputError: A person reviews an item in two rounds, or a second reviewer is not blind.
    """
    rounds: dict[tuple[str, str], set[int]] = defaultdict(set)
    for one in (*sample.own(reviews), *added):
        rounds[one.item, person(one.reviewer)].add(one.round)
    twice = [one for one in added if len(rounds[one.item, person(one.reviewer)]) > 1]
    if twice:
        raise InputError(
            f"{_named(twice)} in two rounds; each round of an item needs another person"
        )
    seeing = [one for one in added if one.round == 2 and not one.blind]
    if seeing:
        raise InputError(
            f"{_named(seeing)} in round 2 after seeing another answer or a score; a blind second "
            "reviewer is wanted: give these items to somebody else"
        )


def _named(reviews: Sequence[Review]) -> str:
    """Return the first reviewer with the number of their items, and one of these."""
    name = reviews[0].reviewer
    items = sorted({one.item for one in reviews if person(one.reviewer) == person(name)})
    return f"{name} reviewed {plural(len(items), 'item')} ({items[0]}{', …' if items[1:] else ''})"
