"""How often gate=first passes one of 20 models below its bar that are tried on one test set.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/looked_at.py --draws 300

Every model has an average precision of 0.56 in the population, where 0.6 is asked for. Each gives
the same adverts other scores by chance, as after training again. A draw counts as passed if any of
its models does, each judged after the looks of those before it. They are 1,200 adverts; honest
models of skill are judged on 4,400 after as many looks, and where nobody states how rare positives
are in service.
"""

from __future__ import annotations

import sys
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
from adverts.evaluation.statistics.metrics import average_precision

FEW, MANY, PREVALENCE, RESAMPLES, TRIES = 1_200, 4_400, 0.3, 200, 20
BELOW, OWN = 0.56, 0.3  # average precision; share of a score's variance that is each model's own


@cache
def skill_of(wanted: float) -> float:
    """Return the skill with which average precision in the population is ``wanted``."""
    rng = np.random.default_rng(7)
    adverts = draw_adverts(400_000, PREVALENCE, rng)
    noise, low, high = adverts.noise(rng), 0.0, 6.0
    for _ in range(14):
        middle = (low + high) / 2
        reached = average_precision(noise + middle * adverts.positive, adverts.positive)
        low, high = (middle, high) if reached < wanted else (low, middle)
    return (low + high) / 2


def best_of(wanted: float, seed: int) -> GateRecord:
    """Judge models one after another on the same adverts; return the first record that passed."""
    rng, skill = np.random.default_rng(seed), skill_of(wanted)
    adverts = draw_adverts(FEW, PREVALENCE, rng)
    shared = np.sqrt(1 - OWN) * adverts.noise(rng) + skill * adverts.positive
    for looks in range(TRIES):
        record = _judged(adverts, shared + np.sqrt(OWN) * adverts.noise(rng), skill, seed, looks)
        if record.verdict == "passed":
            break
    return record


def honest(wanted: float, looks: int, seed: int, *, stated: bool = True) -> GateRecord:
    """Judge one model after looks of others."""
    rng, skill = np.random.default_rng(seed), skill_of(wanted)
    adverts = draw_adverts(MANY, PREVALENCE, rng)
    scores = adverts.noise(rng) + skill * adverts.positive
    return _judged(adverts, scores, skill, seed, looks, stated=stated)


def _judged(
    adverts: Adverts, scores: Floats, skill: float, seed: int, looks: int, *, stated: bool = True
) -> GateRecord:
    said = {"tfidf": skilled(scores, skill, PREVALENCE)}
    prevalence = PREVALENCE if stated else None
    report = report_of(adverts, said, resamples=RESAMPLES, seed=seed, prevalence=prevalence)
    return verdict_on(report, _gate(), is_tfidf=True, earlier_looks=looks)


@cache
def _gate() -> Gate:
    return shipped("first")


def arms() -> list[Arm]:
    """Return models below the bar, and good ones."""
    silent = Arm("average precision 0.9, nothing stated", partial(honest, 0.9, 0, stated=False))
    good = [
        Arm(f"average precision {good:g}, {looks} looks", partial(honest, good, looks), True)
        for good in (0.75, 0.9)
        for looks in (0, 5, 20)
    ]
    return [Arm("0.56, one of 20 tries", partial(best_of, BELOW)), silent, *good]


if __name__ == "__main__":
    sys.exit(run(arms(), "looked_at.json", __doc__ or ""))
