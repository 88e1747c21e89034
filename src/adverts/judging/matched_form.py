"""Measure what a ranking owes to the form of adverts, which says nothing of what they say.

Positives that were collected as threads, and negatives as single posts, are told apart by length
alone, in training and test alike, and in no service; so are those that one source writes in
capitals. Negatives are weighed so that they are of the same form as the positives are: then the
form tells nothing, and what a model reads still does.

Shape suffixes: ``N`` adverts, ``B`` bins of a measure, ``R`` resamples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from adverts.arrays import Bools, Floats, Ints, Weights
from adverts.evaluation.statistics.ranking import Ranking, average_precision_at_prevalence
from adverts.judging.ngram_rankings import FEWEST, surely_above_0

_BINS, _A_BIN = 10, 15  # at most so many, each with as many positives, and of each label so many


def forms_of(texts: Sequence[str]) -> dict[str, Floats]:
    """Return measures of how texts are written, by their name, ``(N,)`` each."""
    measures = {
        "how long adverts are": [len(text) for text in texts],
        "how many lines adverts have": [text.count("\n") for text in texts],
        "capitals": [_share(text, str.isupper) for text in texts],
        "digits": [_share(text, str.isdigit) for text in texts],
        "signs between words": [_share(text, _is_sign) for text in texts],
    }
    return {name: np.array(values, np.float64) for name, values in measures.items()}


def _share(text: str, is_counted: Callable[[str], bool]) -> float:
    return sum(map(is_counted, text)) / max(1, len(text))


def _is_sign(letter: str) -> bool:
    return not letter.isalnum() and not letter.isspace()


def owed_to_form(
    scores: Floats,
    positive: Bools,
    form: Floats,
    weights_RN: Weights,
    *,
    prevalence: float | None = None,
    seed: int,
) -> float:
    """Return how much average precision is surely lost where negatives are as the positives are.

    Positives of a form that no negative has are then as likely anywhere in the order: nothing shows
    what the model would say of a negative like them. The result is the lower 95 % bound over
    clusters, at the share of positives of the judged adverts, or in service where it is larger; 0
    where it is not above 0, and where too little is labelled.

    Args:
        scores: Score of each judged advert, ``(N,)``.
        positive: Whether each has the headline label, ``(N,)``.
        form: A measure of how each is written, such as its length, ``(N,)``.
        weights_RN: Ones, and how often each is drawn, from ``drawn_weights``.
        prevalence: Share of positives in service; None where it is not stated.
        seed: Seed of the places of positives that no negative is like.
    """
    rarer = min(int(positive.sum()), int((~positive).sum()))
    if rarer < FEWEST:
        return 0.0
    rng = np.random.default_rng(seed)
    bin_N = _bins(form, form[positive], max(1, min(_BINS, rarer // _A_BIN)))
    alone_N = positive & (np.bincount(bin_N[~positive], minlength=bin_N.max() + 1)[bin_N] == 0)
    somewhere_N = scores.copy()
    somewhere_N[alone_N] = rng.choice(scores[~positive], int(alone_N.sum()))
    counts = Ranking(scores, positive).counts(weights_RN)
    matched_RN = weights_RN * _factors(weights_RN, bin_N, positive)
    matched = Ranking(somewhere_N, positive).counts(matched_RN)
    surely = []
    for share in (float(positive.mean()), prevalence):
        if share is not None:
            as_it_is_R = average_precision_at_prevalence(*counts, share)
            alike_R = average_precision_at_prevalence(*matched, share)
            if alone_N.sum() == positive.sum():
                alike_R = np.full_like(as_it_is_R, share)  # no negative is like any
            surely.append(surely_above_0(np.subtract(as_it_is_R, alike_R)))
    return max(surely)


def _bins(form: Floats, of_positives: Floats, count: int) -> Ints:
    """Return the bin of each advert, at most so many; 0 for a form beyond all positives.

    A value that many positives have, such as no capitals, is a bin of its own.
    """
    quantiles = np.quantile(of_positives, np.arange(count + 1) / count)
    edges, counts = np.unique(quantiles, return_counts=True)
    bin_N: Ints = np.searchsorted(edges, form, side="right")
    bin_N[form == edges[-1]] = max(1, len(edges) - 1)
    bin_N[form > edges[-1]] = 0
    for place, value in enumerate(edges[counts > 1]):
        bin_N[form == value] = len(edges) + 1 + place
    return bin_N


def _factors(weights_RN: Weights, bin_N: Ints, positive: Bools) -> Weights:
    """Return the factor of each advert with which negatives are in the bins of the positives.

    Negatives of a form that no positive has count no more.
    """
    inside_NB = (bin_N[:, None] == np.arange(bin_N.max() + 1)).astype(np.float32)
    positive_RB, negative_RB = (
        of_RB / np.maximum(of_RB.sum(axis=1, keepdims=True), 1e-9)
        for of_RB in ((weights_RN * rows) @ inside_NB for rows in (positive, ~positive))
    )
    factor_RB = np.divide(
        positive_RB, negative_RB, out=np.zeros_like(positive_RB), where=negative_RB > 0
    )
    factors: Weights = np.where(positive, 1.0, factor_RB[:, bin_N]).astype(np.float32)
    return factors
