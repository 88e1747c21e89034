"""Which judgements count: neither undone, nor replaced by a later word, nor contradicted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from adverts.data.review.people import person
from adverts_findings.campaigns.found import JudgementHeld
from adverts_findings.campaigns.judgements.judgements import Judgement, Said

Meaning = Literal["together", "apart", "nothing"]
Subject = tuple[tuple[str, str], ...]
_ById = Mapping[str, Judgement]
_MEANINGS: Mapping[Said, Meaning] = {
    "same": "together",
    "merge": "together",
    "different": "apart",
    "split": "apart",
    "not this advert": "apart",
}


def meaning(judgement: Judgement) -> Meaning:
    """Return what a judgement says of its pair of adverts; other words say nothing of it."""
    return _MEANINGS.get(judgement.said, "nothing")


def subject(judgement: Judgement) -> Subject:
    """Return the pairs of adverts that a judgement is about, whichever of a pair comes first."""
    pairs = judgement.anchors or ((judgement.first, judgement.second),)
    return tuple(sorted((min(pair), max(pair)) for pair in pairs))


def standing(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Return the judgements that count, in order of time; the order of the lines does not matter.

    Of one person, the last word on a pair counts. What was undone does not count; where the undoing
    was itself undone, it counts again. Where two people say the opposite of each other, neither
    counts. Somebody who is unsure contradicts nobody. Entries that undo are not returned. Of words
    on identities and sources all are returned that were not undone, see
    :func:`adverts_findings.campaigns.judgements.standings.settle`.
    """
    return tuple(sort_out(judgements).counted.values())


def not_counted(judgements: Sequence[Judgement]) -> tuple[JudgementHeld, ...]:
    """Return why each of the other judgements does not count; an ``undo`` that counts holds."""
    return sort_out(judgements).others


@dataclass(frozen=True, slots=True, eq=False)
class SortedOut:
    """Which judgements count, each once, in the order of their times, and of their ids in ties.

    Attributes:
        counted: The judgements that count, by their id, see :func:`standing`.
        others: What became of the others, see :func:`not_counted`.
        contradicted: Last words of people who say the opposite of each other.
    """

    counted: Mapping[str, Judgement]
    others: tuple[JudgementHeld, ...]
    contradicted: tuple[Judgement, ...]


def sort_out(judgements: Sequence[Judgement]) -> SortedOut:
    """Return which judgements count, and why the others do not."""
    by_id = {one.id: one for one in judgements}
    ordered = {
        name: by_id[name] for name in sorted(by_id, key=lambda name: (by_id[name].when, name))
    }
    faults = _undone(ordered)
    faults |= _replaced(_without(ordered, faults))
    opposite = _contradicted(_without(ordered, faults))
    faults |= opposite
    return SortedOut(
        counted={
            name: one for name, one in ordered.items() if one.said != "undo" and name not in faults
        },
        others=tuple(
            JudgementHeld(name, holds=name not in faults, why=faults.get(name, ""))
            for name, one in ordered.items()
            if one.said == "undo" or name in faults
        ),
        contradicted=tuple(one for name, one in ordered.items() if name in opposite),
    )


def _without(ordered: _ById, faults: Mapping[str, str]) -> _ById:
    return {name: one for name, one in ordered.items() if name not in faults}


def _undone(ordered: _ById) -> dict[str, str]:
    """Return what is undone, and what undoes nothing."""
    undoing: dict[str, list[str]] = defaultdict(list)
    for name, one in ordered.items():
        if one.said == "undo":
            undoing[one.first].append(name)
    counts: dict[str, bool] = {}
    for start in undoing:
        _settle(start, undoing, counts)
    faults = {}
    for target, undos in undoing.items():
        by = next((undo for undo in undos if counts[undo]), None)
        if by is not None and target in ordered:
            faults[target] = f"undone by {by}"
        if target not in ordered:
            faults |= {undo: f"there is no judgement {target} to undo" for undo in undos}
    return faults


def _settle(start: str, undoing: Mapping[str, Sequence[str]], counts: dict[str, bool]) -> None:
    """Find whether a judgement counts, after whatever undoes it, however long the chain is."""
    waiting = [start]
    while waiting:
        open_ones = [one for one in undoing.get(waiting[-1], ()) if one not in counts]
        if open_ones:
            waiting.extend(open_ones)
        else:
            one = waiting.pop()
            counts[one] = not any(counts[undo] for undo in undoing.get(one, ()))


def _replaced(ordered: _ById) -> dict[str, str]:
    faults = {}
    last: dict[tuple[str, Subject], str] = {}
    for name, one in reversed(list(ordered.items())):
        if one.is_of_adverts:
            later = last.setdefault((person(one.by), subject(one)), name)
            if later != name:
                faults[name] = f"the same person said {later} later"
    return faults


def _contradicted(ordered: _ById) -> dict[str, str]:
    said: dict[Subject, dict[Meaning, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, one in ordered.items():
        if meaning(one) != "nothing":
            said[subject(one)][meaning(one)].append(name)
    faults: dict[str, str] = {}
    for words in said.values():
        together, apart = words["together"], words["apart"]
        if together and apart:
            faults |= {one: f"{apart[-1]} says the opposite; agree on one" for one in together}
            faults |= {one: f"{together[-1]} says the opposite; agree on one" for one in apart}
    return faults
