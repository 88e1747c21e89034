"""Judgements as constraints on campaigns: pairs of rows that belong together, or that do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adverts_findings.campaigns.found import JudgementHeld
from adverts_findings.campaigns.judgements.counted_judgements import meaning, sort_out
from adverts_findings.campaigns.judgements.judgements import Judgement

Constraint = tuple[int, int, str]
"""Rows of two adverts, and the id of the judgement."""


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """What people's words ask of campaigns; each judgement is a constraint or among the others.

    Whether a constraint holds is found with the campaigns. All are in the order in which they were
    said.

    Attributes:
        same: Pairs that are of one advertiser, the smaller row first.
        different: Pairs that are of two, the smaller row first.
        alone: Pairs of an advert that is not of its campaign, and one that stays in it.
        held: What became of the judgements that are no constraint: they do not count, an advert
            left the bank, or they ask for nothing.
    """

    same: tuple[Constraint, ...]
    different: tuple[Constraint, ...]
    alone: tuple[Constraint, ...]
    held: tuple[JudgementHeld, ...]


def apply_judgements(judgements: Sequence[Judgement], row_of: Mapping[str, int]) -> Applied:
    """Return what people's words ask of campaigns; none spreads to another pair.

    Words on identities and sources ask nothing of them, and are left out unless they were undone.

    Args:
        judgements: All that people said, in any order.
        row_of: Maps the id of each advert of the bank to its row.
    """
    same: list[Constraint] = []
    different: list[Constraint] = []
    alone: list[Constraint] = []
    sorted_out = sort_out(judgements)
    held = list(sorted_out.others)
    for name, one in sorted_out.counted.items():
        if not one.is_of_adverts:
            continue
        if meaning(one) == "nothing":
            held.append(JudgementHeld(name, holds=True, why=""))
            continue
        rows = _rows(one, row_of)
        fault = _fault(rows)
        if fault:
            held.append(JudgementHeld(name, holds=False, why=fault))
        elif one.said == "not this advert":
            alone.extend((advert, stays, name) for advert, stays in rows)
        else:
            into = same if meaning(one) == "together" else different
            into.extend((min(pair), max(pair), name) for pair in rows)
    return Applied(tuple(same), tuple(different), tuple(alone), tuple(held))


def judged_rows(
    judgements: Sequence[Judgement], row_of: Mapping[str, int]
) -> frozenset[tuple[int, int]]:
    """Return the pairs of rows of which people said something that was not undone.

    Args:
        judgements: All that people said, in any order.
        row_of: Maps the id of each advert of the bank to its row.
    """
    sorted_out = sort_out(judgements)
    words = [*sorted_out.counted.values(), *sorted_out.contradicted]
    pairs = [pair for one in words for pair in _rows(one, row_of) if -1 not in pair]
    return frozenset((min(pair), max(pair)) for pair in pairs)


def _rows(judgement: Judgement, row_of: Mapping[str, int]) -> list[tuple[int, int]]:
    """Return the rows of the adverts of a judgement; -1 stands for one that left the bank."""
    return [(row_of.get(first, -1), row_of.get(second, -1)) for first, second in judgement.anchors]


def _fault(rows: Sequence[tuple[int, int]]) -> str:
    if not rows or any(-1 in pair for pair in rows):
        return "an advert that it is about is not in the bank any more; say it of adverts that are"
    return "its two adverts are one" if any(a == b for a, b in rows) else ""
