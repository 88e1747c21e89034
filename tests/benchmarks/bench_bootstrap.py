"""How long 2,000 resamples take: the figures of one queue, and a whole report.

Usage::

    python tests/benchmarks/bench_bootstrap.py [adverts …]
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "evaluation"))

import evaluation_examples as examples
import numpy as np

from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.figures.planned_figures import EvaluationSettings
from adverts.evaluation.statistics.bootstrap import resample
from adverts.evaluation.summarise import summarise
from adverts.evaluation.truth import judge

RESAMPLES = 2000
SIZES = (10_000, 100_000)
REPORT = 16_000
COPIES = 3  # adverts in a cluster, on average
SETTINGS = EvaluationSettings(precision=0.9, resamples=RESAMPLES, seed=0, prevalence=0.01)


def queue(count: int) -> None:
    """Give the figures of one headline task of one model: one advert in ten is positive."""
    draw = np.random.default_rng(0)
    positive = draw.random(count) < 0.1
    score = draw.normal(size=count) + 2 * positive
    chance = 1 / (1 + np.exp(-score))
    targets = np.stack([~positive, positive], axis=1).astype(np.float32)
    said = np.stack([1 - chance, chance], axis=1)
    figures = FigureSet(
        judge(examples.REFER, targets), said, precision=0.9, recall=0.95, prevalence=0.01
    )
    clusters = [f"c{i}" for i in draw.integers(0, count // COPIES, count)]
    resample([figures], clusters, resamples=RESAMPLES, seed=0)


def report(count: int) -> None:
    """Judge four tasks beside a reference, in every slice."""
    summarise(
        examples.predictions(count),
        examples.targets(count),
        name="text",
        headline="refer",
        settings=SETTINGS,
        references={"tf-idf": examples.predictions(count, skill=0.8, seed=9)},
    )


def timed(what: str, count: int, run: Callable[[int], None]) -> str:
    """Return a row of the table."""
    wall, cpu = time.perf_counter(), time.process_time()
    run(count)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return f"| {what} | {count:,} | {wall:.1f} | {cpu:.1f} |"


def main(sizes: tuple[int, ...]) -> None:
    """Print the table."""
    print(f"{RESAMPLES:,} resamples of whole clusters, {COPIES} adverts a cluster\n")
    print("| | adverts | seconds | CPU seconds |\n|---|---:|---:|---:|")
    for count in sizes:
        print(timed("one queue, one model", count, queue), flush=True)
    print(timed("four tasks, two models, every slice", REPORT, report))


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
