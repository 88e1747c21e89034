"""How often the gate `first` passes a weak model after rewordings replaced most positives.

    export PYTHONPATH=experiments:experiments/0017-no-wrong-pass
    python experiments/0040-reworded-copies/attack.py --draws 100 --out attack.json

4,400 adverts in 2,200 clusters, a quarter positive; half of a score's variance is shared in a
cluster. The weak model has an average precision of 0.594 in the population. The attack replaces 800
positives by 40 rewordings of each of 20 adverts, of which the model finds 18 almost surely.
Clusters are those of prepare, which sees no rewording, or joined ones: a rewording is in the
cluster of its family with chance ``found``, and honest clusters of one label are merged at random
until their effective number is the share ``kept`` of what it was. One vote: one advert of each
cluster, at random.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from drawn_reports import (
    Adverts,
    Arm,
    Floats,
    draw_adverts,
    report_of,
    run,
    skilled,
    verdict_on,
)
from gate_worlds import shipped

from adverts.evaluation.gate.gate_facts import Gate
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.statistics.bounds import effective_number
from adverts.evaluation.statistics.metrics import average_precision

ADVERTS, POSITIVE, RESAMPLES = 4_400, 0.25, 200
ORIGINALS, REWORDINGS, FOUND = 20, 40, 18
WEAK, GOOD, SURE = 0.594, 3.1, 5.0


@dataclass(frozen=True, slots=True)
class Judged:
    """How a set is made and judged.

    Attributes:
        attacked: Are 800 positives rewordings?
        skill: By how much the model scores positives higher; None: as the weak model.
        found: Chance that a rewording is joined to its family; None: prepare's clusters.
        kept: Share of the effective number of honest adverts that joining leaves.
        one_vote: Is one advert of each cluster judged?
        least: Effective number of positives without which nothing passes.
    """

    attacked: bool = False
    skill: float | None = None
    found: float | None = None
    kept: float = 1.0
    one_vote: bool = False
    least: float = 0.0


def judge(world: Judged, seed: int) -> GateRecord:
    """Draw a set once and judge it once."""
    rng = np.random.default_rng(seed)
    adverts = draw_adverts(ADVERTS, POSITIVE, rng)
    skill = weak_skill() if world.skill is None else world.skill
    scores = adverts.noise(rng) + skill * adverts.positive
    cluster = adverts.cluster
    if world.found is not None:
        cluster = merged(adverts, world.kept, rng)
    if world.attacked:
        cluster, scores = attacked(adverts, cluster, scores, world.found or 0.0, rng)
    if world.one_vote:
        order = rng.permutation(len(cluster))
        rows = order[np.unique(cluster[order], return_index=True)[1]]
    else:
        rows = np.arange(len(cluster))
    kept = Adverts(cluster[rows], adverts.positive[rows])
    said = skilled(scores[rows], skill, float(kept.positive.mean()))
    report = report_of(
        kept,
        {"tfidf": said},
        resamples=RESAMPLES,
        seed=seed,
        prevalence=float(kept.positive.mean()),
    )
    record = verdict_on(report, shipped_first(), is_tfidf=True)
    worth = effective_number([str(one) for one in kept.cluster[kept.positive]])
    if record.verdict == "passed" and worth < world.least:
        return replace(record, verdict="could not judge")
    return record


def attacked(
    adverts: Adverts, cluster: np.ndarray, scores: Floats, found: float, rng: np.random.Generator
) -> tuple[np.ndarray, Floats]:
    """Return clusters and scores after rewordings replaced 800 positives."""
    count = ORIGINALS * REWORDINGS
    rows = rng.permutation(np.flatnonzero(adverts.positive))[:count]
    family = np.repeat(np.arange(ORIGINALS), REWORDINGS)[: len(rows)]
    shared, own = rng.normal(size=ORIGINALS)[family], rng.normal(size=len(rows))
    raised = np.where(family < FOUND, SURE, 0.0)
    cluster, scores = cluster.copy(), scores.copy()
    scores[rows] = raised + np.sqrt(0.5) * shared + np.sqrt(0.5) * own
    last = int(cluster.max()) + 1
    is_joined = rng.random(len(rows)) < found
    alone = last + ORIGINALS + np.arange(len(rows))
    cluster[rows] = np.where(is_joined, last + family, alone)
    return np.unique(cluster, return_inverse=True)[1], scores


def merged(adverts: Adverts, kept: float, rng: np.random.Generator) -> np.ndarray:
    """Return clusters of which one of each label took others in, until ``kept`` is left."""
    cluster = adverts.cluster.copy()
    for kind in (True, False):
        own = adverts.positive == kind
        names = rng.permutation(np.unique(cluster[own]))
        before = effective_number(cluster[own].tolist())
        low, high = 1, len(names)
        while low < high:  # the largest group that leaves enough
            size = (low + high + 1) // 2
            joined = np.where(np.isin(cluster[own], names[:size]), names[0], cluster[own])
            enough = effective_number(joined.tolist()) >= kept * before
            low, high = (size, high) if enough else (low, size - 1)
        cluster[own & np.isin(cluster, names[:low])] = names[0]
    return np.unique(cluster, return_inverse=True)[1]


@cache
def weak_skill(wanted: float = WEAK) -> float:
    """Return the skill whose average precision in the population is ``wanted``."""
    rng = np.random.default_rng(7)
    adverts = draw_adverts(200_000, POSITIVE, rng)
    noise = adverts.noise(rng)
    low, high = 0.0, 4.0
    for _ in range(12):
        middle = (low + high) / 2
        is_less = average_precision(noise + middle * adverts.positive, adverts.positive) < wanted
        low, high = (middle, high) if is_less else (low, middle)
    return (low + high) / 2


@cache
def shipped_first() -> Gate:
    """Return the gate `first` as it is shipped."""
    return shipped("first")


def arms() -> list[Arm]:
    """Return every world."""
    attack = Judged(attacked=True)
    good = Judged(skill=GOOD)

    def arm(name: str, world: Judged, *, is_good: bool = False) -> Arm:
        return Arm(name, partial(judge, world), is_good=is_good)

    full = {"found": 1.0}
    most = {"found": 0.9, "kept": 0.8}
    honest = {"is_good": True}
    return [
        arm("weak, no attack, prepare's clusters", Judged()),
        arm("attack, prepare's clusters", attack),
        arm("attack, every family joined", replace(attack, **full)),
        arm("attack, 90 % joined", replace(attack, **most)),
        arm(
            "attack, every family joined, at least 100 effective",
            replace(attack, **full, least=100),
        ),
        arm("attack, 90 % joined, at least 100 effective", replace(attack, **most, least=100)),
        arm("attack, every family joined, one vote", replace(attack, **full, one_vote=True)),
        arm("attack, 90 % joined, one vote", replace(attack, **most, one_vote=True)),
        arm("good, 80 % kept", replace(good, **most), **honest),
        arm("good, 80 % kept, at least 100 effective", replace(good, **most, least=100), **honest),
        arm("good, 80 % kept, one vote", replace(good, **most, one_vote=True), **honest),
        arm("good, 10 % kept", replace(good, found=0.9, kept=0.1), **honest),
        arm(
            "good, 10 % kept, at least 100 effective",
            replace(good, found=0.9, kept=0.1, least=100),
            **honest,
        ),
    ]


if __name__ == "__main__":
    sys.exit(run(arms(), "attack.json", __doc__))
