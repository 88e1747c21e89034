"""Measure what a ranking owes to how long adverts are, which says nothing of what they say.

Positives that were collected as threads, and negatives as single posts, are told apart by length
alone, in training and test alike, and in no service. Negatives are weighed so that they are as long
as the positives are: then length tells nothing, and what a model reads still does.

Shape suffixes: ``N`` adverts, ``B`` bins of length, ``R`` resamples.
"""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Floats, Ints, Weights
from adverts.evaluation.statistics.ranking import Ranking, average_precision_at_prevalence
from adverts.judging.ngram_rankings import FEWEST, ONE_SIDED, drawn_weights

_BINS = 10  # each with as many positives


def owed_to_length(
    scores: Floats,
    positive: Bools,
    lengths: Ints,
    clusters: Ints,
    *,
    prevalence: float | None = None,
    seed: int,
) -> float:
    """Return how much average precision is surely lost where negatives are as long as positives.

    Positives that are longer or shorter than every negative are then as likely anywhere in the
    order: nothing shows what the model would say of a negative like them. The result is the lower
    95 % bound over clusters, at the share of positives of the judged adverts, or in service where
    it is larger; 0 where it is not above 0, and where too little is labelled.

    Args:
        scores: Score of each judged advert, ``(N,)``.
        positive: Whether each has the headline label, ``(N,)``.
        lengths: Letters of all that the model reads of each, ``(N,)``.
        clusters: Number of the cluster of each, ``(N,)``.
        prevalence: Share of positives in service; None where it is not stated.
        seed: Seed of resamples and orders.
    """
    if min(positive.sum(), (~positive).sum()) < FEWEST:
        return 0.0
    rng = np.random.default_rng(seed)
    edges = np.unique(np.quantile(lengths[positive], np.arange(_BINS + 1) / _BINS))
    bins = max(1, len(edges) - 1)
    bin_N = np.searchsorted(edges[:-1], lengths, side="right") - 1
    bin_N[(lengths < edges[0]) | (lengths > edges[-1])] = bins  # as long as no positive is
    bin_N[lengths == edges[-1]] = bins - 1
    alone_N = positive & (np.bincount(bin_N[~positive], minlength=bins + 1)[bin_N] == 0)
    somewhere_N = scores.copy()
    somewhere_N[alone_N] = rng.choice(scores[~positive], int(alone_N.sum()))
    weights_RN = drawn_weights(clusters, rng)
    counts = Ranking(scores, positive).counts(weights_RN)
    matched_RN = weights_RN * _as_long(weights_RN, bin_N, positive, bins)
    matched = Ranking(somewhere_N, positive).counts(matched_RN)
    surely = []
    for share in (float(positive.mean()), prevalence):
        if share is not None:
            as_it_is_R = average_precision_at_prevalence(*counts, share)
            as_long_R = average_precision_at_prevalence(*matched, share)
            if alone_N.sum() == positive.sum():
                as_long_R = np.full_like(as_it_is_R, share)  # no negative is as long as any
            lost_R = np.subtract(as_it_is_R, as_long_R)
            surely.append(float(lost_R[0]) - ONE_SIDED * float(np.nanstd(lost_R[1:])))
    return max(0.0, *surely)


def _as_long(weights_RN: Weights, bin_N: Ints, positive: Bools, bins: int) -> Weights:
    """Return the factor of each advert with which negatives are as long as positives.

    Negatives in the last bin, as long as no positive is, count no more.
    """
    inside_NB = (bin_N[:, None] == np.arange(bins + 1)).astype(np.float32)
    share_RB = [
        of_RB / np.maximum(of_RB.sum(axis=1, keepdims=True), 1e-9)
        for of_RB in ((weights_RN * rows) @ inside_NB for rows in (positive, ~positive))
    ]
    factor_RB = np.divide(
        share_RB[0], share_RB[1], out=np.zeros_like(share_RB[0]), where=share_RB[1] > 0
    )
    factors: Weights = np.where(positive, 1.0, factor_RB[:, bin_N]).astype(np.float32)
    return factors
