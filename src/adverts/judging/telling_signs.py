"""Find a sign that tells the label alone, as nearly all that n-grams know.

A word of the page that a scraper kept, a stamp of the reviewers, or the end that one source gives
its texts separate the labels in training and test alike, and in no service. Honest adverts say the
same in many ways: no single n-gram ranks them nearly as well as all n-grams together.

Shape suffixes: ``N`` training adverts, ``F`` n-grams, ``M`` judged adverts.
"""

from __future__ import annotations

import numpy as np

from adverts.arrays import Bools, Floats
from adverts.evaluation.statistics.metrics import average_precision
from adverts.judging.ngram_rankings import FEWEST, NgramAdverts, ranked_by

_NEARLY = 0.7  # of what n-grams gain over a random order, by the sign alone


def told_by_one_sign(taught: NgramAdverts, asked: NgramAdverts) -> float:
    """Return the average precision above a random order of the one n-gram that tells most.

    It is 0 where n-grams together rank much better than it, and where too little is labelled.

    Args:
        taught: Adverts of the training, which choose the n-gram.
        asked: Adverts that are judged.
    """
    if min(taught.of_rarer_label, asked.of_rarer_label) < FEWEST:
        return 0.0
    there_NF = (taught.values > 0).astype(np.float64)
    in_positives_F = there_NF.T @ taught.positive.astype(np.float64)
    held_F = there_NF.T @ np.ones(len(taught.positive))
    best = int(_information(held_F, in_positives_F, taught.positive).argmax())
    is_there_M = asked.values[:, [best]].toarray().ravel() > 0
    is_of_positives = in_positives_F[best] > held_F[best] * taught.positive.mean()
    alone = average_precision(is_there_M == is_of_positives, asked.positive)
    whole = average_precision(
        ranked_by(taught, np.arange(len(taught.positive)), asked), asked.positive
    )
    random = float(asked.positive.mean())
    return max(0.0, alone - random) if alone - random >= _NEARLY * (whole - random) else 0.0


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
