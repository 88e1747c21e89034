"""How often the gate `first` passes a model that learned nothing, or one that is worse than tf-idf.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/no_skill.py --draws 1000

Labels are drawn independently of what the model says: 4,400 adverts in 2,200 clusters unless an arm
names another number, half of a score's variance shared in a cluster. A model that learned nothing
states about the prevalence. Beside tf-idf, both models have skill and share most of their noise;
the candidate's average precision is lower by 0.02 in the population, or the same, or higher. The
stated share of positives in service is that of the adverts.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
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
    stated,
    verdict_on,
)
from gate_worlds import shipped

from adverts.evaluation.figures.planned_figures import BASELINE
from adverts.evaluation.gate.gate_facts import Gate
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.statistics.metrics import average_precision

ADVERTS, RESAMPLES = 4_400, 400
OWN = 0.05  # of a score's variance that is each model's own, as after training again


@dataclass(frozen=True, slots=True)
class Beside:
    """A candidate and tf-idf with skill.

    Attributes:
        prevalence: Of the positive label.
        skill: By how much tf-idf scores positives higher, in standard deviations.
        more: What the candidate has besides; below 0: it is worse.
        adverts: That are judged.
    """

    prevalence: float
    skill: float
    more: float
    adverts: int = ADVERTS

    def draw(self, rng: np.random.Generator) -> tuple[Adverts, Floats, Floats]:
        """Return adverts with the scores of candidate and tf-idf."""
        adverts = draw_adverts(self.adverts, self.prevalence, rng)
        shared = np.sqrt(1 - OWN) * adverts.noise(rng)
        ours, theirs = (shared + np.sqrt(OWN) * adverts.noise(rng) for _ in range(2))
        raised = self.skill * adverts.positive
        return adverts, ours + raised + self.more * adverts.positive, theirs + raised

    def true_difference(self) -> float:
        """Return the difference of average precision on a million adverts."""
        big = Beside(self.prevalence, self.skill, self.more, 1_000_000)
        adverts, ours, theirs = big.draw(np.random.default_rng(7))
        first, second = (average_precision(said, adverts.positive) for said in (ours, theirs))
        return first - second


def worse_by(drop: float, prevalence: float, skill: float) -> Beside:
    """Return the world in which the candidate's average precision is lower by ``drop``."""
    low, high = -skill, 0.0
    for _ in range(12):
        middle = (low + high) / 2
        too_much = Beside(prevalence, skill, middle).true_difference() < -drop
        low, high = (middle, high) if too_much else (low, middle)
    return Beside(prevalence, skill, (low + high) / 2)


def no_skill(prevalence: float, seed: int) -> GateRecord:
    """Judge a model that says the prevalence and some noise."""
    rng = np.random.default_rng(seed)
    adverts = draw_adverts(ADVERTS, prevalence, rng)
    said = stated(np.log(prevalence / (1 - prevalence)) + 0.1 * adverts.noise(rng))
    report = report_of(
        adverts, {"tfidf": said}, resamples=RESAMPLES, seed=seed, prevalence=prevalence
    )
    return verdict_on(report, _gate(), is_tfidf=True)


def skill_alone(prevalence: float, skill: float, seed: int) -> GateRecord:
    """Judge a tf-idf that has learned something."""
    rng = np.random.default_rng(seed)
    adverts = draw_adverts(ADVERTS, prevalence, rng)
    said = skilled(adverts.noise(rng) + skill * adverts.positive, skill, prevalence)
    report = report_of(
        adverts, {"tfidf": said}, resamples=RESAMPLES, seed=seed, prevalence=prevalence
    )
    return verdict_on(report, _gate(), is_tfidf=True)


def beside(world: Beside, seed: int) -> GateRecord:
    """Judge a candidate beside tf-idf."""
    adverts, ours, theirs = world.draw(np.random.default_rng(seed))
    models = {
        "text": skilled(ours, world.skill + world.more, world.prevalence),
        BASELINE: skilled(theirs, world.skill, world.prevalence),
    }
    report = report_of(adverts, models, resamples=RESAMPLES, seed=seed, prevalence=world.prevalence)
    return verdict_on(report, _gate(), is_tfidf=False)


@cache
def _gate() -> Gate:
    return shipped("first")


def arms() -> list[Arm]:
    """Return every world."""
    found = [
        Arm(f"learned nothing, {share:.0%} positive", partial(no_skill, share))
        for share in (0.5, 0.87, 0.99)
    ]
    found += [
        Arm(
            f"learned something, {share:.0%} positive, skill {skill:g}",
            partial(skill_alone, share, skill),
            is_good=True,
            draws=300,
        )
        for share, skill in ((0.5, 1.5), (0.87, 1.5), (0.99, 2.0))
    ]
    for share, skill in ((0.5, 2.5), (0.1, 3.1)):
        world = worse_by(0.02, share, skill)
        found.append(Arm(f"0.02 worse than tf-idf, {share:.0%} positive", partial(beside, world)))
    for share, skill, more, number in (
        (0.5, 2.5, 0.0, ADVERTS),
        (0.5, 2.5, 0.3, ADVERTS),
        (0.1, 3.1, 0.0, ADVERTS),
        (0.1, 3.1, 0.0, 5 * ADVERTS),
        (0.1, 3.1, 0.3, ADVERTS),
    ):
        word = "better than" if more else "equal to"
        name = f"{word} tf-idf, {share:.0%} positive, {number:,} adverts"
        world = Beside(share, skill, more, number)
        found.append(Arm(name, partial(beside, world), is_good=True, draws=300))
    return found


if __name__ == "__main__":
    sys.exit(run(arms(), "no_skill.json", __doc__ or ""))
