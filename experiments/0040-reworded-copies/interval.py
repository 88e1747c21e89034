"""Where the interval of average precision begins after the attack of ``attack.py``, in NumPy alone.

    python experiments/0040-reworded-copies/interval.py

This is no verdict of a gate: resamples of clusters, as a report draws them, give the lower end of
the 95 % interval, beside the bar of ``gate=first``, 0.6. Half of a score's variance is a cluster's.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ADVERTS, POSITIVES, DRAWS, RESAMPLES = 4_400, 1_100, 10, 60
ORIGINALS, REWORDINGS, FOUND, SURE, WEAK = 20, 40, 18, 5.0, 0.594
Floats = NDArray[np.float64]


def average_precision(scores: Floats, positive: NDArray[np.bool_], weight: Floats) -> float:
    """Return the weighted average precision; no two scores are equal."""
    order = np.argsort(-scores)
    hit, all_ = (np.cumsum(one[order]) for one in (weight * positive, weight))
    gained = weight[order] * positive[order]
    return float((gained * hit / np.maximum(all_, 1e-12)).sum() / hit[-1])


def noise(cluster: NDArray[np.int64], rng: np.random.Generator) -> Floats:
    shared = rng.normal(size=int(cluster.max()) + 1)[cluster]
    return np.asarray(np.sqrt(0.5) * (shared + rng.normal(size=len(cluster))))


def weak_skill() -> float:
    rng = np.random.default_rng(7)
    positive, said = np.arange(20_000) < 5_000, rng.normal(size=20_000)
    low, high, one = 0.0, 4.0, np.ones(20_000)
    for _ in range(12):
        middle = (low + high) / 2
        less = average_precision(said + middle * positive, positive, one) < WEAK
        low, high = (middle, high) if less else (low, middle)
    return (low + high) / 2


def main() -> None:
    skill, arms = weak_skill(), {}
    for seed in range(DRAWS):
        rng = np.random.default_rng(seed)
        pair = np.arange(ADVERTS) // 2
        positive = np.arange(ADVERTS) < POSITIVES
        honest = noise(pair, rng) + skill * positive
        family = np.repeat(np.arange(ORIGINALS), REWORDINGS)
        scores, joined, alone = honest.copy(), pair + 10_000, pair + 10_000
        count = len(family)
        scores[:count] = noise(family, rng) + np.where(family < FOUND, SURE, 0.0)
        joined[:count], alone = family, alone.copy()
        alone[:count] = np.arange(count)
        for name, said, cluster, vote in (
            ("no attack", honest, pair, False),
            ("attack, prepare's clusters", scores, alone, False),
            ("attack, every family joined", scores, joined, False),
            ("attack, every family joined, one vote a cluster", scores, joined, True),
        ):
            of = np.unique(cluster, return_inverse=True)[1]
            size = np.bincount(of)
            own = 1 / size[of] if vote else np.ones(ADVERTS)
            drawn = [
                average_precision(said, positive, own * rng.multinomial(len(size), q)[of])
                for q in [np.full(len(size), 1 / len(size))]
                for _ in range(RESAMPLES)
            ]
            held = np.bincount(of[positive])
            found = (
                average_precision(said, positive, own),
                *np.quantile(drawn, (0.025, 0.975)),
                held.sum() ** 2 / (held**2).sum(),
            )
            arms.setdefault(name, []).append([round(float(one), 4) for one in found])
    columns = ["average precision", "low", "high", "effective positives"]
    record = {"draws": DRAWS, "resamples": RESAMPLES, "columns": columns, "arms": arms}
    path = Path(__file__).parent / "parts" / "interval.json"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    for name, rows in arms.items():
        print(name, np.mean(rows, axis=0).round(3), min(row[1] for row in rows))


if __name__ == "__main__":
    main()
