"""How often the intervals hold the truth, on made-up adverts whose truth is known.

Usage::

    python experiments/0011-interval-coverage/interval_coverage.py [draws]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.statistics.bootstrap import Estimate, Resampled, estimates, resample
from adverts.evaluation.statistics.bounds import exact_interval, widened
from adverts.evaluation.truth import judge

Floats = NDArray[np.float64]
REFER = Task("refer", "single", ("no", "yes"), "yes")
FIGURES = ("average_precision", "precision", "recall_at_precision")
TITLES = ("average precision", "precision at a threshold", "recall at precision 0.9")
PRECISION = 0.9
RESAMPLES = 600
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


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What one evaluation set gives.

    Attributes:
        resampled: The figures.
        flagged: Clusters at or above the threshold.
        errors: Those of them with a false alarm.
    """

    resampled: Resampled
    flagged: int
    errors: int


def evaluation_sets(scene: Scene, draws: int, resamples: int) -> Iterator[Found]:
    """Yield what each evaluation set gives."""
    _, threshold = truth_of(scene)
    for seed in range(2, 2 + draws):
        drawn = draw(scene, scene.positive_clusters, seed)
        names = drawn.clusters.astype(str).tolist()
        figures = Figures(drawn, threshold)
        resampled = resample([figures], names, resamples=resamples, seed=seed)[0]
        flagged = drawn.scores >= threshold
        alarms = len(set(drawn.clusters[flagged & ~drawn.positive]))
        yield Found(resampled, len(set(drawn.clusters[flagged])), alarms)


def held(truth: Floats, found: Found) -> tuple[list[bool], list[bool]]:
    """Tell which figures' plain percentiles hold the truth, and which shipped intervals do."""
    plain = np.nanquantile(found.resampled.samples, [0.025, 0.975], axis=0)
    shipped = estimates(found.resampled)
    shipped[1] = widened(shipped[1], errors=found.errors, clusters=found.flagged)
    return (
        [bool(low <= true <= high) for true, low, high in zip(truth, *plain, strict=True)],
        [_holds(one, true) for one, true in zip(shipped, truth.tolist(), strict=True)],
    )


def _holds(found: Estimate, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def arm(name: str, share: Floats, draws: int) -> dict[str, object]:
    """Return a row of the record: coverage and its own exact interval over the draws."""
    ends = [exact_interval(round(one * draws), draws) for one in share.tolist()]
    return {
        "name": name,
        "values": {figure: [one] for figure, one in zip(FIGURES, share.tolist(), strict=True)},
        "intervals": dict(zip(FIGURES, ends, strict=True)),
    }


def main(draws: int) -> None:
    """Write ``results.json`` beside this file."""
    arms = []
    for scene in SCENES:
        truth, _ = truth_of(scene)
        found = np.array([held(truth, one) for one in evaluation_sets(scene, draws, RESAMPLES)])
        plain, shipped = found.mean(axis=0)
        arms += [
            arm(f"{scene.name}: percentile", plain, draws),
            arm(f"{scene.name}: shipped", shipped, draws),
        ]
        print(scene.name, truth.round(3), plain.round(3), shipped.round(3), flush=True)
    record = {
        "metrics": dict(zip(FIGURES, TITLES, strict=True)),
        "arms": arms,
        "comparisons": [],
        "caption": f"Share of {draws:,} made-up sets whose 95 % interval holds the truth, "
        f"{RESAMPLES} resamples each; brackets: exact 95 % interval of that share. "
        "`python experiments/0011-interval-coverage/interval_coverage.py`",
    }
    path = Path(__file__).with_name("results.json")
    path.write_text(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
