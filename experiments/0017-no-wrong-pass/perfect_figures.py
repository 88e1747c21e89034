"""How often the interval of a figure holds the truth where many draws show no error at all.

    PYTHONPATH=experiments python experiments/0017-no-wrong-pass/perfect_figures.py --draws 1000

Positives and negatives come in clusters that are right or wrong together. A small share of the
clusters is wrong, so that a good part of the draws shows none: positives that score like negatives,
negatives that score like positives, or both. Whatever a draw shows, its interval is as printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from drawn_reports import TASK, Bools, Floats, share, write_part

from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.figures.planned_figures import PlannedFigures
from adverts.evaluation.statistics.bootstrap import Bench, Estimate, estimates, resample
from adverts.evaluation.truth import judge

FIGURES = ("average_precision", "roc_auc", "recall_at_precision", "macro_f1", "accuracy")
RESAMPLES, PRECISION, BIG = 300, 0.5, 200_000
ASKED = {"precision": PRECISION, "recall": 0.95, "prevalence": None}


@dataclass(frozen=True, slots=True)
class World:
    """What is drawn.

    Attributes:
        name: Of the arm.
        positives: Clusters of positives.
        negatives: Clusters of negatives.
        lost: Share of the positive clusters that score like negatives.
        raised: Share of the negative clusters that score like positives.
        copies: Adverts in a cluster, on average.
    """

    name: str
    positives: int
    negatives: int
    lost: float
    raised: float
    copies: float = 2.0


WORLDS = (
    World("1 of 100 positive clusters lost", 100, 300, 0.01, 0.0),
    World("2 of 100 positive clusters lost", 100, 300, 0.02, 0.0),
    World("1 of 300 negative clusters raised", 100, 300, 0.0, 1 / 300),
    World("3 of 300 negative clusters raised", 100, 300, 0.0, 0.01),
    World("half of each", 100, 300, 0.005, 1 / 600),
    World("1 of 40 positive clusters lost, no copies", 40, 400, 0.025, 0.0, 1.0),
    World("nearly nothing wrong", 200, 200, 0.001, 0.001),
)


def draw(world: World, rng: np.random.Generator) -> tuple[list[str], Bools, Floats]:
    """Return clusters, labels and probabilities ``(N, 2)``."""
    positive = np.arange(world.positives + world.negatives) < world.positives
    wrong = rng.random(len(positive)) < np.where(positive, world.lost, world.raised)
    sizes = rng.geometric(1 / world.copies, len(positive))
    rows = np.repeat(np.arange(len(positive)), sizes)
    high = (positive ^ wrong)[rows]
    yes = np.where(high, 0.6, 0.1) + 0.3 * rng.random(len(rows))
    return [str(row) for row in rows], positive[rows], np.stack([1 - yes, yes], axis=1)


def truth_of(world: World) -> dict[str, float]:
    """Return the figures of the population, on many clusters."""
    times = BIG // (world.positives + world.negatives)
    many = replace(world, positives=times * world.positives, negatives=times * world.negatives)
    _, positive, said = draw(many, np.random.default_rng(7))
    figures = _figure_set(positive, said)
    values = figures(np.ones((1, len(positive)), dtype=np.float32))[0]
    return dict(zip(figures.names, values.tolist(), strict=True))


def printed(world: World, seed: int) -> tuple[dict[str, Estimate], dict[str, Estimate]]:
    """Return the figures of one draw: as they are printed, and as the resamples alone have them."""
    clusters, positive, said = draw(world, np.random.default_rng(seed))
    bench, judged = Bench(), judge(TASK, _targets(positive))
    planned = PlannedFigures(bench, judged, {"model": said}, clusters=clusters, **ASKED)
    bench.run(clusters, resamples=RESAMPLES, seed=seed)
    figures = _figure_set(positive, said)
    drawn = resample([figures], clusters, resamples=RESAMPLES, seed=seed)[0]
    return dict(planned.models()[0].figures), dict(
        zip(figures.names, estimates(drawn), strict=True)
    )


def _figure_set(positive: Bools, said: Floats) -> FigureSet:
    return FigureSet(judge(TASK, _targets(positive)), said, precision=PRECISION, recall=0.95)


def _targets(positive: Bools) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return np.eye(2, dtype=np.float32)[positive.astype(int)]


def rows(world: World, draws: int) -> Iterator[dict[str, object]]:
    """Yield a row of the record for each figure."""
    truth = truth_of(world)
    found = [printed(world, seed) for seed in range(draws)]
    for figure in FIGURES:
        spotless = [said[figure] for said, _ in found if said[figure].value == 1.0]
        now, before = (
            sum(_holds(one[figure], truth[figure]) for one in each)
            for each in zip(*found, strict=True)
        )
        yield {
            "name": f"{world.name}: {figure}",
            "truth": round(truth[figure], 5),
            "draws": draws,
            "without_an_error": len(spotless),
            "missed_without_an_error": sum(not _holds(one, truth[figure]) for one in spotless),
            "held": now,
            "held_by_resamples_alone": before,
            "coverage": share(now, draws),
            "coverage_before": share(before, draws),
        }


def _holds(found: Estimate, truth: float) -> bool:
    return found.low is not None and found.high is not None and found.low <= truth <= found.high


def main() -> int:
    """Simulate every world and write the part of the record."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1, help="one is enough: it takes minutes")
    parser.add_argument("--only", default="", help="worlds whose name holds this")
    default = Path(__file__).parent / "parts" / "perfect_figures.json"
    parser.add_argument("--out", type=Path, default=default)
    options = parser.parse_args()
    arms: list[dict[str, object]] = []
    for world in WORLDS:
        if options.only in world.name:
            arms += rows(world, options.draws)
            for row in arms[-len(FIGURES) :]:
                print(json.dumps(row), flush=True)
            write_part(options.out, arms)
    return 0


if __name__ == "__main__":
    sys.exit(main())
