"""Find adverts that make a split easier than it is: those added, kept or copied.

Each is a way to lift a figure over its bar without a better model, so a pass must also hold without
those that surely raise the average precision.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.evaluation.figures.evidence import gain_by_added
from adverts.evaluation.predictions.advert_set import SHARED, Members, joined
from adverts.evaluation.predictions.lost_adverts import Lost, added_since
from adverts.evaluation.statistics.bootstrap import Estimate

_CHOSEN = (
    "that were labelled after an earlier look had scored them, while others that it scored still "
    "have no label"
)
_MANY_CLUSTERS = 20  # an interval over fewer is not believed


@dataclass(frozen=True, slots=True)
class Easier:
    """Adverts that raise the average precision of a candidate.

    Attributes:
        why: What they are, in words that follow their number.
        rows: Which adverts they are, ``(N,)``.
        gain: By how much they raise it; None where it does not matter.
    """

    why: str
    rows: Bools
    gain: Estimate | None


@dataclass(frozen=True, slots=True)
class RankedAdverts:
    """Judged adverts of a candidate with what is known of them, ``(N,)`` each.

    Attributes:
        scores: Score of the candidate.
        positive: Whether an advert is positive.
        members: Hash and label of each advert.
        clusters: Independent pieces, which intervals resample.
        copies: Clusters of copies, and of texts that quote each other.
    """

    scores: Floats
    positive: Bools
    members: Members
    clusters: Sequence[str]
    copies: Sequence[str]

    def easier_parts(self, lost: Lost, *, resamples: int, seed: int) -> list[Easier]:
        """Return the parts that surely raise the average precision.

        In fewer than 20 clusters nothing is sure: resamples leave three of three out in one of
        twenty, so it is enough that they raise it at all.

        Args:
            lost: What is known of earlier looks.
            resamples: Number of resamples of clusters.
            seed: Seed of the resamples.
        """
        found, suspected = list[Easier](), [*self._suspected(lost)]
        chosen = np.isin(self.members >> 4, lost.chosen)
        if chosen.any():
            found.append(Easier(_CHOSEN, chosen, None))
        kept = np.isin(self.members >> 4, joined(lost.elsewhere))
        if kept.mean() >= SHARED:
            found.append(Easier("that earlier looks judged among others", kept, None))
        else:
            suspected.append(("that earlier looks judged among others, and that", kept))
        for why, rows in suspected:
            if not rows.any() or rows.all():
                continue
            gain = gain_by_added(
                self.scores, self.positive, self.clusters, rows, resamples=resamples, seed=seed
            )
            inside = {self.clusters[row] for row in np.flatnonzero(rows).tolist()}
            least = gain.low if len(inside) >= _MANY_CLUSTERS else gain.value
            if least is not None and least > 0:
                found.append(Easier(why, rows, gain))
        return found

    def _suspected(self, lost: Lost) -> Iterator[tuple[str, Bools]]:
        for then in lost.earlier:
            yield "that were added since an earlier look and", added_since(then, self.members)
        yield "copies of others, which", self._copied()

    def _copied(self) -> Bools:
        """Return all but one of the adverts of each label in a cluster of copies.

        The one is that in the middle by score, so that nobody chooses it.
        """
        order = np.lexsort((self.scores, self.positive, np.array(self.copies)))
        parts = [(self.copies[row], bool(self.positive[row])) for row in order.tolist()]
        starts = [i for i, part in enumerate(parts) if i == 0 or part != parts[i - 1]]
        ends = [*starts[1:], len(parts)]
        middle: Ints = np.array(
            [(start + end - 1) // 2 for start, end in zip(starts, ends, strict=True)],
            dtype=np.int64,
        )
        is_copy = np.ones(len(order), dtype=np.bool_)
        is_copy[order[middle]] = False
        return is_copy
