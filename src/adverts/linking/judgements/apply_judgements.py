"""Judgements as constraints on campaigns: pairs of rows that belong together, or that do not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adverts.linking.found import JudgementHeld
from adverts.linking.judgements.counted_judgements import meaning, sort_out
from adverts.linking.judgements.judgements import Judgement

Constraint = tuple[int, int, str]
"""Rows of two adverts, the smaller first, and the id of the judgement."""


def constraints(
    judgements: Sequence[Judgement], row_of: Mapping[str, int]
) -> tuple[tuple[Constraint, ...], tuple[Constraint, ...], tuple[JudgementHeld, ...]]:
    """Return which rows people say belong together, which they say do not, and all other words.

    Each judgement is either a constraint or among the others, and spreads to no other pair. Whether
    a constraint holds is found with the campaigns.

    Args:
        judgements: All that people said, in any order.
        row_of: Maps the id of each advert of the bank to its row.

    Returns:
        Pairs that are of one advertiser, pairs that are not, and what became of the judgements that
        are no constraint: they do not count, an advert left the bank, or they ask for nothing.
    """
    same: list[Constraint] = []
    different: list[Constraint] = []
    sorted_out = sort_out(judgements)
    held = list(sorted_out.others)
    for name, one in sorted_out.counted.items():
        means = meaning(one)
        rows = [(row_of.get(first), row_of.get(second)) for first, second in one.anchors]
        found = [tuple(sorted((a, b))) for a, b in rows if a is not None and b is not None]
        if means == "nothing":
            held.append(JudgementHeld(name, holds=True, why=""))
        elif not rows or len(found) < len(rows):
            held.append(JudgementHeld(name, holds=False, why=_LEFT))
        elif any(a == b for a, b in found):
            held.append(JudgementHeld(name, holds=False, why="its two adverts are one"))
        else:
            into = same if means == "together" else different
            into.extend((a, b, name) for a, b in found)
    return tuple(same), tuple(different), tuple(held)


_LEFT = "an advert that it is about is not in the bank any more; say it of adverts that are"
