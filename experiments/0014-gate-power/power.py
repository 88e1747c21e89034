"""How often the gate `release` catches a planted drop, and how often it fails an equal model.

    python experiments/0014-gate-power/power.py --draws 300 --equal-draws 600

Two models score fresh adverts of known populations. A score is a normal value, a positive's raised
by 3.1 so that recall at precision 0.9 is 0.90; half of its variance within a label is shared by the
adverts of a cluster. Both models share most of it; the rest is each model's own, as after training
again with another seed. A drop is planted in the candidate so that its recall at precision 0.9, on
a million adverts, is lower by 0.03. The gate judges each draw with the real code.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from hydra import compose, initialize_config_module
from numpy.typing import NDArray
from scipy.stats import beta

from adverts.advert import Task
from adverts.command import parse
from adverts.config import EvaluateConfig
from adverts.data.producer import producing_commit
from adverts.evaluating.gating import build_gate
from adverts.evaluation.comparison.compare import ChampionComparison, ComparedFigure
from adverts.evaluation.evidence import Evidence, weigh_evidence
from adverts.evaluation.figures import FigureSet, judge
from adverts.evaluation.gate.conditions import Gate
from adverts.evaluation.gate.facts import GateFacts, Overlap, Timed
from adverts.evaluation.gate.judging import judge_conditions
from adverts.evaluation.gate.record import GateRecord
from adverts.evaluation.judgement import ModelFigures, Slice, TaskSummary
from adverts.evaluation.origin import Origin
from adverts.evaluation.report.content import Report
from adverts.evaluation.slices import CELL
from adverts.evaluation.statistics.bootstrap import Bench, Resampled, difference, estimates
from adverts.evaluation.statistics.metrics import recall_at_precision
from adverts.evaluation.summary import Evaluation, Settings, Summary

Floats = NDArray[np.float64]
TASK = Task("refer", "single", ("no", "yes"), "yes")
SKILL, WITHIN_CLUSTER, DROP, PRECISION = 3.1, 0.5, 0.03, 0.9
LANGUAGES, SHARES = ("en", "fr", "ar", "vi"), (0.4, 0.3, 0.2, 0.1)
FIGURES = ("recall_at_precision", "average_precision")
RECALL = "finds_as_much"
AT: Mapping[str, float] = {"prevalence": 0.25}


@dataclass(frozen=True, slots=True)
class World:
    """What is drawn.

    Attributes:
        name: Of the arm.
        positive_clusters: Each holds two positives on average.
        own: Share of a score's variance that is each model's own.
        weaker: By how much the candidate raises positives less.
        blind: Share of the positive clusters that the candidate scores like negatives.
    """

    name: str
    positive_clusters: int
    own: float
    weaker: float = 0.0
    blind: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """Adverts with the scores of both models."""

    clusters: NDArray[np.int64]
    positive: NDArray[np.bool_]
    champion: Floats
    candidate: Floats


def draw(world: World, rng: np.random.Generator) -> Drawn:
    """Draw two positives a positive cluster; three negatives a positive, 1.5 a cluster."""
    count = world.positive_clusters
    yes = _scores(world, rng, clusters=count, adverts=2 * count)
    no = _scores(world, rng, clusters=4 * count, adverts=6 * count)
    is_blind = rng.random(count) < world.blind
    raised = np.where(is_blind[yes[0]], 0.0, SKILL - world.weaker)
    return Drawn(
        clusters=np.concatenate([yes[0], no[0] + count]),
        positive=np.arange(8 * count) < 2 * count,
        champion=np.concatenate([yes[1] + SKILL, no[1]]),
        candidate=np.concatenate([yes[2] + raised, no[2]]),
    )


def _scores(
    world: World, rng: np.random.Generator, *, clusters: int, adverts: int
) -> tuple[NDArray[np.int64], Floats, Floats]:
    cluster = np.concatenate([np.arange(clusters), rng.integers(0, clusters, adverts - clusters)])

    def noise(share: float) -> Floats:
        of_cluster = np.sqrt(WITHIN_CLUSTER) * rng.normal(size=clusters)[cluster]
        of_advert = np.sqrt(1 - WITHIN_CLUSTER) * rng.normal(size=adverts)
        return np.sqrt(share) * (of_cluster + of_advert)

    shared = noise(1 - world.own)
    return cluster, shared + noise(world.own), shared + noise(world.own)


def true_drop(world: World, *, seed: int = 7) -> float:
    """Return the drop of recall at the precision in the population."""
    big = draw(replace(world, positive_clusters=62_500), np.random.default_rng(seed))
    before, after = (
        recall_at_precision(scores, big.positive, PRECISION)
        for scores in (big.champion, big.candidate)
    )
    return before - after


def planted(world: World, field: str, most: float) -> World:
    """Return the world in which the candidate's true drop is the wanted one."""
    low, high = 0.0, most
    for _ in range(10):
        middle = (low + high) / 2
        too_much = true_drop(replace(world, **{field: middle})) > DROP
        low, high = (low, middle) if too_much else (middle, high)
    return replace(world, **{field: (low + high) / 2})


def verdict_of(world: World, gate: Gate, resamples: int, seed: int) -> GateRecord:
    """Draw once, judge once."""
    rng = np.random.default_rng(seed)
    drawn = draw(world, rng)
    language = rng.choice(LANGUAGES, size=int(drawn.clusters.max()) + 1, p=SHARES)
    measured = measure(drawn, language[drawn.clusters], resamples, seed)
    report = Report(evaluation(drawn, measured, resamples), ORIGIN, comparison=compared(measured))
    count = len(drawn.clusters)
    facts = GateFacts(
        model="candidate",
        champion="champion",
        adverts=count,
        overlap=Overlap(count, 0),
        megabytes=100.0,
        timed=Timed(64, 5, 1.0, 1.0, 1.0),
    )
    return judge_conditions(report, facts, gate)


@dataclass(frozen=True, slots=True)
class Measured:
    """All figures of both models on all adverts, or on those of one language."""

    language: str
    evidence: Evidence
    names: tuple[str, ...]
    candidate: Resampled
    champion: Resampled


def measure(drawn: Drawn, languages: NDArray[np.str_], resamples: int, seed: int) -> list[Measured]:
    """Compute every figure on the same resamples; the whole comes first."""
    targets = np.eye(2, dtype=np.float32)[drawn.positive.astype(int)]
    judged, bench = judge(TASK, targets), Bench()
    clusters = [str(one) for one in drawn.clusters]
    planned = []
    for language in ("", *LANGUAGES):
        rows = np.flatnonzero((languages == language) | (language == ""))
        evidence = weigh_evidence(judged, clusters, rows)
        one, other = (
            FigureSet(judged, _stated(scores), precision=PRECISION, rows=rows, **AT)
            for scores in (drawn.candidate, drawn.champion)
        )
        planned.append((language, evidence, one.names, bench.add(one), bench.add(other)))
    bench.run(clusters, resamples=resamples, seed=seed)
    return [Measured(*facts, one.value, other.value) for *facts, one, other in planned]


def evaluation(drawn: Drawn, measured: Sequence[Measured], resamples: int) -> Evaluation:
    """Return what the candidate's report holds."""
    whole, *parts = measured
    slices = tuple(
        Slice(dimension, value, one.evidence, _figures(one), ())
        for one in parts
        for dimension, value in (
            ("language", one.language),
            (CELL, f"{one.language}, Latn, text"),
        )
        if not one.evidence.lack
    )
    summary = TaskSummary(
        task=TASK,
        primary="average_precision",
        evidence=whole.evidence,
        not_judged=0,
        prevalence=None,
        models=_figures(whole),
        comparisons=(),
        slices=slices,
        labels=(),
        confusion=None,
        precision_recall=(),
        reliability=None,
    )
    everything = Summary(len(drawn.clusters), whole.evidence.clusters, (summary,))
    settings = Settings(precision=PRECISION, resamples=resamples, seed=0)
    return Evaluation("candidate", TASK.name, settings, everything, None)


def _figures(one: Measured) -> tuple[ModelFigures, ...]:
    said = dict(zip(one.names, estimates(one.candidate), strict=True))
    return (ModelFigures("candidate", said),)


def compared(measured: Sequence[Measured]) -> ChampionComparison:
    """Return the paired differences, over all adverts and by language."""
    figures = []
    for one in measured:
        name = f"{CELL}={one.language}, Latn, text" if one.language else ""
        for figure in FIGURES:
            i = one.names.index(figure)
            figures.append(
                ComparedFigure(
                    task=TASK.name,
                    figure=figure,
                    slice=name,
                    candidate=estimates(one.candidate)[i],
                    champion=estimates(one.champion)[i],
                    difference=difference(one.candidate, one.champion, i),
                    answer="no detectable difference",
                    smallest_visible=None,
                    adverts_needed=None,
                    samples=one.candidate.samples[:, i] - one.champion.samples[:, i],
                    independent=one.evidence.independent,
                )
            )
    return ChampionComparison("candidate", "champion", DROP, tuple(figures), ())


def _stated(scores: Floats) -> Floats:
    """Return the posterior probabilities of the population of the champion, ``(N, 2)``."""
    yes = 1 / (1 + np.exp(-(SKILL * scores - SKILL**2 / 2 + np.log(1 / 3))))
    return np.stack([1 - yes, yes], axis=1)


ORIGIN = Origin(
    kind="checkpoint",
    place="simulated",
    dataset="simulated",
    data_hash="0" * 64,
    trained_on="another draw",
    split="test",
    selection=None,
    refusal=None,
    notes=(),
    command="",
    created="",
    commit=None,
    machine="",
    created_by="",
)


def release() -> Gate:
    """Return the gate as it is shipped."""
    with initialize_config_module("adverts.configs", version_base="1.3"):
        composed = compose("evaluate", ["gate=release", "candidate=m", "prepared=p"])
    return build_gate(parse(EvaluateConfig, composed).gate)


def arm(world: World, records: Sequence[GateRecord]) -> dict[str, object]:
    """Return a row of the record: shares of the verdicts, and what the set could see."""
    count = len(records)
    shares = {
        name: sum(one.verdict == verdict for one in records)
        for name, verdict in (
            ("failed", "failed"),
            ("could_not_judge", "could not judge"),
            ("passed", "passed"),
        )
    }
    shares["caught"] = sum(
        any(one.name == RECALL and one.outcome == "failed" for one in record.results)
        for record in records
    )
    visible = [
        one.smallest_visible
        for record in records
        for one in record.results
        if one.name == RECALL and one.smallest_visible is not None
    ]
    values = {name: [found / count] for name, found in shares.items()}
    intervals = {name: _exact(found, count) for name, found in shares.items()}
    return {
        "name": world.name,
        "values": {"n": [count], **values, "visible": [statistics.fmean(visible)]},
        "intervals": intervals,
    }


def _exact(found: int, count: int) -> list[float]:
    """Return the exact binomial 95 % interval."""
    low = beta.ppf(0.025, found, count - found + 1) if found else 0.0
    high = beta.ppf(0.975, found + 1, count - found) if found < count else 1.0
    return [float(low), float(high)]


def worlds() -> Iterator[World]:
    """Yield every arm; drops are planted in two ways, then shown to smaller sets."""
    equal = World("equal, little noise", 1000, own=0.05)
    weaker = planted(replace(equal, name="weaker, little noise"), "weaker", 0.5)
    yield equal
    yield weaker
    yield planted(replace(equal, name="blind spot, little noise"), "blind", 0.1)
    for clusters in (500, 250, 120):
        name = f"weaker, little noise, {2 * clusters} positives"
        yield replace(weaker, name=name, positive_clusters=clusters)
    yield World("equal, little noise, 500 positives", 250, own=0.05)
    equal = World("equal, much noise", 1000, own=0.15)
    yield equal
    yield planted(replace(equal, name="weaker, much noise"), "weaker", 0.5)
    yield planted(replace(equal, name="blind spot, much noise"), "blind", 0.1)


def main() -> int:
    """Simulate and write the record."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--equal-draws", type=int, default=600)
    parser.add_argument("--resamples", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", default="", help="arms whose name holds this")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    options = parser.parse_args()
    gate, arms = release(), []
    with ProcessPoolExecutor(options.processes) as pool:
        for world in worlds():
            if options.only not in world.name:
                continue
            draws = options.equal_draws if world.name.startswith("equal") else options.draws
            judge_draw = partial(verdict_of, world, gate, options.resamples)
            arms.append(arm(world, list(pool.map(judge_draw, range(draws)))))
            record = _record(arms, options)
            options.out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


def _record(arms: Sequence[Mapping[str, object]], options: argparse.Namespace) -> dict[str, object]:
    return {
        "commit": producing_commit(),
        "metrics": {
            "n": "draws",
            "caught": "recall failed",
            "failed": "failed",
            "could_not_judge": "could not judge",
            "passed": "passed",
            "visible": "smallest visible drop",
        },
        "arms": list(arms),
        "comparisons": [],
        "caption": (
            f"`python experiments/0014-gate-power/power.py --draws {options.draws} --equal-draws "
            f"{options.equal_draws} --resamples {options.resamples}`; 2,000 positives in 1,000 "
            "clusters and 6,000 negatives in 4,000 unless told otherwise; exact 95 % intervals."
        ),
    }


if __name__ == "__main__":
    sys.exit(main())
