"""How often `calibrated` passes probabilities that say nothing where positives are rare.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/rare_calibration.py --draws 1000

0.5 % of the adverts are positive. Judged are "0 for every advert", "0.9 for a random 5 %", "the
base rate for every advert", and models of skill whose stated odds are calibrated or too sure.
"""

from __future__ import annotations

import sys
from dataclasses import replace
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

PREVALENCE, RESAMPLES = 0.005, 400
SKILL = 4.0


def zero(adverts: Adverts, rng: np.random.Generator) -> Floats:
    """Say 0 of every advert."""
    return _both(np.zeros(len(adverts.cluster)))


def random_twentieth(adverts: Adverts, rng: np.random.Generator) -> Floats:
    """Say 0.9 of a random 5 %, and 0 of the others."""
    return _both(np.where(rng.random(len(adverts.cluster)) < 0.05, 0.9, 0.0))


def base_rate(adverts: Adverts, rng: np.random.Generator) -> Floats:
    """Say the prevalence of every advert."""
    return _both(np.full(len(adverts.cluster), PREVALENCE))


def noisy_base_rate(adverts: Adverts, rng: np.random.Generator) -> Floats:
    """Say about the prevalence, whatever the advert holds."""
    return skilled(0.3 * adverts.noise(rng), 1.0, PREVALENCE)


def of_skill(adverts: Adverts, rng: np.random.Generator, times: float = 1.0) -> Floats:
    """Say the true probability; with ``times`` above 1 of odds that are too sure of positives."""
    scores = adverts.noise(rng) + SKILL * adverts.positive
    said = skilled(scores, SKILL, PREVALENCE)[:, 1]
    return _both(times * said / (1 - said + times * said))


def judge(kind: str, times: float, count: int, seed: int) -> GateRecord:
    """Judge the probabilities of one draw by the shipped condition alone."""
    rng = np.random.default_rng(seed)
    adverts = draw_adverts(count, PREVALENCE, rng)
    said = of_skill(adverts, rng, times) if kind == "skill" else _SAYS[kind](adverts, rng)
    report = report_of(adverts, {"tfidf": said}, resamples=RESAMPLES, seed=seed)
    return verdict_on(report, _calibrated(), is_tfidf=True)


def _both(yes: Floats) -> Floats:
    return np.stack([1 - yes, yes], axis=1)


_SAYS = {
    "0 for every advert": zero,
    "0.9 for a random 5 %": random_twentieth,
    "the base rate": base_rate,
    "about the base rate": noisy_base_rate,
}


@cache
def _calibrated() -> Gate:
    gate = shipped("first")
    return replace(gate, conditions={"calibrated": gate.conditions["calibrated"]})


def arms() -> list[Arm]:
    """Return every world."""
    found = [Arm(name, partial(judge, name, 1.0, 4_400)) for name in _SAYS]
    found.append(
        Arm("skill, odds of positives 10 times too high", partial(judge, "skill", 10.0, 4_400))
    )
    found += [
        Arm(
            f"skill, calibrated, {count:,} adverts",
            partial(judge, "skill", 1.0, count),
            is_good=count > 40_000,
            draws=300,
        )
        for count in (4_400, 40_000, 80_000)
    ]
    return found


if __name__ == "__main__":
    sys.exit(run(arms(), "rare_calibration.json", __doc__ or ""))
