"""Seconds and memory of choosing what to label among many scored adverts, from arrays.

Every size runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

import numpy as np

from adverts_findings.survey.learning.teaching import TeachingPool, choose_adverts

SIZES = (10_000, 100_000, 1_000_000)
BUDGETS = (200, 10_000)
_LANGUAGES, _MODALITIES = 60, 3


def made_pool(adverts: int) -> TeachingPool:
    """Return adverts, half of them in heavy-tailed clusters; 0.1 % of them are positive."""
    rng = np.random.default_rng(0)
    chances = rng.beta(0.02, 20, adverts)
    chances[rng.random(adverts) < 0.02] = np.nan
    templates = np.where(rng.random(adverts) < 0.5, rng.zipf(1.6, adverts) % adverts, 0)
    clusters = np.unique(templates - (templates == 0) * np.arange(adverts), return_inverse=True)[1]
    languages = np.minimum(rng.zipf(1.7, adverts), _LANGUAGES) - 1
    modalities = rng.choice(_MODALITIES, adverts, p=[0.7, 0.2, 0.1])
    is_labelled = rng.random(int(clusters.max()) + 1) < 0.01
    so_far = np.zeros((_LANGUAGES, _MODALITIES), dtype=np.int64)
    so_far[0, 0] = 500
    return TeachingPool(chances, clusters, languages, modalities, is_labelled, so_far)


def measure(adverts: int, budget: int) -> tuple[float, float, int]:
    """Return seconds, peak of memory in GB, and the number of adverts chosen."""
    pool = made_pool(adverts)
    began = time.perf_counter()
    found = choose_adverts(pool, budget, np.random.default_rng(0), thresholds=[0.2, 0.8])
    seconds = time.perf_counter() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, len(found)


def main() -> None:
    """Print one table."""
    if len(sys.argv) == 3:
        print(json.dumps(measure(int(sys.argv[1]), int(sys.argv[2]))))
        return
    print("choosing adverts to label, one thread")
    print(f"{'adverts':>10}{'budget':>8}{'chosen':>8}{'seconds':>9}{'peak GB':>9}")
    for adverts in SIZES:
        for budget in BUDGETS:
            given = [sys.executable, __file__, str(adverts), str(budget)]
            done = subprocess.run(given, check=True, capture_output=True, text=True)
            seconds, peak, chosen = json.loads(done.stdout)
            print(f"{adverts:10,}{budget:8,}{chosen:8,}{seconds:9.2f}{peak:9.2f}", flush=True)


if __name__ == "__main__":
    main()
