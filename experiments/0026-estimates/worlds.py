"""Made-up frames whose truth is known: adverts in clusters, with scores of a stated worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
ADVERTS = 100_000
LARGEST_CLUSTER = 2_000
CONCENTRATION = 0.15  # of the probabilities of clusters near 0 and 1: an average precision of 0.8
UNFORESEEN = 0.1  # share of positives that no score can tell
TAIL = 1.2


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the simulation.

    Attributes:
        prevalence: Share of positives to expect.
        budget: Number of labels.
        score: ``calibrated``, ``miscalibrated``, ``drifted`` or ``useless``.
        clusters: ``equal``, ``heavy``, ``mixed`` (heavy, 10 % of adverts unlike their cluster), or
            ``views`` (heavy; the total of views).
        reviewers: ``perfect`` or ``imperfect``.
    """

    prevalence: float
    budget: int
    score: str
    clusters: str
    reviewers: str

    @property
    def name(self) -> str:
        """The cell in one line, which is also its key."""
        return f"{self.prevalence:.2%} {self.budget} {self.score} {self.clusters} {self.reviewers}"


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A frame: cluster, truth, score and views of each advert."""

    cluster: Ints
    positive: Floats
    probability: Floats
    views: Floats


def make_world(cell: Cell, seed: int) -> World:
    """Return a frame with at least one positive."""
    rng = np.random.default_rng(seed)
    sizes = _sizes(cell.clusters, rng)
    cluster = np.repeat(np.arange(len(sizes)), sizes)
    chance, kind = _truth(sizes, cell.prevalence, rng)
    positive = kind[cluster].astype(np.float64)
    if cell.clusters == "mixed":
        positive[(rng.random(len(cluster)) < 0.1) & (positive == 1)] = 0.0
    said = _said(cell.score, chance, kind, rng)[cluster]
    noise = np.exp(rng.normal(0, 0.3, len(cluster)))  # copies are not scored exactly alike
    said = np.clip(said * noise, 1e-9, 1 - 1e-9)
    return World(cluster, positive, said, rng.pareto(TAIL, len(cluster)) + 1)


def _sizes(kind: str, rng: np.random.Generator) -> Ints:
    if kind == "equal":
        return np.full(ADVERTS // 4, 4, dtype=np.int64)
    sizes = np.minimum(rng.pareto(TAIL, ADVERTS) + 1, LARGEST_CLUSTER).astype(np.int64)
    keep = int(np.searchsorted(np.cumsum(sizes), ADVERTS)) + 1
    return sizes[:keep]


def _truth(sizes: Ints, prevalence: float, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Return the chance of each cluster to be positive, and whether it is."""
    for _ in range(100):
        foreseen = rng.beta(
            prevalence * CONCENTRATION, (1 - prevalence) * CONCENTRATION, len(sizes)
        )
        chance = (1 - UNFORESEEN) * foreseen + UNFORESEEN * prevalence
        kind = _kinds(chance, sizes, prevalence, rng)
        if kind is not None:
            return chance, kind
    raise RuntimeError(f"no frame of a prevalence of {prevalence:g} in 100,000 tries")


def _kinds(chance: Floats, sizes: Ints, prevalence: float, rng: np.random.Generator) -> Ints | None:
    """Return which clusters are positive, drawn until the frame is what its cell says.

    It has about as many positive adverts as the prevalence says, the lowest stratum at most twice
    as many as calibration expects there, and the chances an average precision of at least 0.78,
    which is not asked where ten adverts are positive. None after 1,000 tries.
    """
    wanted, order = prevalence * sizes.sum(), np.argsort(-chance, kind="stable")
    low = chance <= prevalence
    expected = max(float(chance[low] @ sizes[low]), 1.0)
    for _ in range(1_000):
        kind = (rng.random(len(chance)) < chance).astype(np.int64)
        if not 0.8 * wanted <= kind @ sizes <= 1.25 * wanted:
            continue
        hits, seen = (kind * sizes)[order], np.cumsum(sizes[order])
        precision = float((np.cumsum(hits) / seen) @ hits / hits.sum())
        if (precision >= 0.78 or wanted < 50) and kind[low] @ sizes[low] <= 2 * expected:
            return kind
    return None


def _said(score: str, chance: Floats, kind: Ints, rng: np.random.Generator) -> Floats:
    """Return the probability that the model states for each cluster."""
    said = chance.copy()
    match score:
        case "miscalibrated":
            odds = np.log(said / (1 - said))
            said = 1 / (1 + np.exp(-(0.6 * odds - 1.0)))
        case "drifted":
            lost = np.flatnonzero((kind == 1) & (rng.random(len(kind)) < 0.5))
            said[lost] = chance[rng.integers(0, len(chance), len(lost))]
        case "useless":
            rng.shuffle(said)
    return said
