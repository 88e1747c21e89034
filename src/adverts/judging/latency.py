"""Time two models on the same adverts in turns, so that a busy machine slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from adverts.candidates.candidate import Candidate
from adverts.candidates.predict import candidate_logits
from adverts.data.dataset.advert_table import AdvertTable
from adverts.evaluation.gate.gate_facts import Timed

ROUNDS, ADVERTS = 5, 64
Clock = Callable[[], float]


def time_against(
    candidate: Candidate,
    champion: Candidate,
    table: AdvertTable,
    *,
    rounds: int = ROUNDS,
    adverts: int = ADVERTS,
    clock: Clock = time.perf_counter,
) -> Timed:
    """Return the times of both models; a first round, which is not counted, warms them up.

    Args:
        candidate: The judged model.
        champion: The model that it is compared with.
        table: Adverts that both can read, at least one.
        rounds: Number of rounds that count; the order of the two models alternates.
        adverts: Largest number of adverts in a round, spread over the table.
        clock: Monotonic clock in seconds.
    """
    count = min(adverts, len(table))
    rows = np.unique(np.linspace(0, len(table) - 1, count).astype(np.int64))
    few = table.select(rows)
    ours: list[float] = []
    theirs: list[float] = []
    for turn in range(rounds + 1):
        pair = [(candidate, ours), (champion, theirs)]
        for model, times in pair if turn % 2 else reversed(pair):
            start = clock()
            candidate_logits(model, few, title=f"time {model.facts.name}")
            times.append(1000 * (clock() - start) / len(few))
    ratios = [a / max(b, 1e-9) for a, b in zip(ours[1:], theirs[1:], strict=True)]
    return Timed(
        adverts=len(few),
        rounds=rounds,
        candidate_ms=statistics.median(ours[1:]),
        champion_ms=statistics.median(theirs[1:]),
        ratio=statistics.median(ratios),
    )
