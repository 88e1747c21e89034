"""Measure how much of a ranking rests on the training adverts most like each judged one.

A copy of a judged advert in the training teaches its label, whatever was changed in it: what
n-grams recognise is near it in n-grams. So tf-idf is fitted with and without the training adverts
nearest to some judged adverts; where copies taught it, it ranks these far worse without. Adverts of
one kind are like each other without being copies, and fewer adverts teach less, so the same is done
for training adverts, of which no copy is elsewhere: only the excess counts.

Shape suffixes: ``N`` training adverts, ``M`` adverts of a group.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from adverts.arrays import Bools, Floats, Ints
from adverts.judging.ngram_rankings import (
    FEWEST,
    MOST_FITTED,
    ONE_SIDED,
    NgramAdverts,
    lost_between,
    ranked_by,
)

NEAREST = 5
"""Training adverts that are left out for each judged advert."""
_GROUPS = 3  # of adverts whose nearest are left out together
_ROWS_AT_ONCE = 64
_ENOUGH = 30  # training adverts of a label to draw from


def taught_by_nearest(
    taught: NgramAdverts, known: NgramAdverts, asked: NgramAdverts, *, seed: int
) -> float:
    """Return by how much tf-idf surely ranks better for the nearest training adverts.

    This is the lower 95 % bound of a difference of average precisions: what is lost without them,
    above what is lost without the nearest of training adverts. It is 0 where it is not above 0, and
    where too little is labelled to measure it.

    Args:
        taught: Adverts of the training.
        known: Adverts of validation.
        asked: Adverts that are judged. None of them is linked to the others.
        seed: Seed of what is drawn.
    """
    rng = np.random.default_rng(seed)
    size = _group_size(taught, asked)
    if size < FEWEST:
        return 0.0
    some = rng.permutation(len(asked.positive))[: size * _GROUPS]
    alike = _drawn_alike(taught, (asked.rows(some), known), rng)
    found = []
    for who, rows, own in ((asked, some, None), (taught, alike, taught.clusters)):
        parts = np.array_split(rows, max(1, -(-len(rows) // size)))
        found.append(_lost(taught, who, [part for part in parts if len(part)], own, rng))
    (of_judged, error), (of_training, other_error) = found
    excess = of_judged - max(of_training, 0.0) - ONE_SIDED * float(np.hypot(error, other_error))
    return max(0.0, excess)


def _group_size(taught: NgramAdverts, asked: NgramAdverts) -> int:
    """Return how many adverts may have their nearest left out, with half of each label kept."""
    fewest = MOST_FITTED
    for label in (True, False):
        there, share = (taught.positive == label).sum(), (asked.positive == label).mean()
        if there < FEWEST or not share:
            return 0
        fewest = min(fewest, int(there / share))
    return fewest // (2 * NEAREST)


def _drawn_alike(
    taught: NgramAdverts, held_out: Sequence[NgramAdverts], rng: np.random.Generator
) -> Ints:
    """Return training adverts with the labels of the first of the adverts that are held out.

    There is one of a cluster, as far as there are any. What is nearest to an advert that is held
    out is none of them, where enough remain: it may be a copy, which other copies would teach.
    """
    every = np.arange(len(taught.positive))
    near = [_nearest(taught, one, np.ones(len(every), np.bool_)) for one in held_out]
    order = np.setdiff1d(every, np.concatenate(near))
    if min(taught.positive[order].sum(), (~taught.positive[order]).sum()) < _ENOUGH:
        order = every
    order = rng.permutation(order)
    _, first = np.unique(taught.clusters[order], return_index=True)
    rows = rng.permutation(order[first])
    of_label = {label: iter(rows[taught.positive[rows] == label]) for label in (True, False)}
    drawn = (next(of_label[bool(label)], -1) for label in held_out[0].positive)
    return np.array([row for row in drawn if row >= 0], np.int64)


def _lost(
    taught: NgramAdverts,
    who: NgramAdverts,
    groups: Sequence[Ints],
    own: Ints | None,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return what the average precision loses without the nearest, and its standard error.

    Both are 0 where too little is left to fit or to rank: then nothing excuses a loss elsewhere.

    Args:
        taught: The training adverts.
        who: The adverts that are ranked.
        groups: Rows of ``who`` whose nearest are left out together.
        own: Clusters of the training adverts where ``who`` are those, so that their own clusters
            are left out of every fit; None where they are others.
        rng: Draws what is fitted on, and resamples.
    """
    scores: list[tuple[Floats, Floats, Bools, Ints]] = []
    for group in groups:
        asked = who.rows(group)
        open_N = np.ones(len(taught.positive), np.bool_)
        if own is not None:
            open_N &= ~np.isin(own, asked.clusters)
        near = _nearest(taught, asked, open_N)
        fitted = _some(near, np.flatnonzero(open_N), rng)
        left = np.setdiff1d(fitted, near)
        if len(np.unique(taught.positive[left])) == 2:
            near_M, all_M = ranked_by(taught, left, asked), ranked_by(taught, fitted, asked)
            scores.append((near_M, all_M, asked.positive, asked.clusters))
    if not scores:
        return 0.0, 0.0
    near_M, all_M, positive, clusters = (np.concatenate(one) for one in zip(*scores, strict=True))
    return lost_between(all_M, near_M, positive, clusters, rng)


def _nearest(taught: NgramAdverts, asked: NgramAdverts, open_N: Bools) -> Ints:
    """Return the rows of the training adverts nearest to any of these adverts, ascending."""
    columns, near = taught.values.T.tocsr(), [np.zeros(0, np.int64)]
    for begin in range(0, len(asked.positive), _ROWS_AT_ONCE):
        like = (asked.values[begin : begin + _ROWS_AT_ONCE] @ columns).toarray()
        like[:, ~open_N] = -1.0
        most = min(NEAREST, like.shape[1])
        near.append(np.argpartition(-like, most - 1, axis=1)[:, :most].ravel())
    found = np.unique(np.concatenate(near))
    return found[open_N[found]]


def _some(near: Ints, rows: Ints, rng: np.random.Generator) -> Ints:
    """Return training adverts to fit on: the nearest, and others up to a number."""
    others = rng.permutation(np.setdiff1d(rows, near))
    return np.sort(np.concatenate([near, others[: max(MOST_FITTED - len(near), 0)]]))
