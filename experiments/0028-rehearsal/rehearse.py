"""Draw, label and estimate on frames of real comments whose truth is known and hidden.

Usage::

    python experiments/0028-rehearsal/rehearse.py runs/0028/scores.npz runs/0028/cells.jsonl \
        [--frames 200] [--samples 5]

Cells that the second file already holds are skipped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from zlib import crc32

import numpy as np
from counts import counts, exact
from frames import CALIBRATIONS, KINDS, Frame, Scores, thinned

from adverts.arrays import Floats, Ints
from adverts.estimation.designs.allocation import allocate
from adverts.estimation.designs.drawing import draw_adverts, draw_on_line, line_order
from adverts.estimation.designs.strata import (
    Stratum,
    StratumDraws,
    advert_draws,
    cut_by_score,
    line_draws,
)
from adverts.estimation.estimators.assisted import Lowest, ScoredLabels, estimate_assisted_total
from adverts.estimation.estimators.by_design import estimate_total
from adverts.estimation.estimators.reviewers import Known, ReviewerError, estimate_total_with_errors
from adverts.evaluation.statistics.bootstrap import Estimate

BUDGETS = (400, 800, 1_600)
REVIEWERS = ("perfect", "imperfect")
SENSITIVITY, SPECIFICITY = 0.95, 0.995
KNOWN_POSITIVES, KNOWN_NEGATIVES = 200, 1_000
DRAWS, ASSISTED_DRAWS = 20_000, 2_000


@dataclass(slots=True)
class Tally:
    """What became of one kind of estimate."""

    draws: int = 0
    unsaid: int = 0
    below: int = 0
    above: int = 0
    widths: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)

    def add(self, found: Estimate, truth: int) -> None:
        """Count one estimate; one that is not given has no width and no error."""
        self.draws += 1
        if found.value is None or found.low is None or found.high is None:
            self.unsaid += 1
            return
        self.below += found.high < truth - 1e-9
        self.above += found.low > truth + 1e-9
        self.widths.append((found.high - found.low) / truth)
        self.errors.append(found.value / truth - 1)

    def record(self) -> dict[str, float | int | None]:
        """Return the counts, and mean width, bias and root mean square error by the truth."""
        said = bool(self.errors)
        return {
            "draws": self.draws,
            "unsaid": self.unsaid,
            "below": self.below,
            "above": self.above,
            "width": float(np.mean(self.widths)) if said else None,
            "bias": float(np.mean(self.errors)) if said else None,
            "rmse": float(np.sqrt(np.mean(np.square(self.errors)))) if said else None,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A frame with its strata and the number of labels in each."""

    frame: Frame
    members: list[Ints]
    strata: list[Stratum]
    labels: Ints


def planned(frame: Frame, budget: int) -> Plan:
    """Cut a frame by score and allocate the budget."""
    of = cut_by_score(frame.probability)
    members = [np.flatnonzero(of == h) for h in range(int(of.max()) + 1)]
    strata = [
        Stratum(
            f"stratum {h}",
            len(m),
            float(frame.probability[m].sum()),
            len(np.unique(frame.cluster[m])),
        )
        for h, m in enumerate(members)
    ]
    return Plan(frame, members, strata, allocate(strata, budget))


def answers(truth: Floats, reviewers: str, rng: np.random.Generator) -> Floats:
    """Return what reviewers say of comments."""
    if reviewers == "perfect":
        return truth
    chance = np.where(truth == 1, SENSITIVITY, 1 - SPECIFICITY)
    return (rng.random(len(truth)) < chance).astype(np.float64)


def planted(reviewers: str, rng: np.random.Generator) -> ReviewerError | None:
    """Return what reviewers say of planted items; None where they are taken at their word."""
    if reviewers == "perfect":
        return None
    return ReviewerError(
        Known(float(rng.binomial(KNOWN_POSITIVES, SENSITIVITY)), KNOWN_POSITIVES),
        Known(float(rng.binomial(KNOWN_NEGATIVES, SPECIFICITY)), KNOWN_NEGATIVES),
    )


def drawn(
    plan: Plan, reviewers: str, rng: np.random.Generator
) -> tuple[list[StratumDraws], list[ScoredLabels], Lowest]:
    """Draw a sample and have it labelled: a line in the lowest stratum, else comments."""
    truth, said = plan.frame.positive.astype(np.float64), plan.frame.probability
    low, size, count = plan.members[0], len(plan.members[0]), int(plan.labels[0])
    line = low[line_order(np.unique(plan.frame.cluster[low], return_inverse=True)[1], rng)]
    word = answers(truth[line[draw_on_line(np.ones(size), count, rng)]], reviewers, rng)
    strata = [line_draws(plan.strata[0].name, word, 1.0, 1 / size, float(size))]
    lowest = Lowest(plan.strata[0].expected_positives, size, count, int(word.sum()))
    scored = []
    for one, m, n in zip(plan.strata[1:], plan.members[1:], plan.labels[1:], strict=True):
        picked, inside = m[draw_adverts(len(m), int(n), rng)], said[m]
        word = answers(truth[picked], reviewers, rng)
        strata.append(advert_draws(one.name, word, len(m)))
        scored.append(
            ScoredLabels(
                one.name, word, said[picked], len(m), inside.mean(), inside.min(), inside.max()
            )
        )
    return strata, scored, lowest


def total(strata: list[StratumDraws], error: ReviewerError | None, adverts: int) -> Estimate:
    """Return the estimate by design, corrected for reviewers' errors where they are known."""
    if error is None:
        return estimate_total(strata, frame_total=adverts, draws=DRAWS)
    return estimate_total_with_errors(strata, error, frame_total=adverts, draws=DRAWS)


def sampled(
    plan: Plan, budget: int, reviewers: str, rng: np.random.Generator
) -> dict[str, Estimate]:
    """Return every estimate of one repeat, which share reviewers but not the draws."""
    adverts, error = len(plan.frame.rows), planted(reviewers, rng)
    strata, scored, lowest = drawn(plan, reviewers, rng)
    truth = plan.frame.positive[draw_adverts(adverts, budget, rng)].astype(np.float64)
    word = answers(truth, reviewers, rng)
    at_word = Estimate(*exact(int(word.sum()), budget, adverts))
    alone = [advert_draws("all", word, adverts)]
    return {
        "by design": total(strata, error, adverts),
        "assisted": estimate_assisted_total(
            scored, lowest, reviewers=error, draws=ASSISTED_DRAWS, seed=int(rng.integers(2**31))
        ),
        "simple random": at_word if error is None else total(alone, error, adverts),
        **({} if error is None else {"simple random, at their word": at_word}),
        **({} if error is None else {"by design, at their word": total(strata, None, adverts)}),
    }


def run_cell(
    scores: Scores, cell: tuple[str, str, str, int], frames: int, samples: int
) -> dict[str, object]:
    """Return what became of all estimates of one cell."""
    kind, calibration, reviewers, budget = cell
    started, tallies = time.process_time(), {}
    lowest_true, lowest_said, adverts = [], [], []
    for seed in range(frames):
        plan = planned(thinned(scores, kind, calibration, seed), budget)
        low = plan.members[0]
        lowest_true.append(int(plan.frame.positive[low].sum()))
        lowest_said.append(plan.strata[0].expected_positives)
        adverts.append(len(plan.frame.rows))
        holds = lowest_true[-1] <= 3 * lowest_said[-1]
        rng = np.random.default_rng([seed, crc32(repr(cell).encode())])
        for _ in range(samples):
            for name, found in sampled(plan, budget, reviewers, rng).items():
                tallies.setdefault(name, Tally()).add(found, plan.frame.truth)
                if name == "assisted":
                    part = f"assisted, assumption {'holds' if holds else 'fails'}"
                    tallies.setdefault(part, Tally()).add(found, plan.frame.truth)
    return {
        "cell": list(cell),
        "frames": frames,
        "samples": samples,
        "adverts": float(np.mean(adverts)),
        "lowest_true": float(np.mean(lowest_true)),
        "lowest_predicted": float(np.mean(lowest_said)),
        "estimates": {name: one.record() for name, one in tallies.items()},
        "seconds": round(time.process_time() - started, 1),
    }


def run_counts(scores: Scores, kind: str, frames: int) -> dict[str, object]:
    """Return what became of the counts that need no label."""
    tallies: dict[str, Tally] = {}
    for seed in range(frames):
        frame = thinned(scores, kind, "as fitted", seed)
        for name, found in counts(scores, frame, kind):
            tallies.setdefault(name, Tally()).add(Estimate(*found), frame.truth)
    return {
        "cell": [kind],
        "frames": frames,
        "estimates": {name: one.record() for name, one in tallies.items()},
    }


def main() -> None:
    """Run the cells that are missing."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scores", type=Path)
    parser.add_argument("cells", type=Path)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--samples", type=int, default=5)
    options = parser.parse_args()
    with np.load(options.scores) as file:
        scores = dict(file)
    lines = options.cells.read_text().splitlines() if options.cells.exists() else []
    done = {tuple(json.loads(line)["cell"]) for line in lines}
    with options.cells.open("a") as out:
        for cell in [*((k,) for k in KINDS), *product(KINDS, CALIBRATIONS, REVIEWERS, BUDGETS)]:
            if cell in done:
                continue
            row = (
                run_counts(scores, cell[0], options.frames)
                if len(cell) == 1
                else run_cell(scores, cell, options.frames, options.samples)
            )
            out.write(json.dumps(row) + "\n")
            out.flush()
            print(*cell, row.get("seconds"), "s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
