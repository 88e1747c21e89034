"""Names of people's words become adverts, which last whatever happens to names."""

from __future__ import annotations

import bisect
import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from adverts.errors import InputError
from adverts_findings.campaigns.judgements.judgements import STANDINGS
from adverts_findings.campaigns.judgements.spoken_words import Word

Pair = tuple[str, str]
MOST_ADVERTS = 10
"""Adverts that a word on an identity is bound to, so that it outlasts most of them."""
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class KnownIdentity:
    """A posting identity of the bank.

    Attributes:
        name: Its name now.
        kind: ``contact``, ``account`` or ``link_target``.
        value: Its token.
        adverts: Adverts that show it, by time.
    """

    name: str
    kind: str
    value: str
    adverts: Sequence[str]

    def about(self) -> tuple[str, ...]:
        """Return what a word on it is bound to: kind, value and the latest of its adverts."""
        return self.kind, self.value, *reversed(self.adverts[-MOST_ADVERTS:])


@dataclass(frozen=True, slots=True, eq=False)
class KnownNames:
    """What a bank knows of the names that people's words use.

    Attributes:
        posted_at: Maps each advert of the bank to the time of its posting; None if it is not known.
        campaign: Returns the adverts of a campaign, or of the one that took its place; none if
            there is no such campaign.
        edge: Returns the two adverts of an edge; None if there is no such edge.
        neighbours: Returns the adverts that share an edge with an advert, each with the weight of
            the edge.
        identity: Returns an identity, or the one that took its place; None if there is none.
        sources: Names of the inputs that its adverts came from.
    """

    posted_at: Mapping[str, datetime.datetime | None]
    campaign: Callable[[str], Sequence[str]]
    edge: Callable[[str], Pair | None]
    neighbours: Callable[[str], Sequence[tuple[str, float]]]
    identity: Callable[[str], KnownIdentity | None]
    sources: Collection[str]


def anchors_of(word: Word, known: KnownNames) -> tuple[Pair, ...]:
    """Return the pairs of adverts that a word binds; none where it speaks of something else.

    * ``merge``: the two adverts that are closest by time, one of each campaign.
    * ``split``: both ends of the edge.
    * ``not this advert``: the advert, and the advert of the campaign with which it shares its
      strongest edge; without any, the earliest one.

    Raises:
        InputError: A name is not known, or the word cannot be said of it.
    """
    match word.said:
        case "same" | "different" | "unsure":
            return ((_advert(word, word.first, known), _advert(word, word.second, known)),)
        case "merge":
            return (_closest(word, known),)
        case "split":
            return (_ends(word, known),)
        case "not this advert":
            return (_stranger(word, known),)
    return ()


def about_of(word: Word, known: KnownNames) -> tuple[str, ...]:
    """Return what binds a word on an identity, see :attr:`Judgement.about`; nothing for others.

    Raises:
        InputError: There is no such identity, or no such source where one is graded.
    """
    if word.said in STANDINGS:
        found = known.identity(word.first)
        if found is None:
            raise InputError(
                f"{word.where}: the bank has no identity {word.first}, or nothing is left of it; "
                f"{word.said!r} is said of an identity such as i000123 of a campaign's page"
            )
        return found.about()
    if word.said == "grade" and word.first not in known.sources:
        has = ", ".join(sorted(known.sources)[:_MOST_NAMED])
        raise InputError(
            f"{word.where}: the bank has no source {word.first}; its sources are {has}"
        )
    return ()


def _advert(word: Word, name: str, known: KnownNames) -> str:
    if name in known.posted_at:
        return name
    if word.drawn:
        raise InputError(
            f"{word.where}: {name} left the bank after the sheet was written; empty said in this "
            "row"
        )
    if known.campaign(name):
        raise InputError(
            f"{word.where}: {name} is a campaign, and {word.said!r} is said of adverts; say merge "
            "or split of campaigns"
        )
    raise InputError(f"{word.where}: the bank has no advert {name}; take an id of its adverts")


def _campaign(word: Word, name: str, known: KnownNames) -> Sequence[str]:
    adverts = known.campaign(name)
    if adverts:
        return adverts
    if name in known.posted_at:
        raise InputError(
            f"{word.where}: {name} is an advert, and {word.said!r} is said of a campaign; say same "
            "or different of two adverts"
        )
    raise InputError(
        f"{word.where}: the bank has no campaign {name}, or nothing is left of it; take an id of "
        "its campaigns"
    )


def _closest(word: Word, known: KnownNames) -> Pair:
    one, other = (_campaign(word, name, known) for name in (word.first, word.second))
    if set(one) & set(other):
        raise InputError(
            f"{word.where}: {word.first} and {word.second} are one campaign already; to make that "
            "last, say same of two of its adverts"
        )
    timed = [_timed(adverts, known) for adverts in (one, other)]
    if not all(timed):
        return min(one), min(other)
    times = [time for time, _ in timed[1]]
    pairs = []
    for time, advert in timed[0]:
        place = bisect.bisect_left(times, time)
        for near in timed[1][max(0, place - 1) : place + 1]:
            pairs.append((abs(near[0] - time), advert, near[1]))
    return min(pairs)[1:]


def _timed(adverts: Sequence[str], known: KnownNames) -> list[tuple[datetime.datetime, str]]:
    """Return times and adverts in order; of adverts of one time, the one with the smallest id."""
    times: dict[datetime.datetime, str] = {}
    for advert in sorted(adverts):
        time = known.posted_at.get(advert)
        if time is not None:
            times.setdefault(time, advert)
    return sorted(times.items())


def _ends(word: Word, known: KnownNames) -> Pair:
    adverts = set(_campaign(word, word.first, known))
    ends = known.edge(word.second)
    if ends is None:
        raise InputError(
            f"{word.where}: the bank has no edge {word.second}; take the id of a bridge of "
            f"{word.first}"
        )
    if not adverts.issuperset(ends):
        raise InputError(
            f"{word.where}: edge {word.second} does not lie within {word.first}; take the id of "
            "one of its bridges"
        )
    return ends


def _stranger(word: Word, known: KnownNames) -> Pair:
    advert = _advert(word, word.second, known)
    others = set(_campaign(word, word.first, known))
    if advert not in others:
        raise InputError(
            f"{word.where}: {advert} is not in {word.first}; there is nothing to take out"
        )
    others.remove(advert)
    if not others:
        raise InputError(f"{word.where}: {advert} is alone in {word.first}; nothing is wrong")
    near = [(-_weight(weight), one) for one, weight in known.neighbours(advert) if one in others]
    return advert, (min(near)[1] if near else _earliest(others, known))


def _weight(weight: float) -> float:
    """Return a weight that can be compared: one that is not known is the smallest."""
    return weight if weight == weight else float("-inf")  # noqa: PLR0124 - NaN is no number


def _earliest(adverts: set[str], known: KnownNames) -> str:
    timed = _timed(sorted(adverts), known)
    return timed[0][1] if timed else min(adverts)
