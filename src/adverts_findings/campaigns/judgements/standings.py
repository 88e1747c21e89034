"""What people say of identities and sources: their standing and their grade, settled by a build."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from adverts.data.review.people import person
from adverts_findings.campaigns.found import Identity, JudgementHeld
from adverts_findings.campaigns.judgements.counted_judgements import sort_out
from adverts_findings.campaigns.judgements.judgements import STANDINGS, Judgement

UNKNOWN = "unknown"
Place = int | str
"""Place of an identity in the identities of a build, or the name of a source."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's last word on an identity or a source that is in the bank.

    Attributes:
        level: What it speaks of.
        place: Place of the identity, or name of the source.
        judgement: The word.
        counts: Whether it counts; otherwise another person contradicts it.
    """

    level: Literal["identity", "source"]
    place: Place
    judgement: Judgement
    counts: bool

    @property
    def said(self) -> str:
        """The standing or the grade."""
        return said_by(self.judgement)


@dataclass(frozen=True, slots=True, eq=False)
class Settled:
    """What people say of the identities and sources of a build.

    Attributes:
        standings: Standing of each identity, in their order.
        statements: Last words of each person, in the order in which they were said.
        held: What became of each judgement on an identity or a source that was not undone.
    """

    standings: tuple[str, ...]
    statements: tuple[Statement, ...]
    held: tuple[JudgementHeld, ...]


def said_by(judgement: Judgement) -> str:
    """Return the standing or the grade that a judgement gives."""
    return judgement.second if judgement.said == "grade" else judgement.said


def settle(
    judgements: Sequence[Judgement],
    identities: Sequence[Identity],
    ids: Sequence[str],
    sources: Collection[str],
) -> Settled:
    """Return the standing of each identity and what people say of sources.

    A word is on the identity that shows the same value in the latest advert of those that it was
    bound to and that are still in the bank. Of one person, the last word on an identity or a source
    counts. Where people contradict each other, none of their words counts, and the identity is
    ``unknown``. Who says ``unknown`` contradicts nobody. A word that is on nothing is reported.

    Args:
        judgements: All that people said, in any order.
        identities: Posting identities of the build.
        ids: Id of the advert of each row.
        sources: Names of the inputs that adverts came from.
    """
    words = {
        name: one
        for name, one in sort_out(judgements).counted.items()
        if one.said in STANDINGS or one.said == "grade"
    }
    on, faults = _last_words(words, _shown(words.values(), identities, ids), sources)
    for of_place in on.values():
        faults |= _contradicted(list(of_place.values()))
    order = {name: number for number, name in enumerate(words)}
    statements = sorted(
        (
            Statement(_level(one), place, one, one.id not in faults)
            for place, of_place in on.items()
            for one in of_place.values()
        ),
        key=lambda one: order[one.judgement.id],
    )
    return Settled(
        standings=_standings(statements, len(identities)),
        statements=tuple(statements),
        held=tuple(JudgementHeld(one, one not in faults, faults.get(one, "")) for one in words),
    )


def _level(word: Judgement) -> Literal["identity", "source"]:
    return "source" if word.said == "grade" else "identity"


def _last_words(
    words: Mapping[str, Judgement],
    shown: Mapping[tuple[str, ...], int],
    sources: Collection[str],
) -> tuple[dict[Place, dict[str, Judgement]], dict[str, str]]:
    """Return the last word of each person by what it is on, and why other words do not count."""
    faults: dict[str, str] = {}
    on: dict[Place, dict[str, Judgement]] = defaultdict(dict)
    for name, one in words.items():
        place = _place(one, shown, sources)
        if place is None:
            faults[name] = _lost(one)
            continue
        earlier = on[place].get(person(one.by))
        if earlier is not None:
            faults[earlier.id] = f"the same person said {name} later"
        on[place][person(one.by)] = one
    return on, faults


def _standings(statements: Sequence[Statement], count: int) -> tuple[str, ...]:
    standings = [UNKNOWN] * count
    for one in statements:
        if one.counts and one.said != UNKNOWN and isinstance(one.place, int):
            standings[one.place] = one.said
    return tuple(standings)


def _shown(
    words: Collection[Judgement], identities: Sequence[Identity], ids: Sequence[str]
) -> Mapping[tuple[str, ...], int]:
    """Return the place of the identity of each kind, value and advert that words are bound to."""
    wanted = {one.about[:2] for one in words if one.about}
    if not wanted:
        return {}
    return {
        (identity.kind, identity.value, ids[row]): place
        for place, identity in enumerate(identities)
        if (identity.kind, identity.value) in wanted
        for row in identity.rows
    }


def _place(
    word: Judgement, shown: Mapping[tuple[str, ...], int], sources: Collection[str]
) -> Place | None:
    if word.said == "grade":
        return word.first if word.first in sources else None
    value, adverts = word.about[:2], word.about[2:]
    return next((shown[*value, one] for one in adverts if (*value, one) in shown), None)


def _lost(word: Judgement) -> str:
    if word.said == "grade":
        return f"no advert of the bank is from {word.first} any more; grade a source that it has"
    return (
        f"what {word.first} stood for is in the bank no more: its adverts left, it joins nothing "
        "now, or its token was made again; say it of an identity that is there"
    )


def _contradicted(words: Sequence[Judgement]) -> dict[str, str]:
    told = [one for one in words if one.said != UNKNOWN]
    faults = {}
    for one in told:
        other = next((two for two in reversed(told) if said_by(two) != said_by(one)), None)
        if other is not None:
            faults[one.id] = f"{other.id} says {said_by(other)}; agree on one"
    return faults
