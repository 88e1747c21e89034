"""Made-up worlds of two models, drawn and judged by the real code of a gate.

Two models score fresh adverts of known populations. A score is a normal value, a positive's raised
by the skill of the model; half of its variance within a label is shared by the adverts of a
cluster. Both models share most of it; the rest is each model's own, as after training again with
another seed. What is wrong with the candidate is planted.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.advert import Task
from adverts.compose import compose
from adverts.config import EvaluateConfig
from adverts.evaluation.comparison.compared import ChampionComparison, ComparedFigure
from adverts.evaluation.figures.evidence import Evidence, weigh_evidence
from adverts.evaluation.figures.figures_by_kind import FigureSet, label_shares
from adverts.evaluation.figures.judged_adverts import Account, Answers
from adverts.evaluation.figures.planned_figures import (
    MAJORITY,
    Comparison,
    EvaluationSettings,
    ModelFigures,
)
from adverts.evaluation.figures.planned_figures import verdict as comparison_verdict
from adverts.evaluation.figures.planned_slices import Slice
from adverts.evaluation.figures.service_figures import InService, queue_in_service
from adverts.evaluation.figures.slices import CELL
from adverts.evaluation.gate.gate_facts import Gate, GateFacts, Overlap, Timed
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.evaluation.predictions.model_facts import Origin
from adverts.evaluation.report_content import Evaluation, Report, Summary, TaskSummary
from adverts.evaluation.statistics.bootstrap import Bench, Resampled, difference, estimates
from adverts.evaluation.statistics.bounds import exact_interval
from adverts.evaluation.statistics.metrics import recall_at_precision
from adverts.evaluation.truth import Judged, judge
from adverts.files.file_hash import producing_commit
from adverts.judging.gate_verdict import build_gate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
TASK = Task("refer", "single", ("no", "yes"), "yes")
SKILL, WITHIN_CLUSTER, DROP, PRECISION = 3.1, 0.5, 0.03, 0.9
LANGUAGES, SHARES = ("en", "fr", "ar", "vi"), (0.4, 0.3, 0.2, 0.1)
FIGURES = ("recall_at_precision", "average_precision")
IN_SERVICE = tuple(f"{name}_at_prevalence" for name in FIGURES)
HERE = 0.25  # share of positives in a set of three negatives a positive
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


@dataclass(frozen=True, slots=True)
class World:
    """What is drawn.

    Attributes:
        name: Of the arm.
        positive_clusters: Each holds two positives on average.
        own: Share of a score's variance that is each model's own.
        weaker: By how much the candidate raises positives less.
        blind: Share of the positive clusters that the candidate scores like negatives.
        fooled: Share of the negative clusters that the candidate scores like positives.
        unreadable: Share of all clusters that the candidate cannot read.
        skill: By how much positives are raised.
        negative_clusters: For each positive one; each holds 1.5 negatives on average.
        prevalence: Stated share of positives in service; None: none is stated.
        earlier_looks: Looks of other models at the adverts before.
        tries: Number of candidates, alike but for what is each model's own, that are judged on the
            same adverts until one passes.
    """

    name: str
    positive_clusters: int
    own: float
    weaker: float = 0.0
    blind: float = 0.0
    fooled: float = 0.0
    unreadable: float = 0.0
    skill: float = SKILL
    negative_clusters: int = 4
    prevalence: float | None = None
    earlier_looks: int = 0
    tries: int = 1


@dataclass(frozen=True, slots=True)
class Drawn:
    """Adverts with the scores of both models, and which the candidate cannot read."""

    clusters: NDArray[np.int64]
    positive: Bools
    champion: Floats
    candidate: Floats
    unreadable: Bools


def draw(world: World, rng: np.random.Generator, again: np.random.Generator | None = None) -> Drawn:
    """Draw two positives a positive cluster; three negatives a positive, 1.5 a cluster.

    Args:
        world: What is drawn.
        rng: Draws everything.
        again: Draws what is the candidate's own, for another candidate on the same adverts.
    """
    count, others = world.positive_clusters, world.negative_clusters * world.positive_clusters
    yes = _scores(world, rng, again, clusters=count, adverts=2 * count)
    no = _scores(world, rng, again, clusters=others, adverts=others * 3 // 2)
    is_blind = rng.random(count) < world.blind
    raised = np.where(is_blind[yes[0]], 0.0, world.skill - world.weaker)
    fooled = np.zeros(len(no[0]))
    if world.fooled:
        fooled = world.skill * (rng.random(others) < world.fooled)[no[0]]
    clusters = np.concatenate([yes[0], no[0] + count])
    unreadable = np.zeros(len(clusters), dtype=bool)
    if world.unreadable:
        unreadable = (rng.random(count + others) < world.unreadable)[clusters]
    return Drawn(
        clusters=clusters,
        positive=np.arange(len(clusters)) < 2 * count,
        champion=np.concatenate([yes[1] + world.skill, no[1]]),
        candidate=np.concatenate([yes[2] + raised, no[2] + fooled]),
        unreadable=unreadable,
    )


def _scores(
    world: World,
    rng: np.random.Generator,
    again: np.random.Generator | None,
    *,
    clusters: int,
    adverts: int,
) -> tuple[NDArray[np.int64], Floats, Floats]:
    cluster = np.concatenate([np.arange(clusters), rng.integers(0, clusters, adverts - clusters)])

    def noise(share: float, by: np.random.Generator = rng) -> Floats:
        of_cluster = np.sqrt(WITHIN_CLUSTER) * by.normal(size=clusters)[cluster]
        of_advert = np.sqrt(1 - WITHIN_CLUSTER) * by.normal(size=adverts)
        return np.sqrt(share) * (of_cluster + of_advert)

    shared = noise(1 - world.own)
    champion, candidate = noise(world.own), noise(world.own)
    if again is not None:
        candidate = noise(world.own, again)
    return cluster, shared + champion, shared + candidate


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
    """Draw adverts once, and judge candidates on them until one passes."""
    for tried in range(world.tries):
        record = _verdict_of(world, gate, resamples, seed, tried)
        if record.verdict == "passed":
            break
    return record


def _verdict_of(world: World, gate: Gate, resamples: int, seed: int, tried: int) -> GateRecord:
    rng = np.random.default_rng(seed)
    drawn = draw(world, rng, np.random.default_rng([seed, tried]) if tried else None)
    language = rng.choice(LANGUAGES, size=int(drawn.clusters.max()) + 1, p=SHARES)
    count = len(drawn.clusters)
    facts = GateFacts(
        model="candidate",
        champion="champion",
        adverts=count,
        overlap=Overlap(count, 0),
        megabytes=100.0,
        timed=Timed(64, 5, 1.0, 1.0, 1.0),
        earlier_looks=world.earlier_looks + tried,
    )
    return judge_conditions(report_of(world, drawn, language, resamples, seed), facts, gate)


def report_of(
    world: World, drawn: Drawn, language: NDArray[np.str_], resamples: int, seed: int
) -> Report:
    """Return what the verb would report, each cluster being of one language."""
    languages = language[drawn.clusters]
    measured = _measure(world, drawn, languages, resamples, seed)

    def answers(among: Bools) -> Answers:
        given = Counter(languages[among & ~drawn.unreadable].tolist())
        by_cell = {f"{name}, Latn, text": count for name, count in given.items()}
        return Answers(int(among.sum()), int((among & drawn.unreadable).sum()), 0, 0, by_cell)

    read, positives = answers(np.ones_like(drawn.positive)), answers(drawn.positive)
    ours = Account(TASK.name, read.adverts, 0, 0, 0, 0, read, 0, positives)
    all_read = replace(read, unreadable=0), replace(positives, unreadable=0)
    theirs = replace(ours, judged=all_read[0], positives=all_read[1])
    queues = _queues(world, drawn)
    return Report(
        _evaluation(world, drawn, measured, resamples, queues and queues[0]),
        ORIGIN,
        comparison=replace(
            _compared(measured, world),
            account=theirs,
            prevalence=world.prevalence,
            in_service=queues,
        ),
        account=ours,
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    """All figures of both models on all adverts, or on those of one language."""

    language: str
    evidence: Evidence
    names: tuple[str, ...]
    candidate: Resampled
    champion: Resampled
    majority: Resampled | None


def _truth(drawn: Drawn) -> Judged:
    return judge(TASK, np.eye(2, dtype=np.float32)[drawn.positive.astype(int)])


def _said(world: World, drawn: Drawn) -> tuple[Floats, Floats]:
    """Return the probabilities of both models; what the candidate cannot read it never flags."""
    ours, theirs = (_stated(world, drawn, one) for one in (drawn.candidate, drawn.champion))
    ours[drawn.unreadable] = (1.0, 0.0)
    return ours, theirs


def _stated(world: World, drawn: Drawn, scores: Floats) -> Floats:
    """Return the posterior probabilities of the population of the champion, ``(N, 2)``."""
    odds = float(drawn.positive.sum() / (~drawn.positive).sum())
    if world.prevalence is not None:
        odds = world.prevalence / (1 - world.prevalence)
    yes = 1 / (1 + np.exp(-(world.skill * scores - world.skill**2 / 2 + np.log(odds))))
    return np.stack([1 - yes, yes], axis=1)


def _measure(
    world: World, drawn: Drawn, languages: NDArray[np.str_], resamples: int, seed: int
) -> list[_Measured]:
    """Compute every figure on the same resamples; the whole comes first."""
    judged, bench = _truth(drawn), Bench()
    clusters = [str(one) for one in drawn.clusters]
    both = _said(world, drawn)
    planned = []
    for language in ("", *LANGUAGES):
        rows = np.flatnonzero((languages == language) | (language == ""))
        evidence = weigh_evidence(judged, clusters, rows)

        def figures(
            said: Floats, unreadable: Bools | None = None, rows: NDArray[np.int64] = rows
        ) -> FigureSet:
            return FigureSet(
                judged,
                said,
                precision=PRECISION,
                prevalence=world.prevalence or HERE,
                in_service=world.prevalence,
                rows=rows,
                unreadable=unreadable,
            )

        ours, theirs = figures(both[0], drawn.unreadable), figures(both[1])
        none = None if language else bench.add(figures(label_shares(judged)))
        planned.append((language, evidence, ours.names, bench.add(ours), bench.add(theirs), none))
    bench.run(clusters, resamples=resamples, seed=seed)
    return [
        _Measured(*facts, one.value, other.value, none and none.value)
        for *facts, one, other, none in planned
    ]


def _queues(world: World, drawn: Drawn) -> tuple[InService, InService] | None:
    if world.prevalence is None:
        return None
    clusters, judged = [str(one) for one in drawn.clusters], _truth(drawn)
    at = {"precision": PRECISION, "prevalence": world.prevalence}
    ours, theirs = (queue_in_service(judged, said, clusters, **at) for said in _said(world, drawn))
    assert ours is not None, "both answers are drawn"
    assert theirs is not None, "both answers are drawn"
    return ours, theirs


def _evaluation(
    world: World,
    drawn: Drawn,
    measured: Sequence[_Measured],
    resamples: int,
    queue: InService | None,
) -> Evaluation:
    """Return what the candidate's report holds."""
    whole, *parts = measured
    slices = tuple(
        Slice(dimension, value, one.evidence, (_figures(one),), ())
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
        models=(_figures(whole), _figures(whole, majority=True)),
        comparisons=tuple(_over_majority(whole)),
        slices=slices,
        labels=(),
        confusion=None,
        precision_recall=(),
        reliability=None,
        in_service=queue,
    )
    everything = Summary(len(drawn.clusters), whole.evidence.clusters, (summary,))
    settings = EvaluationSettings(PRECISION, resamples, 0, prevalence=world.prevalence)
    return Evaluation("candidate", TASK.name, settings, everything, None)


def _figures(one: _Measured, *, majority: bool = False) -> ModelFigures:
    drawn = one.majority if majority else one.candidate
    assert drawn is not None, "the majority class stands beside the whole"
    name = MAJORITY if majority else "candidate"
    return ModelFigures(name, dict(zip(one.names, estimates(drawn), strict=True)))


def _over_majority(whole: _Measured) -> list[Comparison]:
    assert whole.majority is not None, "the majority class stands beside the whole"
    found = []
    for i, name in enumerate(whole.names):
        gap = difference(whole.candidate, whole.majority, i)
        verdict = comparison_verdict(name, gap)
        found.append(Comparison(name, "candidate", MAJORITY, gap, verdict))
    return found


def _compared(measured: Sequence[_Measured], world: World) -> ChampionComparison:
    """Return the paired differences, over all adverts and by language."""
    wanted = FIGURES if world.prevalence is None else (*FIGURES, *IN_SERVICE)
    figures = []
    for one in measured:
        name = f"{CELL}={one.language}, Latn, text" if one.language else ""
        for figure in wanted:
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


def shipped(name: str) -> Gate:
    """Return a gate as it is shipped."""
    config = compose("evaluate", EvaluateConfig, [f"gate={name}", "candidate=m", "prepared=p"])
    return build_gate(config.gate)


@dataclass(frozen=True, slots=True)
class Arm:
    """One world of a simulation.

    Attributes:
        world: What is drawn.
        draws: How often at the most.
        resamples: Of clusters, in each draw.
        says: What must hold of the counts, in words.
    """

    world: World
    draws: int
    resamples: int
    says: str


def simulate(arms: Callable[[], Sequence[Arm]], part: str, doc: str) -> int:
    """Judge every arm by gate=release, print a line for each and write the part of the record."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--draws", type=int, help="fewer draws than each arm has")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", default="", help="arms whose name holds this")
    parser.add_argument("--out", type=Path, default=Path(part))
    options = parser.parse_args()
    gate, rows = shipped("release"), []
    with ProcessPoolExecutor(options.processes) as pool:
        for one in arms():
            if options.only not in one.world.name:
                continue
            judge_draw = partial(_outcomes, one.world, gate, one.resamples)
            draws = min(one.draws, options.draws or one.draws)
            rows.append(_row(one, list(pool.map(judge_draw, range(draws), chunksize=5))))
            print(json.dumps(rows[-1], ensure_ascii=False), flush=True)
            options.out.parent.mkdir(exist_ok=True)
            record = {"commit": producing_commit(), "seeds": "0, 1, … of each arm", "arms": rows}
            text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
            options.out.write_text(text, encoding="utf-8")
    return 0


def _outcomes(
    world: World, gate: Gate, resamples: int, seed: int
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    record = verdict_of(world, gate, resamples, seed)
    failed, untold = (
        tuple(sorted({one.name for one in record.results if one.outcome == outcome}))
        for outcome in ("failed", "insufficient")
    )
    return record.verdict, failed, untold


def _row(
    arm: Arm, found: Sequence[tuple[str, tuple[str, ...], tuple[str, ...]]]
) -> Mapping[str, object]:
    draws = len(found)
    counts = {
        name: sum(verdict == name for verdict, _, _ in found)
        for name in ("passed", "could not judge", "failed")
    }
    return {
        "name": arm.world.name,
        "says": arm.says,
        "draws": draws,
        "resamples": arm.resamples,
        "counts": counts,
        "shares": {name: _share(count, draws) for name, count in counts.items()},
        "failed_by": _named([failed for _, failed, _ in found], draws),
        "not_judged_by": _named([untold for _, _, untold in found], draws),
    }


def _named(found: Sequence[tuple[str, ...]], draws: int) -> dict[str, list[float]]:
    names = sorted({name for one in found for name in one})
    return {name: _share(sum(name in one for one in found), draws) for name in names}


def _share(count: int, draws: int) -> list[float]:
    """Return a share with the ends of its exact 95 % interval."""
    return [round(one, 4) for one in (count / draws, *exact_interval(count, draws))]
