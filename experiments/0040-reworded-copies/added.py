"""How often the gate `first` passes a weak model after easy adverts came in since an earlier look.

    export PYTHONPATH=experiments:experiments/0017-no-wrong-pass
    python experiments/0040-reworded-copies/added.py --draws 300 --out added.json

An earlier look judged 4,400 adverts in 2,200 clusters, a quarter positive. Then adverts came in,
and the same model is judged again. As ``adverts evaluate`` does, a verdict that passed is judged
again without the added adverts if they surely raised the average precision. ``calibrated`` is left
out, since it alone stops the plain attack, but not one whose probabilities were chosen to fit.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from attack import ADVERTS, GOOD, POSITIVE, RESAMPLES, weak_skill
from drawn_reports import Adverts, Arm, Floats, draw_adverts, report_of, run, skilled, verdict_on
from gate_worlds import shipped

from adverts.evaluation.figures.evidence import gain_by_added
from adverts.evaluation.gate.gate_facts import Gate
from adverts.evaluation.gate.gate_record import GateRecord

BELOW = 0.56  # average precision of the weak model in the population; the bar is 0.6


@dataclass(frozen=True, slots=True)
class Grown:
    """What an earlier look judged, and what came in.

    Attributes:
        skill: By how much the model scores positives higher; None: as the weak model.
        before: Number of adverts that the earlier look judged.
        originals: Number of adverts that were reworded.
        found: Of how many of them the model is almost sure.
        times: Number of rewordings of each.
        sure: Score of those it is sure of.
        in_clusters: Does prepare see that rewordings of an advert belong together?
        more: Number of adverts that came in from the same population.
        of_skill: The skill on those; None: the same.
        harmless: Number of negatives that came in and that no model confuses.
        looks_back: Is the rule in force?
    """

    skill: float | None = None
    before: int = ADVERTS
    originals: int = 0
    found: int = 0
    times: int = 40
    sure: float = 5.0
    in_clusters: bool = False
    more: int = 0
    of_skill: float | None = None
    harmless: int = 0
    looks_back: bool = True


def judge(world: Grown, seed: int) -> GateRecord:
    """Draw a set once and judge it as ``adverts evaluate`` does."""
    rng = np.random.default_rng(seed)
    skill = weak_skill(BELOW) if world.skill is None else world.skill
    parts = [_drawn(world.before, skill, rng)]
    if world.more:
        parts.append(_drawn(world.more, world.of_skill or skill, rng))
    if world.originals:
        parts.append(_reworded(world, rng))
    if world.harmless:
        said = rng.normal(size=world.harmless) - world.sure
        parts.append((np.arange(world.harmless), np.zeros(world.harmless, np.bool_), said))
    ends = np.cumsum([0, *(int(one.max()) + 1 for one, _, _ in parts)])
    cluster = np.concatenate([one + end for (one, _, _), end in zip(parts, ends, strict=False)])
    adverts = Adverts(cluster, np.concatenate([one for _, one, _ in parts]))
    scores = np.concatenate([one for _, _, one in parts])
    is_added = np.arange(len(scores)) >= len(parts[0][0])
    record = _verdict(adverts, scores, skill, seed)
    if record.verdict != "passed" or not world.looks_back:
        return record
    gain = gain_by_added(
        scores,
        adverts.positive,
        [str(one) for one in cluster],
        is_added,
        resamples=RESAMPLES,
        seed=seed,
    )
    if gain.low is None or gain.low <= 0:
        return record
    then = Adverts(cluster[~is_added], adverts.positive[~is_added])
    without = _verdict(then, scores[~is_added], skill, seed)
    if without.verdict == "passed":
        return record
    return replace(without, verdict="could not judge")


def _drawn(
    count: int, skill: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, Floats]:
    adverts = draw_adverts(count, POSITIVE, rng)
    return adverts.cluster, adverts.positive, adverts.noise(rng) + skill * adverts.positive


def _reworded(world: Grown, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Floats]:
    family = np.repeat(np.arange(world.originals), world.times)
    shared, own = rng.normal(size=world.originals)[family], rng.normal(size=len(family))
    scores = np.sqrt(0.5) * (shared + own) + np.where(family < world.found, world.sure, 0.0)
    cluster = family if world.in_clusters else np.arange(len(family))
    return cluster, np.ones(len(family), np.bool_), scores


def _verdict(adverts: Adverts, scores: Floats, skill: float, seed: int) -> GateRecord:
    share = float(adverts.positive.mean())
    said = skilled(scores, skill, share)
    report = report_of(adverts, {"tfidf": said}, resamples=RESAMPLES, seed=seed, prevalence=share)
    return verdict_on(report, _gate(), is_tfidf=True, earlier_looks=0)


@cache
def _gate() -> Gate:
    gate = shipped("first")
    kept = {name: one for name, one in gate.conditions.items() if name != "calibrated"}
    return replace(gate, conditions=kept)


def arms() -> list[Arm]:
    """Return the attacks, each with and without the rule, and honest growth."""
    attacks = {
        "800 rewordings of 20 adverts, 18 found": Grown(originals=20, found=18),
        "the same, in clusters of prepare": Grown(originals=20, found=18, in_clusters=True),
        "200 rewordings of 5, all found": Grown(originals=5, found=5),
        "800 of 20, a little easier": Grown(originals=20, found=20, sure=2.5),
        "8,000 negatives that nothing confuses": Grown(harmless=8000),
    }
    honest = {
        "nothing came in": Grown(skill=GOOD),
        "800 more": Grown(skill=GOOD, more=800),
        "4,100 more than 300": Grown(skill=GOOD, before=300, more=4_100),
        "800 more that are easier": Grown(skill=GOOD, more=800, of_skill=GOOD + 2),
    }
    wrong = [
        Arm(f"{name}{told}", partial(judge, replace(world, looks_back=rule)), draws=draws)
        for name, world in attacks.items()
        for rule, told, draws in ((True, "", None), (False, "; without the rule", 60))
    ]
    good = [Arm(name, partial(judge, world), is_good=True) for name, world in honest.items()]
    return [Arm("weak, nothing came in", partial(judge, Grown())), *wrong, *good]


if __name__ == "__main__":
    sys.exit(run(arms(), "added.json", __doc__ or ""))
