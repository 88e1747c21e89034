"""Edges whose pair was drawn and judged: what probabilities are fitted on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts_findings.campaigns.edges import Edges
from adverts_findings.campaigns.judgements.counted_judgements import meaning, sort_out, subject
from adverts_findings.campaigns.judgements.judgements import Judgement

Rows = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledEdges:
    """Edges between adverts that a person judged because their pair was drawn; ``L`` edges.

    Attributes:
        places: Places of the edges, ``(L,)``.
        pairs: Number of the pair of each edge, from 0: edges of one pair have one label, ``(L,)``.
        same: Whether a person said that the two adverts are of one advertiser, ``(L,)``.
        chance: Probability that the pair was drawn, above 0, ``(L,)``.
        at_random: Whether it was drawn at random, ``(L,)``.
        unsure: Number of drawn pairs of which people were unsure; they are left out.
        contradicted: Number of drawn pairs on which people disagree; they are left out.
    """

    places: Ints
    pairs: Ints
    same: Bools
    chance: Floats
    at_random: Bools
    unsure: int
    contradicted: int

    @property
    def num_pairs(self) -> int:
        """The number of judged pairs."""
        return len(np.unique(self.pairs))

    @property
    def num_random(self) -> int:
        """The number of judged pairs that were drawn at random."""
        return len(np.unique(self.pairs[self.at_random]))

    def chosen(self, which: Bools) -> LabelledEdges:
        """Return some of the edges."""
        return LabelledEdges(
            places=self.places[which],
            pairs=self.pairs[which],
            same=self.same[which],
            chance=self.chance[which],
            at_random=self.at_random[which],
            unsure=self.unsure,
            contradicted=self.contradicted,
        )


def labelled_edges(
    judgements: Sequence[Judgement], edges: Edges, row_of: Mapping[str, int]
) -> LabelledEdges:
    """Return the edges between adverts that people judged on a sheet.

    What somebody said without being asked is left out, since nobody knows how they came to say it;
    so are pairs that share nothing any more, or of which an advert left the bank.

    Args:
        judgements: All that people said, in any order.
        edges: Edges of a build.
        row_of: Maps the id of each advert to its row.
    """
    sorted_out = sort_out(judgements)
    drawn = [one for one in sorted_out.counted.values() if one.chance > 0 and one.drawn]
    said = {
        rows: one
        for one in reversed(drawn)
        if meaning(one) != "nothing" and (rows := _rows(one, row_of))
    }
    unsure = {subject(one) for one in drawn if one.said == "unsure"}
    unsure -= {subject(one) for one in said.values()}
    places, pairs = _places(edges, sorted(said))
    ordered = [said[rows] for rows in sorted(said)]
    labels = np.array([meaning(one) == "together" for one in ordered], dtype=np.bool_)
    chances = np.array([one.chance for one in ordered], dtype=np.float64)
    at_random = np.array([one.drawn == "random" for one in ordered], dtype=np.bool_)
    return LabelledEdges(
        places=places,
        pairs=pairs,
        same=labels[pairs],
        chance=chances[pairs],
        at_random=at_random[pairs],
        unsure=len(unsure),
        contradicted=len({subject(one) for one in sorted_out.contradicted if one.chance > 0}),
    )


def _rows(judgement: Judgement, row_of: Mapping[str, int]) -> Rows | None:
    if len(judgement.anchors) != 1:
        return None
    one, other = (row_of.get(advert) for advert in judgement.anchors[0])
    return None if one is None or other is None else (min(one, other), max(one, other))


def _places(edges: Edges, pairs: Sequence[Rows]) -> tuple[Ints, Ints]:
    """Return the places of the edges between pairs, and the number of the pair of each."""
    low, high = np.minimum(edges.first, edges.second), np.maximum(edges.first, edges.second)
    wanted = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    width = int(max(high.max(initial=0), wanted.max(initial=0))) + 1
    names, asked = low * width + high, wanted[:, 0] * width + wanted[:, 1]
    places = np.flatnonzero(np.isin(names, asked) & ~edges.of_kind("judged"))
    return places.astype(np.int64), np.searchsorted(asked, names[places]).astype(np.int64)
