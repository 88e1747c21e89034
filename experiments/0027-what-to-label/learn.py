"""Learn from 50 labels in rounds of 50, by several choices of what to label; one line a repeat.

Usage::

    python experiments/0027-what-to-label/learn.py PREPARED HELD_OUT REPEATS FIRST_SEED >> FILE

PREPARED is a prepared dataset; HELD_OUT the split that is judged, or ``rest``: the training adverts
outside of the pool, on which settings were chosen. A line holds the average precision of each
choice after each round. :mod:`peers` does the same for another package.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import normalize

from adverts.arrays import Bools, Floats, Ints
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.estimation.learning.teaching import AT_RANDOM, COVERING, Pool, choose_adverts
from adverts.inputs.hashing import hashed_features_of
from adverts.inputs.spec import HashSpec

LARGEST_POOL, BATCH, LABELS = 4_000, 50, 500
NGRAMS = HashSpec(num_features=1 << 18, word_ngrams=(1, 2), char_ngrams=(2, 5))
INVERSE_REGULARISATION = 10.0


@dataclass(frozen=True, slots=True)
class World:
    """Adverts of a dataset with their counts of n-grams, ``(N, F)``."""

    table: AdvertTable
    counts: csr_matrix
    positive: Bools


@dataclass(frozen=True, slots=True)
class Round:
    """What a choice may look at: a pool, the values of its n-grams, and what is labelled."""

    pool: Pool
    values: csr_matrix
    labelled: Ints
    labels: Bools
    rng: np.random.Generator

    @property
    def unlabelled(self) -> Ints:
        """Places of the adverts without a label, in order."""
        return np.setdiff1d(np.arange(len(self.pool.clusters)), self.labelled)


Choose = Callable[[Round], Ints]


def at_random(now: Round) -> Ints:
    """Return adverts drawn at random."""
    return now.rng.choice(now.unlabelled, BATCH, replace=False)


def ours(now: Round, *, covering: float = COVERING, at_random: float = AT_RANDOM) -> Ints:
    """Return what the package would have labelled."""
    found = choose_adverts(now.pool, BATCH, now.rng, covering=covering, at_random=at_random)
    return np.array([one.place for one in found])


def without_clusters(now: Round) -> Ints:
    """Return what it would if each advert were a cluster of its own."""
    each = np.arange(len(now.pool.clusters))
    is_labelled = np.isin(each, now.labelled)
    return ours(replace(now, pool=replace(now.pool, clusters=each, is_labelled=is_labelled)))


CHOICES: Mapping[str, Choose] = {
    "random": at_random,
    "ours": ours,
    "ours, without a random share": partial(ours, at_random=0.0),
    "ours, without cover": partial(ours, covering=0.0),
    "ours, without clusters": without_clusters,
}


def open_world(prepared: Path, held_out: str) -> tuple[World, World]:
    """Return the training adverts and those that are judged."""
    dataset = open_prepared(prepared)
    train = read_world(dataset.split("train"))
    return train, train if held_out == "rest" else read_world(dataset.split(held_out))


def read_world(table: AdvertTable) -> World:
    """Return the adverts of a table with their n-grams."""
    features = hashed_features_of(table.texts, NGRAMS)
    ends = np.cumsum([0, *(len(ids) for ids, _ in features)])
    columns, counts = (np.concatenate(part) for part in zip(*features, strict=True))
    shape = (len(table), NGRAMS.num_features)
    task = table.schema.task(table.schema.headline)
    positive = table.targets[task.name][:, task.positive_index] > 0.5
    return World(table, csr_matrix((counts, columns, ends), shape=shape), positive)


def weighed(counts: csr_matrix, like: csr_matrix) -> csr_matrix:
    """Return values of n-grams as the package's, with the inverse frequencies of ``like``."""
    frequency = np.bincount(like.indices, minlength=like.shape[1])
    idf = np.where(frequency > 0, np.log((1 + like.shape[0]) / (1 + frequency)) + 1, 0.0)
    values = counts.astype(np.float64)
    values.data = (1 + np.log(values.data)) * idf[values.indices]
    half = like.shape[1] // 2
    both = hstack([normalize(values[:, :half]), normalize(values[:, half:])], format="csr")
    return both[:, frequency > 0]


def pool_of(table: AdvertTable, rows: Ints) -> Pool:
    """Return the adverts of some rows, none of them labelled."""
    clusters = np.unique(np.array(table.clusters)[rows], return_inverse=True)[1]
    languages = np.unique([str(table.langs[row]) for row in rows], return_inverse=True)[1]
    none = np.zeros(int(clusters.max()) + 1, dtype=bool)
    so_far = np.zeros((int(languages.max()) + 1, 1), dtype=np.int64)
    scores, text = np.full(len(rows), np.nan), np.zeros(len(rows), dtype=np.int64)
    return Pool(scores, clusters, languages, text, none, so_far)


def labelled(pool: Pool, places: Ints, probabilities: Floats) -> Pool:
    """Return the pool as it is once adverts at some places have labels."""
    is_labelled, so_far = pool.is_labelled.copy(), np.zeros_like(pool.labels_so_far)
    is_labelled[pool.clusters[places]] = True
    np.add.at(so_far, (pool.languages[places], pool.modalities[places]), 1)
    return replace(pool, probabilities=probabilities, is_labelled=is_labelled, labels_so_far=so_far)


def learn(
    choose: Choose,
    parts: tuple[csr_matrix, csr_matrix],
    truths: tuple[Bools, Bools],
    *,
    pool: Pool,
    start: Ints,
    rng: np.random.Generator,
) -> list[float]:
    """Return the average precision after each round.

    Args:
        choose: Says what is labelled next.
        parts: Values of the n-grams of the pool, and of the adverts that are judged.
        truths: Which of them are positive.
        pool: The pool, none of it labelled.
        start: Places of the first labels.
        rng: Given to ``choose``.
    """
    places, found = start, []
    while True:
        model = LogisticRegression(C=INVERSE_REGULARISATION, solver="liblinear", random_state=0)
        model.fit(parts[0][places], truths[0][places])
        found.append(float(average_precision_score(truths[1], model.decision_function(parts[1]))))
        if len(places) >= LABELS:
            return found
        now = labelled(pool, places, model.predict_proba(parts[0])[:, 1])
        more = choose(Round(now, parts[0], places, truths[0][places], rng))
        assert len(np.unique([*places, *more])) == len(places) + BATCH
        places = np.concatenate([places, more])


def one_repeat(
    train: World, judged: World, choices: Mapping[str, Choose], seed: int
) -> dict[str, list[float]]:
    """Return the average precision of each choice after each round, from the same first labels."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(train.table))
    rows, others = np.sort(order[:LARGEST_POOL]), order[LARGEST_POOL:]
    if judged is train:
        judged = World(train.table.select(others), train.counts[others], train.positive[others])
    like = train.counts[rows]
    parts = (weighed(like, like), weighed(judged.counts, like))
    truth = train.positive[rows]
    start = rng.choice(len(rows), BATCH, replace=False)
    while len(np.unique(truth[start])) < 2:
        start = rng.choice(len(rows), BATCH, replace=False)
    pool = pool_of(train.table, rows)
    return {
        name: learn(
            choose,
            parts,
            (truth, judged.positive),
            pool=pool,
            start=start,
            rng=np.random.default_rng([seed, 1]),
        )
        for name, choose in choices.items()
    }


def run(choices: Mapping[str, Choose], arguments: list[str]) -> None:
    """Print one line a repeat."""
    prepared, held_out, repeats, first = arguments
    train, judged = open_world(Path(prepared), held_out)
    for seed in range(int(first), int(first) + int(repeats)):
        began = time.process_time()
        found = one_repeat(train, judged, choices, seed)
        line = {
            "data": Path(prepared).name,
            "held_out": held_out,
            "seed": seed,
            "seconds": round(time.process_time() - began, 1),
            "average_precision": {k: [round(x, 5) for x in v] for k, v in found.items()},
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    run(CHOICES, sys.argv[1:])
