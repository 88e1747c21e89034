"""How often intervals of estimates hold the truth, and how wide they are, on made-up frames.

Usage::

    python experiments/0026-estimates/simulate.py [draws] [--only TEXT] [--out FILE]

Cells that the file of results already holds with as many draws are skipped, so that the run can be
killed and started again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom
from worlds import Cell, World, make_world

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.designs.allocation import allocate
from adverts_findings.survey.designs.drawing import (
    draw_adverts,
    draw_on_line,
    line_order,
    mixed_sizes,
)
from adverts_findings.survey.designs.strata import (
    Stratum,
    StratumDraws,
    advert_draws,
    cut_by_score,
    line_draws,
    whole_draws,
)
from adverts_findings.survey.estimators.assisted import (
    Lowest,
    ScoredLabels,
    estimate_assisted_total,
)
from adverts_findings.survey.estimators.by_design import estimate_total, unsayable
from adverts_findings.survey.estimators.reviewers import (
    Known,
    ReviewerError,
    estimate_total_with_errors,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RANDOM_DRAWS, ASSISTED_DRAWS = 2_000, 1_000
SAME_LINE = 10  # draws that share one order of clusters
SENSITIVITY, SPECIFICITY = 0.95, 0.995
KNOWN_POSITIVES, KNOWN_NEGATIVES = 200, 1_000
WHOLE_SHARE = 0.25  # of the budget, for the most seen adverts


def cells() -> Iterator[Cell]:
    """Yield all cells."""
    sizes = ((0.01, 800), (0.001, 800), (0.0001, 800), (0.01, 6_400))
    scores = ("calibrated", "miscalibrated", "drifted", "useless")
    kinds = ("equal", "heavy", "mixed", "views")
    for reviewers, (prevalence, budget), kind, score in product(
        ("perfect", "imperfect"), sizes, kinds, scores
    ):
        if budget == 800 or reviewers == "perfect":
            yield Cell(prevalence, budget, score, kind, reviewers)


@dataclass(slots=True)
class Tally:
    """How often an interval was too low, too high or not given, and its widths."""

    below: int = 0
    above: int = 0
    unsaid: int = 0
    draws: int = 0
    widths: list[float] = field(default_factory=list)

    def add(self, found: Estimate, truth: float, *, said: bool = True) -> None:
        """Count one interval."""
        self.draws += 1
        if found.low is None or found.high is None or not said:
            self.unsaid += 1
            return
        self.below += found.high < truth - 1e-9
        self.above += found.low > truth + 1e-9
        self.widths.append(found.high - found.low)

    def record(self, unit: float) -> dict[str, float | int | None]:
        """Return the counts, with the mean width as a share of ``unit``."""
        width = float(np.mean(self.widths)) / unit if self.widths else None
        return {
            "draws": self.draws,
            "below": self.below,
            "above": self.above,
            "unsaid": self.unsaid,
            "width": width,
        }


@dataclass(slots=True, eq=False)
class Sampler:
    """Draws samples from one frame by one design."""

    cell: Cell
    world: World
    rng: np.random.Generator
    members: list[Ints]
    labels: Ints
    strata: list[Stratum]
    whole: Ints
    lines: list[Ints] = field(default_factory=list)

    def said(self, adverts: Ints) -> Floats:
        """Return what reviewers say of adverts."""
        truth = self.world.positive[adverts]
        if self.cell.reviewers == "perfect":
            return truth
        chance = np.where(truth == 1, SENSITIVITY, 1 - SPECIFICITY)
        return (self.rng.random(len(adverts)) < chance).astype(np.float64)

    def reorder(self) -> None:
        """Put clusters of each stratum into a new order."""
        self.lines = [m[line_order(self.world.cluster[m], self.rng)] for m in self.members]

    def count_draws(self) -> tuple[list[StratumDraws], list[ScoredLabels], Lowest]:
        """Draw a sample for the count of adverts: a line in the lowest stratum, else adverts."""
        found: list[StratumDraws] = []
        scored: list[ScoredLabels] = []
        lowest = None
        for h, (line, n) in enumerate(zip(self.lines, self.labels, strict=True)):
            size, name = len(line), self.strata[h].name
            if h == 0:
                said = self.said(line[draw_on_line(np.ones(size), int(n), self.rng)])
                found.append(line_draws(name, said, 1.0, 1 / size, float(size)))
                lowest = Lowest(self.strata[0].expected_positives, size, int(n), int(said.sum()))
                continue
            drawn = line[draw_adverts(size, int(n), self.rng)]
            said = self.said(drawn)
            found.append(advert_draws(name, said, size))
            score = self.world.probability
            inside = score[line]
            scored.append(
                ScoredLabels(
                    name, said, score[drawn], size, inside.mean(), inside.min(), inside.max()
                )
            )
        assert lowest is not None
        return found, scored, lowest

    def view_draws(self) -> list[StratumDraws]:
        """Draw a sample for the total of views: the most seen whole, the rest on mixed lines."""
        views = self.world.views
        said, seen = self.said(self.whole), views[self.whole]
        found = [
            whole_draws("whole", float(seen @ said))
            if self.cell.reviewers == "perfect"
            else advert_draws("whole", said, len(seen), sizes=seen, largest_size=float(seen.max()))
        ]
        for h, (line, n) in enumerate(zip(self.lines, self.labels, strict=True)):
            lengths = mixed_sizes(views[line])
            at = draw_on_line(lengths, int(n), self.rng)
            largest = float((views[line] / lengths).max())
            found.append(
                line_draws(
                    self.strata[h].name, self.said(line[at]), views[line[at]], lengths[at], largest
                )
            )
        return found


def make_sampler(cell: Cell, seed: int) -> Sampler:
    """Return a frame with its strata and the number of labels in each."""
    world = make_world(cell, seed)
    budget, adverts = cell.budget, np.arange(len(world.positive))
    whole = np.zeros(0, dtype=np.int64)
    if cell.clusters == "views":
        whole = np.argsort(-world.views)[: int(WHOLE_SHARE * budget)].astype(np.int64)
        budget -= len(whole)
    rest = np.setdiff1d(adverts, whole)
    of = cut_by_score(world.probability[rest])
    members = [rest[of == h] for h in range(int(of.max()) + 1)]
    strata = [
        Stratum(
            f"stratum {h}",
            len(m),
            float(world.probability[m].sum()),
            len(np.unique(world.cluster[m])),
        )
        for h, m in enumerate(members)
    ]
    rng = np.random.default_rng([seed, 7])
    return Sampler(cell, world, rng, members, allocate(strata, budget), strata, whole)


def reviewer_error(rng: np.random.Generator) -> ReviewerError:
    """Draw what reviewers say of planted items."""
    return ReviewerError(
        Known(float(rng.binomial(KNOWN_POSITIVES, SENSITIVITY)), KNOWN_POSITIVES),
        Known(float(rng.binomial(KNOWN_NEGATIVES, SPECIFICITY)), KNOWN_NEGATIVES),
    )


def run_cell(cell: Cell, draws: int) -> dict[str, object]:
    """Draw samples from one frame and count the intervals that miss its truth."""
    started = time.process_time()
    sampler = make_sampler(cell, crc32(f"{cell.prevalence} {cell.clusters}".encode()))
    world, rng = sampler.world, sampler.rng
    sizes = world.views if cell.clusters == "views" else np.ones(len(world.views))
    truth, frame = float(sizes @ world.positive), float(sizes.sum())
    by_design, assisted, seen = Tally(), Tally(), {}
    for i in range(draws):
        if i % SAME_LINE == 0:
            sampler.reorder()
        error = reviewer_error(rng) if cell.reviewers == "imperfect" else None
        if cell.clusters == "views":
            strata = sampler.view_draws()
        else:
            strata, scored, lowest = sampler.count_draws()
            found = estimate_assisted_total(
                scored, lowest, reviewers=error, draws=ASSISTED_DRAWS, seed=i
            )
            assisted.add(found, truth)
        key = (tuple(one.values.sum() for one in strata), strata[0].certain, error)
        if key not in seen:
            seen[key] = (
                estimate_total(strata, frame_total=frame, draws=RANDOM_DRAWS)
                if error is None
                else estimate_total_with_errors(
                    strata, error, frame_total=frame, draws=RANDOM_DRAWS
                )
            )
        by_design.add(seen[key], truth, said=unsayable(strata, frame) is None)
    low = sampler.members[0]
    return {
        "cell": cell.name,
        "truth": truth,
        "frame": frame,
        "labels": sampler.labels.tolist(),
        "adverts": [len(m) for m in sampler.members],
        "average_precision": average_precision(world),
        "lowest_true": float(world.positive[low].sum()),
        "lowest_predicted": sampler.strata[0].expected_positives,
        "random_width": random_width(truth / frame, cell.budget),
        "by_design": by_design.record(frame),
        "assisted": assisted.record(frame),
        "seconds": round(time.process_time() - started, 1),
    }


def random_width(share: float, budget: int) -> float:
    """Return the mean width of Clopper and Pearson's interval under simple random sampling."""
    counts = np.arange(budget + 1)
    chance = binom.pmf(counts, budget, share)
    high = beta.ppf(0.975, counts + 1, np.maximum(budget - counts, 1e-9))
    low = np.where(counts > 0, beta.ppf(0.025, np.maximum(counts, 1), budget - counts + 1), 0.0)
    return float(chance @ (high - low))


def average_precision(world: World) -> float:
    """Return the average precision of the scores."""
    order = np.argsort(-world.probability, kind="stable")
    hits = world.positive[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1)) @ hits / hits.sum())


def main() -> None:
    """Run the cells that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("draws", type=int, nargs="?", default=2_000)
    parser.add_argument("--only", default="")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("cells.jsonl"))
    options = parser.parse_args()
    lines = options.out.read_text().splitlines() if options.out.exists() else []
    done = {
        row["cell"] for row in map(json.loads, lines) if row["by_design"]["draws"] >= options.draws
    }
    todo = [one for one in cells() if options.only in one.name and one.name not in done]
    for i, cell in enumerate(todo, 1):
        row = run_cell(cell, options.draws)
        with options.out.open("a") as out:
            out.write(json.dumps(row) + "\n")
        print(f"{i}/{len(todo)} {cell.name} {row['seconds']} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
