"""Precision and recall of a day's review queue, in which the highest scores come first.

A day is an evaluation set in other proportions. Each positive or other advert represents as many
adverts of the day as the prevalence requires. Recall and false-positive rate are those of the set.
Equal scores come in random order, so the cut within them is an expected value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adverts.arrays import Bools, Floats, Ints, Weights
from adverts.evaluation.statistics.classes import ratio
from adverts.evaluation.statistics.ranking import Ranking


@dataclass(frozen=True, slots=True, eq=False)
class Items:
    """Items that are reviewed one by one: posts, or clusters in which copies count as one.

    Attributes:
        scores: ``(I,)``, score of each item; for a cluster the highest score of its posts.
        positive: ``(I,)``, whether each item is positive; a cluster is, if one of its posts is.
        positives: ``(I,)``, number of positive posts that a review of the item finds.
        negatives: ``(I,)``, number of other posts in the item.
        rows: ``(I,)``, column of the item's (first) post in later weightings.
    """

    scores: Floats
    positive: Bools
    positives: Ints
    negatives: Ints
    rows: Ints


def posts(scores: Floats, positive: Bools, rows: Ints) -> Items:
    """Return every post as an item of its own."""
    return Items(scores, positive, positive.astype(np.int64), (~positive).astype(np.int64), rows)


def collapsed(scores: Floats, positive: Bools, clusters: Sequence[str], rows: Ints) -> Items:
    """Return every cluster as one item; each argument has one value for each post, ``(M,)``."""
    _, firsts, of = np.unique(
        np.asarray(clusters, dtype=object).astype(str), return_index=True, return_inverse=True
    )
    best = np.full(len(firsts), -np.inf)
    np.maximum.at(best, of, scores)
    positives = np.bincount(of, weights=positive, minlength=len(firsts)).astype(np.int64)
    sizes = np.bincount(of, minlength=len(firsts))
    return Items(best, positives > 0, positives, sizes - positives, rows[firsts])


class Queue:
    """Precision and recall of a day's reviews; a statistic over all adverts."""

    def __init__(
        self, items: Items, *, daily_adverts: int, prevalence: float, reviews: Sequence[float]
    ) -> None:
        """Sort the items once.

        Args:
            items: The items to review.
            daily_adverts: Number of posts that arrive in a day.
            prevalence: Share of positive posts among them.
            reviews: Numbers of items reviewed in a day, ``(K,)``; each gives a result.
        """
        self._items, self._reviews = items, reviews
        self._day = daily_adverts * prevalence, daily_adverts * (1 - prevalence)
        self._looked_at = Ranking(items.scores, items.positive)

    def __call__(self, weights_RN: Weights) -> Floats:
        """Return every precision, then every recall, ``(R, 2 K)``; NaN without both answers."""
        items = self._items
        weights_RI = weights_RN.take(items.rows, axis=1)
        hits, flagged = self._looked_at.counts(weights_RI)
        found, _ = self._looked_at.counts(weights_RI * items.positives.astype(np.float32))
        positives, negatives = (
            weights_RI.astype(np.float64) @ part for part in (items.positives, items.negatives)
        )
        per_positive = ratio(np.full(len(positives), self._day[0]), positives)[:, None]
        per_negative = ratio(np.full(len(negatives), self._day[1]), negatives)[:, None]
        volume = per_positive * hits + per_negative * (flagged - hits)
        recall = found * ratio(np.ones(len(positives)), positives)[:, None]
        curves_3RK = np.stack([volume, per_positive * hits, recall])
        answers = [_at(reviews, curves_3RK) for reviews in self._reviews]
        return np.concatenate(np.stack(answers, axis=2), axis=1)

    def threshold(self) -> float:
        """Return the score of the last item that the first number of reviews reaches."""
        items = self._items
        positives, negatives = items.positives.sum(), items.negatives.sum()
        order = np.argsort(-items.scores, kind="stable")
        stands_for = np.where(items.positive, self._day[0] / positives, self._day[1] / negatives)
        reached = np.cumsum(stands_for[order]) >= self._reviews[0]
        last = int(reached.argmax()) if reached.any() else len(order) - 1
        return float(items.scores[order[last]])


def _at(reviews: float, curves_3RK: Floats) -> Floats:
    """Return precision and recall, ``(2, R)``, after ``reviews`` items, or after all items.

    Args:
        reviews: Number of items reviewed in a day.
        curves_3RK: Items of a day, positive ones among them, and recall, at each threshold.
    """
    volume_RK = curves_3RK[0]
    looked = np.minimum(reviews, volume_RK[:, -1])
    place = np.minimum((volume_RK < reviews).sum(axis=1), volume_RK.shape[1] - 1)
    resample = np.arange(len(place))
    after = curves_3RK[:, resample, place]
    before = np.where(place > 0, curves_3RK[:, resample, np.maximum(place - 1, 0)], 0.0)
    share = ratio(looked - before[0], after[0] - before[0])
    _, hits, recall = before + share * (after - before)
    return np.stack([ratio(hits, looked), recall])
