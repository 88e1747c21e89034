"""How often the intervals hold the truth, on made-up adverts whose truth is known.

Usage::

    python experiments/0011-interval-coverage/simulate.py [draws]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.evaluation.bootstrap import Resampled, resample
from adverts.evaluation.figures import FigureSet, judge

Floats = NDArray[np.float64]
REFER = Task("refer", "single", ("no", "yes"), "yes")
FIGURES = ("average_precision", "precision", "recall_at_precision")
PRECISION = 0.9
POPULATION = 300_000  # clusters of which the truth is computed


@dataclass(frozen=True, slots=True)
class Scene:
    """How adverts come about.

    Attributes:
        name: For the table.
        positive_clusters: In each evaluation set.
        negatives: Clusters of negatives for each positive one.
        copies: Adverts in a cluster, on average; 1: no copies.
        apart: Distance of the two classes' mean log odds.
        shape: Of the scores: ``normal`` or ``heavy`` (Student's t of 3).
    """

    name: str
    positive_clusters: int
    negatives: int
    copies: float
    apart: float
    shape: str


SCENES = (
    Scene("100 positive clusters, no copies", 100, 9, 1, 3.0, "normal"),
    Scene("100 positive clusters of 3", 100, 9, 3, 3.0, "normal"),
    Scene("100 positive clusters of 3, poor model", 100, 4, 3, 1.8, "normal"),
    Scene("100 positive clusters of 3, heavy tails", 100, 4, 3, 3.5, "heavy"),
    Scene("100 positive clusters of 3, good model", 100, 9, 3, 4.2, "normal"),
    Scene("300 positive clusters of 3", 300, 9, 3, 3.0, "normal"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """One evaluation set."""

    scores: Floats
    positive: NDArray[np.bool_]
    clusters: NDArray[np.int64]


def draw(scene: Scene, positive_clusters: int, seed: int) -> Drawn:
    """Draw clusters; the posts of one share most of their score, as copies do."""
    rng = np.random.default_rng(seed)
    total = positive_clusters * (1 + scene.negatives)
    is_positive = rng.random(total) < 1 / (1 + scene.negatives)
    sizes = rng.geometric(1 / scene.copies, total)
    clusters = np.repeat(np.arange(total), sizes)
    noise = [_noise(rng, scene, count) for count in (total, len(clusters))]
    shared = np.sqrt(0.7) * noise[0][clusters] + np.sqrt(0.3) * noise[1]
    return Drawn(shared + scene.apart * is_positive[clusters], is_positive[clusters], clusters)


def _noise(rng: np.random.Generator, scene: Scene, count: int) -> Floats:
    if scene.shape == "normal":
        return rng.normal(size=count)
    return rng.standard_t(3, size=count) / np.sqrt(3)


class Figures:
    """Average precision, precision at a frozen threshold, recall at precision; a statistic."""

    def __init__(self, drawn: Drawn, threshold: float) -> None:
        chance = 1 / (1 + np.exp(-drawn.scores))
        targets = np.stack([~drawn.positive, drawn.positive], axis=1).astype(np.float32)
        said = np.stack([1 - chance, chance], axis=1)
        self._queue = FigureSet(judge(REFER, targets), said, precision=PRECISION)
        self._flagged = np.flatnonzero(drawn.scores >= threshold)
        self._hits = np.flatnonzero((drawn.scores >= threshold) & drawn.positive)

    def __call__(self, weights_RN: NDArray[np.float32]) -> Floats:
        found = self._queue(weights_RN)
        place = self._queue.names.index
        precision = weights_RN[:, self._hits].sum(axis=1) / weights_RN[:, self._flagged].sum(axis=1)
        return np.stack(
            [found[:, place(FIGURES[0])], precision, found[:, place(FIGURES[2])]], axis=1
        )


def truth_of(scene: Scene) -> tuple[Floats, float]:
    """Return the figures of the population, and the threshold that finds 7 in 10 positives."""
    whole = draw(scene, POPULATION // (1 + scene.negatives), seed=1)
    threshold = float(np.quantile(whole.scores[whole.positive], 0.3))
    ones = np.ones((1, len(whole.scores)), dtype=np.float32)
    return Figures(whole, threshold)(ones)[0], threshold


def intervals(scene: Scene, draws: int, resamples: int) -> Iterator[tuple[Drawn, Resampled]]:
    """Yield evaluation sets and their resamples."""
    _, threshold = truth_of(scene)
    for seed in range(2, 2 + draws):
        drawn = draw(scene, scene.positive_clusters, seed)
        names = drawn.clusters.astype(str).tolist()
        figures = Figures(drawn, threshold)
        yield drawn, resample([figures], names, resamples=resamples, seed=seed)[0]
