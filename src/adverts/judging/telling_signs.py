"""Measure how much of a ranking rests on signs that adverts of one label alone have.

Words of a page that a scraper kept, a stamp of the reviewers, or the end that one source gives its
texts separate the labels in training and test alike, and in no service. So tf-idf is fitted with
and without the n-grams that tell the label best, and all those that stand in the same adverts.
Honest adverts say the same in many ways, so that little is lost.

Shape suffixes: ``N`` training adverts, ``F`` n-grams.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from adverts.advert import Task
from adverts.arrays import Bools, Floats
from adverts.data.dataset.advert_table import AdvertTable
from adverts.inputs.spec import InputName
from adverts.judging.ngram_rankings import (
    FEWEST,
    MOST_FITTED,
    ONE_SIDED,
    lost_between,
    ranked_by,
    read_ngrams,
)

SIGNS = 12
"""Signs that are left out, one after the other."""
_ALIKE = 0.5  # of the adverts with either of two n-grams, share with both: one sign


def taught_by_signs(
    tables: tuple[AdvertTable, AdvertTable], task: Task, inputs: Sequence[InputName], *, seed: int
) -> float:
    """Return by how much tf-idf surely ranks better for the n-grams that tell most.

    This is the lower 95 % bound of a difference of average precisions. It is 0 where it is not
    above 0, and where too little is labelled to measure it.

    Args:
        tables: Adverts of the training, and those that are judged.
        task: The task whose positive label is ranked.
        inputs: Parts of an advert that the model reads.
        seed: Seed of what is drawn.
    """
    read = read_ngrams(tables, task, inputs)
    if read is None:
        return 0.0
    taught, asked = read
    rng = np.random.default_rng(seed)
    if len(taught.positive) > MOST_FITTED:
        taught = taught.rows(np.sort(rng.permutation(len(taught.positive))[:MOST_FITTED]))
    if min(taught.positive.sum(), (~taught.positive).sum()) < FEWEST:
        return 0.0
    rows = np.arange(len(taught.positive))
    before_M = ranked_by(taught, rows, asked)
    for _ in range(SIGNS):
        kept_F = ~_sign(taught.values, taught.positive)
        if not kept_F.any():
            break
        taught, asked = taught.columns(kept_F), asked.columns(kept_F)
    lost, error = lost_between(before_M, ranked_by(taught, rows, asked), asked, rng)
    return max(0.0, lost - ONE_SIDED * error)


def _sign(values: csr_matrix, positive: Bools) -> Bools:
    """Return which n-grams are the one that tells the label best, or stand where it stands."""
    there = (values > 0).astype(np.float64).tocsc()
    best = int(_information(there, positive).argmax())
    held_F = np.asarray(there.sum(axis=0)).ravel()
    both_F = (there.T @ there[:, [best]]).toarray().ravel()
    alike: Bools = both_F >= _ALIKE * (held_F + held_F[best] - both_F)
    return alike


def _information(there: csr_matrix, positive: Bools) -> Floats:
    """Return the mutual information of the presence of each n-gram and the label, ``(F,)``."""
    whole = len(positive)
    held_F = np.asarray(there.sum(axis=0)).ravel()
    total = np.zeros(len(held_F))
    for rows in (positive, ~positive):
        with_F, many = np.asarray(there[rows].sum(axis=0)).ravel(), rows.sum()
        for count_F, of_F in ((with_F, held_F), (many - with_F, whole - held_F)):
            share_F = np.divide(
                count_F * whole, of_F * many, out=np.ones(len(of_F)), where=of_F > 0
            )
            total += count_F * np.log(np.where(share_F > 0, share_F, 1.0))
    return total / whole
