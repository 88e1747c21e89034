"""Rank adverts by n-grams that are fitted on some of the training, to ask what a ranking rests on.

Shape suffixes: ``N`` adverts, ``F`` n-grams, ``M`` adverts that are ranked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from adverts.advert import Task
from adverts.arrays import Bools, Floats, Ints, Weights
from adverts.config import TfidfConfig, shipped_ngrams
from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.statistics.metrics import average_precision
from adverts.evaluation.truth import NOT_JUDGED, label_truth
from adverts.inputs.spec import InputName
from adverts.models.build_model import build_model
from adverts.models.tfidf import LinearNgrams
from adverts.training.fit_ngrams import ngram_features

MOST_FITTED = 6_000
"""Training adverts of a fit; of others, some are drawn."""
FEWEST = 10
"""Positives and negatives that there must be to measure anything."""
ONE_SIDED = 1.645
"""Standard errors to the lower 95 % bound."""
RESAMPLES = 200
"""Draws of clusters for a standard error."""


@dataclass(frozen=True, slots=True, eq=False)
class NgramAdverts:
    """Adverts by the n-grams that the training has.

    Attributes:
        values: Scaled tf-idf values, sparse ``(N, F)``.
        positive: Whether each has the headline label, ``(N,)``.
        clusters: Number of the cluster of each, ``(N,)``.
    """

    values: csr_matrix
    positive: Bools
    clusters: Ints

    @property
    def of_rarer_label(self) -> int:
        """Number of the positives or of the negatives, whichever are fewer."""
        return int(min(self.positive.sum(), (~self.positive).sum()))

    def rows(self, picked: Ints) -> NgramAdverts:
        """Return some of the adverts."""
        return NgramAdverts(self.values[picked], self.positive[picked], self.clusters[picked])


def joined(parts: Sequence[NgramAdverts]) -> NgramAdverts:
    """Return the adverts of all parts, in order."""
    return NgramAdverts(
        vstack([one.values for one in parts]).tocsr(),
        np.concatenate([one.positive for one in parts]),
        np.concatenate([one.clusters for one in parts]),
    )


def read_ngrams(
    tables: Sequence[AdvertTable], task: Task, inputs: Sequence[InputName]
) -> list[NgramAdverts] | None:
    """Return the labelled adverts of each, with the inverse document frequencies of the first.

    The result is None where no text is read, or nothing can be ranked.

    Args:
        tables: Adverts, those of the training first.
        task: The task whose positive label is ranked.
        inputs: Parts of an advert that a model reads.
    """
    texts = [name for name in inputs if name != "image"]
    if not texts or task.positive_index is None:
        return None
    ngrams = shipped_ngrams()
    config = TfidfConfig.model_validate(
        {"kind": "tfidf", "name": "tfidf", "inputs": texts, **ngrams.model_dump()}
    )
    spec = build_model(config, (task,)).input_spec
    label = task.labels[task.positive_index]
    names: dict[str, int] = {}
    read = []
    for table in tables:
        truth = label_truth(task, table.targets[task.name], label)
        rows = np.flatnonzero((truth != NOT_JUDGED) & table.readable(texts))
        kept = table.select(rows)
        clusters = [names.setdefault(name, len(names)) for name in kept.clusters]
        read.append((ngram_features(kept, spec), truth[rows] == 1, np.array(clusters, np.int64)))
    nothing = np.zeros(0, np.int32)
    ids = np.concatenate([nothing, *(ids for ids, _ in read[0][0])])
    num_features = 1 << config.num_features_log2
    held_F = np.bincount(ids, minlength=num_features)
    empty = LinearNgrams.empty((task,), num_features)
    seen = np.flatnonzero(held_F)
    empty.idf_F[seen] = np.log((1 + len(read[0][0])) / (1 + held_F[seen])) + 1.0
    return [
        NgramAdverts(empty.values(features)[:, seen], positive, clusters)
        for features, positive, clusters in read
    ]


def ranked_by(taught: NgramAdverts, rows: Ints, asked: NgramAdverts) -> Floats:
    """Return the scores of adverts, ``(M,)``, by n-grams fitted on these rows of the training."""
    from sklearn.linear_model import LogisticRegression

    regression = LogisticRegression(
        C=shipped_ngrams().inverse_regularisation, solver="liblinear", random_state=0
    )
    regression.fit(taught.values[rows], taught.positive[rows])
    scores: Floats = regression.decision_function(asked.values)
    return scores


def drawn_weights(clusters: Ints, rng: np.random.Generator) -> Weights:
    """Return ones, and how often the cluster of each advert is drawn, ``(1 + RESAMPLES, N)``."""
    names, places = np.unique(clusters, return_inverse=True)
    drawn = rng.multinomial(len(names), np.full(len(names), 1 / len(names)), size=RESAMPLES)
    return np.vstack([np.ones(len(places)), drawn[:, places]]).astype(np.float32)


def surely_above_0(difference_R: Floats) -> float:
    """Return the lower 95 % bound of a difference, or 0 where that is not above 0.

    Args:
        difference_R: The difference, then that of each draw of :func:`drawn_weights`.
    """
    return max(0.0, float(difference_R[0]) - ONE_SIDED * float(np.nanstd(difference_R[1:])))


def lost_between(
    before_M: Floats,
    after_M: Floats,
    positive: Bools,
    clusters: Sequence[str] | Ints,
    rng: np.random.Generator,
) -> tuple[float, float]:
    """Return how much average precision is lost from one scoring to another, and its error.

    Both are 0 where one label is missing.

    Args:
        before_M: Scores before.
        after_M: Scores after.
        positive: Whether each advert has the headline label, ``(M,)``.
        clusters: Cluster of each advert.
        rng: Draws clusters for the standard error.
    """
    _, places = np.unique(clusters, return_inverse=True)
    if positive.all() or not positive.any():
        return 0.0, 0.0

    def lost(rows: Ints) -> float:
        return average_precision(before_M[rows], positive[rows]) - average_precision(
            after_M[rows], positive[rows]
        )

    drawn = [lost(rows) for rows in _resamples(places, positive, rng)]
    return lost(np.arange(len(positive))), float(np.std(drawn))


def _resamples(clusters: Ints, positive: Bools, rng: np.random.Generator) -> Iterator[Ints]:
    """Yield rows of clusters that are drawn with replacement, where both labels occur."""
    order = np.argsort(clusters, kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(clusters[order])) + 1)
    for _ in range(RESAMPLES):
        rows = np.concatenate([parts[i] for i in rng.integers(0, len(parts), len(parts))])
        if 0 < positive[rows].sum() < len(rows):
            yield rows
