"""How often gate=release passes a candidate that half a percent more negatives fool.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/service_precision.py --processes 1

A quarter of the test set is positive, half a percent of what comes in service. The champion finds
0.7 of the positives at a precision of 0.99 in service; the candidate scores half a percent of the
negatives like positives, and finds them at about 0.5. The test set shows hardly any of that: one
flagged advert in seventy is a false alarm more.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from gate_worlds import Arm, World, draw, simulate

from adverts.evaluation.statistics.bounds import precision_at

IN_SERVICE, FOOLED, SKILL, RECALL = 0.005, 0.005, 4.5, 0.7
MOST = "at most 5 % pass"


def precision_in_service(world: World, *, seed: int = 7) -> tuple[float, float]:
    """Return the precision of champion and candidate in the population, where 0.7 are found."""
    big = draw(replace(world, positive_clusters=50_000), np.random.default_rng(seed))
    found = []
    for scores in (big.champion, big.candidate):
        cut = np.quantile(scores[big.positive], 1 - RECALL)
        false = float((scores[~big.positive] >= cut).mean())
        found.append(float(precision_at(RECALL, false, IN_SERVICE)))
    return found[0], found[1]


def arms() -> Sequence[Arm]:
    """Return the issue's set, and one with enough negatives to show what is wrong."""
    issue = World(
        "the issue's set: 2,000 positives, 6,000 negatives in 4,000 clusters",
        1000,
        own=0.05,
        fooled=FOOLED,
        skill=SKILL,
        prevalence=IN_SERVICE,
    )
    champion, candidate = precision_in_service(issue)
    print(f"precision in service at recall 0.7: {champion:.3f}, candidate {candidate:.3f}")
    more = replace(
        issue,
        name="2,000 positives, 18,000 negatives in 12,000 clusters",
        negative_clusters=12,
    )
    a_tenth = replace(issue, name="the issue's set, 0.1 % more negatives fooled", fooled=0.001)
    return [Arm(issue, 1000, 60, MOST), Arm(a_tenth, 1000, 60, MOST), Arm(more, 300, 60, MOST)]


if __name__ == "__main__":
    part = Path(__file__).parent / "parts" / "service_precision.json"
    sys.exit(simulate(arms, str(part), __doc__))
