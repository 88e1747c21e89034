"""Adverts with known truth, scored by made-up models, as the report that a gate judges."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from gate_worlds import ORIGIN, TASK, Bools, Floats
from numpy.typing import NDArray

from adverts.evaluation.figures.evidence import weigh_evidence
from adverts.evaluation.figures.figures_by_kind import label_shares
from adverts.evaluation.figures.judged_adverts import Account, Answers
from adverts.evaluation.figures.planned_figures import MAJORITY, EvaluationSettings, PlannedFigures
from adverts.evaluation.gate.gate_facts import Gate, GateFacts, Overlap
from adverts.evaluation.gate.gate_record import GateRecord
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.evaluation.report_content import Evaluation, Report, Summary, TaskSummary
from adverts.evaluation.statistics.bootstrap import Bench
from adverts.evaluation.statistics.bounds import exact_interval
from adverts.evaluation.truth import judge
from adverts.files.file_hash import producing_commit

CLUSTER_SHARE = 0.5  # of a score's variance, shared by the adverts of one cluster


@dataclass(frozen=True, slots=True)
class Adverts:
    """Clusters of adverts with a label.

    Attributes:
        cluster: Of each advert, ``(N,)``.
        positive: Do they hold the label? The same within a cluster, ``(N,)``.
    """

    cluster: NDArray[np.int64]
    positive: Bools

    def noise(self, rng: np.random.Generator) -> Floats:
        """Return a normal value for each advert, half of its variance shared in a cluster."""
        shared = rng.normal(size=int(self.cluster.max()) + 1)[self.cluster]
        own = rng.normal(size=len(self.cluster))
        return np.sqrt(CLUSTER_SHARE) * shared + np.sqrt(1 - CLUSTER_SHARE) * own


def draw_adverts(count: int, prevalence: float, rng: np.random.Generator) -> Adverts:
    """Draw about ``count`` adverts in half as many clusters, labelled cluster by cluster."""
    clusters = count // 2
    cluster = np.sort(np.concatenate([np.arange(clusters), rng.integers(0, clusters, clusters)]))
    return Adverts(cluster, (rng.random(clusters) < prevalence)[cluster])


def stated(log_odds: Floats) -> Floats:
    """Return the probabilities of both labels, ``(N, 2)``."""
    yes = 1 / (1 + np.exp(-log_odds))
    return np.stack([1 - yes, yes], axis=1)


def skilled(scores: Floats, skill: float, prevalence: float) -> Floats:
    """Return the true probabilities of scores that positives have higher by ``skill``."""
    return stated(skill * scores - skill**2 / 2 + np.log(prevalence / (1 - prevalence)))


def report_of(
    adverts: Adverts,
    models: Mapping[str, Floats],
    *,
    resamples: int,
    seed: int,
    prevalence: float | None = None,
) -> Report:
    """Return what the verb would report of models, the judged one first.

    Args:
        adverts: What is judged.
        models: Maps names to probabilities, ``(N, 2)``.
        resamples: Of clusters.
        seed: Of the resamples.
        prevalence: Stated share of positives in service; None: none is stated.
    """
    judged = judge(TASK, np.eye(2, dtype=np.float32)[adverts.positive.astype(int)])
    clusters = [str(one) for one in adverts.cluster]
    evidence = weigh_evidence(judged, clusters, judged.rows)
    bench = Bench()
    planned = PlannedFigures(
        bench,
        judged,
        {**models, MAJORITY: label_shares(judged)},
        precision=0.9,
        recall=0.95,
        prevalence=prevalence,
        in_service=prevalence,
        clusters=None if prevalence is None else clusters,
    )
    bench.run(clusters, resamples=resamples, seed=seed)
    summary = TaskSummary(
        task=TASK,
        primary="average_precision",
        evidence=evidence,
        not_judged=0,
        prevalence=None,
        models=planned.models(),
        comparisons=planned.comparisons(planned.figures()),
        slices=(),
        labels=(),
        confusion=None,
        precision_recall=(),
        reliability=None,
        in_service=planned.in_service(),
    )
    settings = EvaluationSettings(0.9, resamples, seed, prevalence=prevalence)
    reviewed = Summary(len(clusters), evidence.clusters, (summary,))
    evaluation = Evaluation(next(iter(models)), TASK.name, settings, reviewed, None)
    every, positives = (
        Answers(int(count), 0, 0, 0) for count in (len(clusters), adverts.positive.sum())
    )
    answered = Account(TASK.name, every.adverts, 0, 0, 0, 0, every, 0, positives)
    return Report(evaluation, ORIGIN, account=answered)


def verdict_on(report: Report, gate: Gate, *, is_tfidf: bool, earlier_looks: int = 0) -> GateRecord:
    """Judge a report whose adverts share no cluster with the training, after looks of others."""
    [task] = report.evaluation.reviewed.tasks if report.evaluation.reviewed else ()
    count = task.evidence.adverts
    facts = GateFacts(
        model="candidate",
        champion=None,
        adverts=count,
        overlap=Overlap(count, 0),
        megabytes=100.0,
        is_tfidf=is_tfidf,
        earlier_looks=earlier_looks,
    )
    return judge_conditions(report, facts, gate)


@dataclass(frozen=True, slots=True)
class Arm:
    """One world of a simulation.

    Attributes:
        name: For the table.
        judge: Draws once, with a seed, and judges once.
        wanted: The share of passes that is allowed at most, or wanted at least.
        is_good: Should the gate pass it?
        draws: How often; None: as often as asked.
    """

    name: str
    judge: Callable[[int], GateRecord]
    is_good: bool = False
    draws: int | None = None


def run(arms: Sequence[Arm], part: str, doc: str) -> int:
    """Judge every arm, print a line for each and write the part of the record."""
    parser = argparse.ArgumentParser(description=doc.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--only", default="", help="arms whose name holds this")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "parts" / part)
    options = parser.parse_args()
    found = []
    with ProcessPoolExecutor(options.processes) as pool:
        for one in arms:
            if options.only not in one.name:
                continue
            draws = min(options.draws, one.draws or options.draws)
            records = list(pool.map(partial(_outcomes, one.judge), range(draws), chunksize=10))
            found.append(_row(one, records))
            print(json.dumps(found[-1], ensure_ascii=False), flush=True)
            write_part(options.out, found)
    return 0


def write_part(path: Path, arms: Sequence[Mapping[str, object]]) -> None:
    """Write a part of the record of the experiment."""
    path.parent.mkdir(exist_ok=True)
    record = {"commit": producing_commit(), "seeds": "0, 1, … of each arm", "arms": list(arms)}
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def share(count: int, draws: int) -> list[float]:
    """Return a share with the ends of its exact 95 % interval."""
    low, high = exact_interval(count, draws)
    return [round(one, 4) for one in (count / draws, low, high)]


def _outcomes(judge: Callable[[int], GateRecord], seed: int) -> tuple[str, tuple[str, ...]]:
    record = judge(seed)
    stopped = {one.name for one in record.results if one.outcome in ("failed", "insufficient")}
    return record.verdict, tuple(sorted(stopped))


def _row(arm: Arm, found: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, object]:
    draws = len(found)
    verdicts = {
        name: sum(verdict == name for verdict, _ in found)
        for name in ("passed", "could not judge", "failed")
    }
    stops = sorted({name for _, names in found for name in names})
    return {
        "name": arm.name,
        "should": "pass" if arm.is_good else "not pass",
        "draws": draws,
        "counts": verdicts,
        "passed": share(verdicts["passed"], draws),
        "stopped_by": {name: sum(name in names for _, names in found) for name in stops},
    }
