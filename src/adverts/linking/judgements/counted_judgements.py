"""Which judgements count: neither undone, nor replaced by a later word, nor contradicted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from adverts.data.review.reviews import person
from adverts.linking.found import JudgementHeld
from adverts.linking.judgements.judgements import Judgement, Said

Meaning = Literal["together", "apart", "nothing"]
Subject = tuple[tuple[str, str], ...]
_MEANINGS: Mapping[Said, Meaning] = {
    "same": "together",
    "merge": "together",
    "different": "apart",
    "split": "apart",
    "not this advert": "apart",
}


def meaning(judgement: Judgement) -> Meaning:
    """Return what a judgement says of its pair of adverts; ``unsure`` and ``undo`` say nothing."""
    return _MEANINGS.get(judgement.said, "nothing")


def subject(judgement: Judgement) -> Subject:
    """Return the pairs of adverts that a judgement is about, whichever of a pair comes first."""
    pairs = judgement.anchors or ((judgement.first, judgement.second),)
    return tuple(sorted((min(pair), max(pair)) for pair in pairs))


def in_order(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Return each judgement once, in the order of their times, and of their ids where they tie."""
    by_id = {one.id: one for one in judgements}
    return tuple(by_id[name] for name in sorted(by_id, key=lambda name: (by_id[name].at, name)))


def standing(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Return the judgements that count, in order of time; the order of the lines does not matter.

    Of one person, the last word on a pair counts. What was undone does not count; where the undoing
    was itself undone, it counts again. Where two people say the opposite of each other, neither
    counts. Somebody who is unsure contradicts nobody. Entries that undo are not returned.
    """
    faults = _faults(judgements)
    return tuple(one for one in in_order(judgements) if one.said != "undo" and one.id not in faults)


def not_counted(judgements: Sequence[Judgement]) -> tuple[JudgementHeld, ...]:
    """Return why each of the other judgements does not count; an ``undo`` that counts holds."""
    faults = _faults(judgements)
    return tuple(
        JudgementHeld(one.id, holds=one.id not in faults, why=faults.get(one.id, ""))
        for one in in_order(judgements)
        if one.said == "undo" or one.id in faults
    )


def contradicted(judgements: Sequence[Judgement]) -> tuple[Judgement, ...]:
    """Return the last words of people who say the opposite of each other, in order of time."""
    ordered = in_order(judgements)
    faults = _undone(ordered)
    faults |= _replaced([one for one in ordered if one.id not in faults])
    faulty = _contradicted([one for one in ordered if one.id not in faults])
    return tuple(one for one in ordered if one.id in faulty)


def _faults(judgements: Sequence[Judgement]) -> dict[str, str]:
    """Return why judgements do not count, by their id."""
    ordered = in_order(judgements)
    faults = _undone(ordered)
    faults |= _replaced([one for one in ordered if one.id not in faults])
    faults |= _contradicted([one for one in ordered if one.id not in faults])
    return faults


def _undone(ordered: Sequence[Judgement]) -> dict[str, str]:
    """Return what is undone, and what undoes nothing."""
    known = {one.id for one in ordered}
    undoing: dict[str, list[str]] = defaultdict(list)
    for one in ordered:
        if one.said == "undo":
            undoing[one.first].append(one.id)
    counts: dict[str, bool] = {}
    for start in undoing:
        _settle(start, undoing, counts)
    faults = {}
    for target, undos in undoing.items():
        by = next((undo for undo in undos if counts[undo]), None)
        if by is not None and target in known:
            faults[target] = f"undone by {by}"
        if target not in known:
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


def _replaced(ordered: Sequence[Judgement]) -> dict[str, str]:
    faults = {}
    last: dict[tuple[str, Subject], str] = {}
    for one in reversed(ordered):
        if one.said != "undo":
            later = last.setdefault((person(one.by), subject(one)), one.id)
            if later != one.id:
                faults[one.id] = f"the same person said {later} later"
    return faults


def _contradicted(ordered: Sequence[Judgement]) -> dict[str, str]:
    said: dict[Subject, dict[Meaning, list[str]]] = defaultdict(lambda: defaultdict(list))
    for one in ordered:
        if meaning(one) != "nothing":
            said[subject(one)][meaning(one)].append(one.id)
    faults: dict[str, str] = {}
    for words in said.values():
        together, apart = words["together"], words["apart"]
        if together and apart:
            faults |= {one: f"{apart[-1]} says the opposite; agree on one" for one in together}
            faults |= {one: f"{together[-1]} says the opposite; agree on one" for one in apart}
    return faults
