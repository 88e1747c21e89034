"""Measure whether adverts that are set aside as linked to the training leave an easier rest.

Whoever puts near-copies of the hardest test adverts into the training takes these out of the test.
The model knows them now, so n-grams judge them that learnt from none of those links.

Shape suffixes: ``N`` adverts, ``R`` resamples.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import vstack

from adverts.arrays import Weights
from adverts.evaluation.statistics.ranking import Ranking, average_precision_at_prevalence
from adverts.judging.ngram_rankings import (
    FEWEST,
    ONE_SIDED,
    RESAMPLES,
    NgramAdverts,
    ranked_by,
)


def easier_without_aside(
    taught: NgramAdverts, judged: NgramAdverts, aside: NgramAdverts, *, seed: int
) -> float:
    """Return by how much n-grams surely rank the judged adverts better than all of the split.

    This is the lower 95 % bound of a difference of average precisions, both at the share of
    positives of the judged ones. It is 0 where it is not above 0, where none is set aside, and
    where too little is labelled.

    Args:
        taught: Training adverts without a link to the split.
        judged: Adverts that are judged.
        aside: Adverts that are set aside.
        seed: Seed of the resamples.
    """
    if not len(aside.positive) or min(taught.of_rarer_label, judged.of_rarer_label) < FEWEST:
        return 0.0
    both = NgramAdverts(
        vstack([judged.values, aside.values]).tocsr(),
        np.concatenate([judged.positive, aside.positive]),
        np.concatenate([judged.clusters, aside.clusters]),
    )
    ranking = Ranking(ranked_by(taught, np.arange(len(taught.positive)), both), both.positive)
    weights_RN = _weights(both, np.random.default_rng(seed))
    judged_RN = weights_RN.copy()
    judged_RN[:, len(judged.positive) :] = 0
    share = float(judged.positive.mean())
    rest_R, whole_R = (
        average_precision_at_prevalence(*ranking.counts(one), share)
        for one in (judged_RN, weights_RN)
    )
    gain_R = np.subtract(rest_R, whole_R)
    surely = float(gain_R[0]) - ONE_SIDED * float(np.nanstd(gain_R[1:]))
    return max(0.0, surely)


def _weights(adverts: NgramAdverts, rng: np.random.Generator) -> Weights:
    """Return ones, and how often the cluster of each advert is drawn, ``(R, N)``."""
    names, places = np.unique(adverts.clusters, return_inverse=True)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    return np.vstack([np.ones(len(places)), drawn[:, places]]).astype(np.float32)
