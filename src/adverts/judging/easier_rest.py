"""Measure whether the judged adverts are easier than those among which a model will be used.

Whoever puts near-copies of the hardest test adverts into the training takes these out of the test.
The model knows them now, so n-grams judge them that learnt from none of those links. And whoever
divides adverts by how hard they are needs no copies: then training and validation are harder to
n-grams, each of whose adverts is ranked by a fit on others.

Shape suffixes: ``N`` adverts, ``R`` resamples.
"""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Floats
from adverts.evaluation.statistics.ranking import Ranking, average_precision_at_prevalence
from adverts.judging.ngram_rankings import (
    FEWEST,
    MOST_FITTED,
    NgramAdverts,
    drawn_weights,
    joined,
    ranked_by,
    surely_above_0,
)

_FOLDS = 5


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
    both = joined([judged, aside])
    scores = ranked_by(taught, np.arange(len(taught.positive)), both)
    is_judged = np.arange(len(scores)) < len(judged.positive)
    return _sure_gain(scores, both, is_judged, np.ones_like(is_judged), seed=seed)


def easier_than_known(
    taught: NgramAdverts,
    known: NgramAdverts,
    judged: NgramAdverts,
    *,
    prevalence: float | None = None,
    seed: int,
) -> float:
    """Return by how much n-grams surely rank the judged adverts better than those known before.

    Every advert is ranked by a fit on the training adverts of four of five folds, without its own.
    This is the lower 95 % bound of a difference of average precisions, both at the share of
    positives of the judged ones, or in service where it is larger; 0 where it is not above 0, and
    where too little is labelled.

    Args:
        taught: Training adverts.
        known: Validation adverts.
        judged: Adverts that are judged.
        prevalence: Share of positives in service; None where it is not stated.
        seed: Seed of draws, folds and resamples.
    """
    if min(taught.of_rarer_label, judged.of_rarer_label) < FEWEST:
        return 0.0
    rng = np.random.default_rng(seed)
    drawn = np.sort(rng.permutation(len(taught.positive))[:MOST_FITTED])
    whole = joined([taught.rows(drawn), known, judged])
    names, places = np.unique(whole.clusters, return_inverse=True)
    fold_of = rng.permutation(len(names))[places] % _FOLDS
    scores = np.zeros(len(fold_of))
    for fold in range(_FOLDS):
        others = np.flatnonzero(fold_of[: len(drawn)] != fold)
        inside = np.flatnonzero(fold_of == fold)
        if len(np.unique(whole.positive[others])) < 2 or not len(inside):
            return 0.0
        scores[inside] = ranked_by(whole, others, whole.rows(inside))
    is_judged = np.arange(len(scores)) >= len(drawn) + len(known.positive)
    shares = [None, *([] if prevalence is None else [prevalence])]
    return max(
        _sure_gain(scores, whole, is_judged, ~is_judged, share=share, seed=seed) for share in shares
    )


def _sure_gain(
    scores: Floats,
    adverts: NgramAdverts,
    ours: Bools,
    theirs: Bools,
    *,
    share: float | None = None,
    seed: int,
) -> float:
    """Return by how much the average precision of some adverts is surely above that of others.

    Both are at this share of positives, or at that of the former.
    """
    ranking = Ranking(scores, adverts.positive)
    weights_RN = drawn_weights(adverts.clusters, np.random.default_rng(seed))
    share = float(adverts.positive[ours].mean()) if share is None else share
    ours_R, theirs_R = (
        average_precision_at_prevalence(*ranking.counts(weights_RN * rows), share)
        for rows in (ours, theirs)
    )
    return surely_above_0(np.subtract(ours_R, theirs_R))
