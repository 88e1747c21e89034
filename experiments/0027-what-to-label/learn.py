"""Learn from 50 labels in rounds of 50, by several choices of what to label; one line a repeat.

Usage::

    python experiments/0027-what-to-label/learn.py PREPARED HELD_OUT REPEATS FIRST_SEED >> FILE

PREPARED is a prepared dataset, or two with a comma between: then the first labels are all of the
first, a quarter of the pool is of the second, and the second is judged. HELD_OUT is the split that
is judged, or ``rest``: training adverts outside of the pool, on which settings were chosen. A line
holds the average precision of each choice after each round.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.preprocessing import normalize

from adverts.arrays import Bools, Floats, Ints
from adverts.data.dataset.prepared import open_prepared
from adverts.inputs.hashing import hashed_features_of
from adverts.inputs.spec import HashSpec
from adverts_findings.survey.learning.teaching import (
    AT_RANDOM,
    COVERING,
    TeachingPool,
    choose_adverts,
)

LARGEST_POOL, OF_THE_SECOND = 4_000, 1_000
BATCH, LABELS = 50, 500
NGRAMS = HashSpec(num_features=1 << 18, word_ngrams=(1, 2), char_ngrams=(2, 5))
INVERSE_REGULARISATION = 10.0


@dataclass(frozen=True, slots=True)
class World:
    """Adverts with their counts of n-grams, ``(N, F)``, clusters, languages and truth."""

    counts: csr_matrix
    clusters: tuple[str, ...]
    languages: tuple[str, ...]
    positive: Bools

    def select(self, rows: Ints) -> World:
        """Return the adverts of some rows."""
        clusters, languages = (
            tuple(names[row] for row in rows) for names in (self.clusters, self.languages)
        )
        return World(self.counts[rows], clusters, languages, self.positive[rows])

    def pool(self) -> TeachingPool:
        """Return the adverts as a pool without scores or labels."""
        clusters = np.unique(self.clusters, return_inverse=True)[1]
        languages = np.unique(self.languages, return_inverse=True)[1]
        return TeachingPool(
            probabilities=np.full(len(clusters), np.nan),
            clusters=clusters,
            languages=languages,
            modalities=np.zeros(len(clusters), dtype=np.int64),
            is_labelled=np.zeros(int(clusters.max()) + 1, dtype=bool),
            labels_so_far=np.zeros((int(languages.max()) + 1, 1), dtype=np.int64),
        )


@dataclass(frozen=True, slots=True)
class Round:
    """What a choice may look at: a pool, the values of its n-grams, and what is labelled."""

    pool: TeachingPool
    values: csr_matrix
    labelled: Ints
    labels: Bools
    rng: np.random.Generator

    @property
    def unlabelled(self) -> Ints:
        """Places of the adverts without a label, in order."""
        return np.setdiff1d(np.arange(len(self.pool.clusters)), self.labelled)


Choose = Callable[[Round], Ints]


def drawn_at_random(now: Round) -> Ints:
    """Return adverts drawn at random."""
    return now.rng.choice(now.unlabelled, BATCH, replace=False)


def ours(
    now: Round,
    *,
    thresholds: Sequence[float] = (),
    covering: float = COVERING,
    at_random: float = AT_RANDOM,
) -> Ints:
    """Return what the package would have labelled."""
    found = choose_adverts(
        now.pool, BATCH, now.rng, thresholds=thresholds, covering=covering, at_random=at_random
    )
    return np.array([one.place for one in found])


def without_clusters(now: Round) -> Ints:
    """Return what it would if each advert were a cluster of its own."""
    each = np.arange(len(now.pool.clusters))
    is_labelled = np.isin(each, now.labelled)
    return ours(replace(now, pool=replace(now.pool, clusters=each, is_labelled=is_labelled)))


CHOICES: Mapping[str, Choose] = {
    "random": drawn_at_random,
    "ours": ours,
    "ours, nothing at random": partial(ours, at_random=0.0),
    "ours, no cover": partial(ours, covering=0.0),
    "ours, no clusters": without_clusters,
    "ours, thresholds 0.2 and 0.8": partial(ours, thresholds=(0.2, 0.8)),
}


def read_world(prepared: Path, split: str) -> World:
    """Return the adverts of a split with their n-grams."""
    table = open_prepared(prepared).split(split)
    features = hashed_features_of(table.texts, NGRAMS)
    ends = np.cumsum([0, *(len(ids) for ids, _ in features)])
    columns, counts = (np.concatenate(part) for part in zip(*features, strict=True))
    shape = (len(table), NGRAMS.num_features)
    task = table.schema.task(table.schema.headline)
    return World(
        counts=csr_matrix((counts, columns, ends), shape=shape),
        clusters=tuple(f"{prepared.name} {name}" for name in table.clusters),
        languages=tuple(str(language) for language in table.langs),
        positive=table.targets[task.name][:, task.positive_index] > 0.5,
    )


def weighed(counts: csr_matrix, like: csr_matrix) -> csr_matrix:
    """Return values of n-grams as the package's, with the inverse frequencies of ``like``."""
    frequency = np.bincount(like.indices, minlength=like.shape[1])
    idf = np.where(frequency > 0, np.log((1 + like.shape[0]) / (1 + frequency)) + 1, 0.0)
    values = counts.astype(np.float64)
    values.data = (1 + np.log(values.data)) * idf[values.indices]
    half = like.shape[1] // 2
    both = hstack([normalize(values[:, :half]), normalize(values[:, half:])], format="csr")
    return both[:, frequency > 0]


def drawn_pool(
    trains: Sequence[World], judged: World | None, rng: np.random.Generator
) -> tuple[World, World, int]:
    """Return a pool, the adverts that are judged, and how many of the pool are of the first."""
    parts = []
    for place, train in enumerate(trains):
        order = rng.permutation(len(train.positive))
        second = OF_THE_SECOND if len(trains) > 1 else 0
        size = OF_THE_SECOND if place else LARGEST_POOL - second
        parts.append(train.select(np.sort(order[:size])))
        rest = train.select(order[size:]) if judged is None else judged
    pool = World(
        counts=vstack([part.counts for part in parts], format="csr"),
        clusters=tuple(name for part in parts for name in part.clusters),
        languages=tuple(name for part in parts for name in part.languages),
        positive=np.concatenate([part.positive for part in parts]),
    )
    return pool, rest, len(parts[0].positive)


def first_labels(positive: Bools, rng: np.random.Generator) -> Ints:
    """Return a random batch with at least one positive and one negative."""
    while True:
        start = rng.choice(len(positive), BATCH, replace=False)
        if len(np.unique(positive[start])) == 2:
            return start


def learn(choose: Choose, pool: World, judged: World, start: Ints, seed: int) -> list[float]:
    """Return the average precision on the adverts that are judged, after each round."""
    values, asked = (weighed(one.counts, pool.counts) for one in (pool, judged))
    rng, empty = np.random.default_rng([seed, 1]), pool.pool()
    places, found = start, []
    while True:
        model = LogisticRegression(C=INVERSE_REGULARISATION, solver="liblinear", random_state=0)
        model.fit(values[places], pool.positive[places])
        found.append(
            float(average_precision_score(judged.positive, model.decision_function(asked)))
        )
        if len(places) >= LABELS:
            return found
        now = labelled(empty, places, model.predict_proba(values)[:, 1])
        more = choose(Round(now, values, places, pool.positive[places], rng))
        assert len(np.unique([*places, *more])) == len(places) + BATCH
        places = np.concatenate([places, more])


def labelled(pool: TeachingPool, places: Ints, probabilities: Floats) -> TeachingPool:
    """Return the pool as it is once adverts at some places have labels."""
    is_labelled, so_far = pool.is_labelled.copy(), np.zeros_like(pool.labels_so_far)
    is_labelled[pool.clusters[places]] = True
    np.add.at(so_far, (pool.languages[places], pool.modalities[places]), 1)
    return replace(pool, probabilities=probabilities, is_labelled=is_labelled, labels_so_far=so_far)


def run(choices: Mapping[str, Choose]) -> None:
    """Print one line a repeat."""
    given, held_out, repeats, first = sys.argv[1:]
    folders = [Path(name) for name in given.split(",")]
    trains = [read_world(folder, "train") for folder in folders]
    judged = None if held_out == "rest" else read_world(folders[-1], held_out)
    for seed in range(int(first), int(first) + int(repeats)):
        began, rng = time.process_time(), np.random.default_rng(seed)
        pool, asked, first_size = drawn_pool(trains, judged, rng)
        start = first_labels(pool.positive[:first_size], rng)
        line = {
            "data": ", then ".join(folder.name for folder in folders),
            "held_out": held_out,
            "seed": seed,
            "average_precision": {
                name: [round(x, 5) for x in learn(choose, pool, asked, start, seed)]
                for name, choose in choices.items()
            },
        }
        print(json.dumps({**line, "seconds": round(time.process_time() - began, 1)}), flush=True)


if __name__ == "__main__":
    run(CHOICES)
