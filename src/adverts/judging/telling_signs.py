"""Find a sign that tells the label alone, and measure what rests on it.

A word of the page that a scraper kept, a stamp of the reviewers, or the end that one source gives
its texts separate the labels in training and test alike, and in no service. Honest adverts say the
same in many ways: no single n-gram ranks them nearly as well as all n-grams together.

Shape suffixes: ``N`` training adverts, ``F`` n-grams, ``M`` judged adverts.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from adverts.arrays import Bools, Floats
from adverts.evaluation.statistics.metrics import average_precision
from adverts.judging.ngram_rankings import (
    FEWEST,
    ONE_SIDED,
    NgramAdverts,
    lost_between,
    ranked_by,
)

_NEARLY = 0.7  # of what n-grams gain over a random order, by the sign alone
_ALONG = 0.3  # of the adverts that hold the sign or another n-gram, that hold both


def told_by_one_sign(taught: NgramAdverts, asked: NgramAdverts, *, seed: int) -> float:
    """Return the average precision that rests on the one n-gram that tells most.

    Where that tells nearly all, it is what it gains over a random order. Otherwise it is what
    n-grams surely lose without it and those that occur with it: little where adverts say the same
    in other words, too. It is 0 where too little is labelled.

    Args:
        taught: Adverts of the training, which choose the n-gram.
        asked: Adverts that are judged.
        seed: Seed of the resamples.
    """
    if min(taught.of_rarer_label, asked.of_rarer_label) < FEWEST:
        return 0.0
    there_NF = (taught.values > 0).astype(np.float64)
    in_positives_F = there_NF.T @ taught.positive.astype(np.float64)
    held_F = there_NF.T @ np.ones(len(taught.positive))
    best = int(_information(held_F, in_positives_F, taught.positive).argmax())
    is_there_M = asked.values[:, [best]].toarray().ravel() > 0
    is_of_positives = in_positives_F[best] > held_F[best] * taught.positive.mean()
    random = float(asked.positive.mean())
    alone = average_precision(is_there_M == is_of_positives, asked.positive) - random
    every = np.arange(len(taught.positive))
    scores_M = ranked_by(taught, every, asked)
    whole = average_precision(scores_M, asked.positive) - random
    if alone >= _NEARLY * whole:
        return max(0.0, alone)
    beside_F = there_NF.T @ there_NF[:, [best]].toarray().ravel()
    left = np.flatnonzero(beside_F < _ALONG * (held_F + held_F[best] - beside_F))
    rest, others = (replace(one, values=one.values[:, left]) for one in (taught, asked))
    without_M = ranked_by(rest, every, others)
    rng = np.random.default_rng(seed)
    lost, error = lost_between(scores_M, without_M, asked.positive, asked.clusters, rng)
    return max(0.0, lost - ONE_SIDED * error)


def _information(held_F: Floats, in_positives_F: Floats, positive: Bools) -> Floats:
    """Return the mutual information of the presence of each n-gram and the label, ``(F,)``."""
    whole, total_F = len(positive), np.zeros(len(held_F))
    for with_F, many in (
        (in_positives_F, positive.sum()),
        (held_F - in_positives_F, (~positive).sum()),
    ):
        for count_F, of_F in ((with_F, held_F), (many - with_F, whole - held_F)):
            share_F = np.divide(
                count_F * whole, of_F * many, out=np.ones(len(of_F)), where=of_F > 0
            )
            total_F += count_F * np.log(np.where(share_F > 0, share_F, 1.0))
    return total_F / whole
