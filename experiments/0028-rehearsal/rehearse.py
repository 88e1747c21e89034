"""Draw, label and estimate on frames of real comments whose truth is known and hidden.

Usage::

    python experiments/0028-rehearsal/rehearse.py runs/0028/scores.npz runs/0028/cells.jsonl \
        [--frames 200]

One sample is drawn from each thinning. Cells that the second file already holds are skipped.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path
from zlib import crc32

import numpy as np
from counts import counts, exact
from frames import CALIBRATIONS, KINDS, LABELS, SHARE, Hidden, Scores, thinned
from reviewing import PLANTED, answers
from sklearn.metrics import average_precision_score

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.designs.drawing import draw_adverts
from adverts_findings.survey.designs.strata import advert_draws
from adverts_findings.survey.draw_sample import draw, plan_strata
from adverts_findings.survey.estimators.assisted import estimate_assisted_total
from adverts_findings.survey.estimators.by_design import estimate_total
from adverts_findings.survey.estimators.reviewers import estimate_total_with_errors
from adverts_findings.survey.labelled import assisted_sample, figures
from adverts_findings.survey.labelled.answers import SampleAnswers
from adverts_findings.survey.labelled.labelled_sample import (
    LabelledSample,
    label_sample,
    unit_draws,
)
from adverts_findings.survey.question import question_of
from adverts_findings.survey.sample import Planted, Sample

BUDGETS = (400, 800, 1_600)
FACTOR = 3.0
SECOND_SHARE = 0.1
DRAWS = 4_000
"""Random draws behind an interval: a fifth of the tool's, whose ends they move by a hundredth."""
QUESTION = question_of(LABELS)
RARE = 0.001
"""Share of promotions to which counts without labels are thinned as well."""
Cell = tuple[str, str, str, int]


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


def sealed(hidden: Hidden, budget: int, reviewers: str, seed: int) -> Sample:
    """Return a sample of a frame, drawn as ``adverts sample`` draws it."""
    frame, (positives, negatives) = hidden.frame, PLANTED[reviewers]
    planned = plan_strata(frame, budget)
    drawn = draw(
        frame,
        planned,
        seed=seed,
        second_share=SECOND_SHARE,
        adjudicated_share=0.0,
        names=frame.ids,
    )
    return Sample(
        name="rehearsal",
        design="estimate",
        sealed_at="",
        created_by="",
        seed=seed,
        frame=frame.facts,
        labels=LABELS,
        question=QUESTION,
        budget=budget,
        strata=tuple(one.sealed for one in planned),
        groups=(),
        draws=drawn.draws,
        planted=tuple(Planted(f"planted {i}", i < positives) for i in range(positives + negatives)),
        second_share=SECOND_SHARE,
        adjudicated_share=0.0,
        factor=FACTOR,
    )


def labelled(
    hidden: Hidden, sample: Sample, reviewers: str, rng: np.random.Generator
) -> LabelledSample:
    """Return a sample with what reviewers say of its adverts and of planted ones."""
    truth = dict(zip(hidden.frame.ids, hidden.positive.tolist(), strict=True))
    asked = [(one.item, truth[one.item], one.second) for one in sample.draws]
    asked += [(one.item, one.positive, False) for one in sample.planted]
    items, true, second = zip(*asked, strict=True)
    said = answers(np.array(true), np.array(second), reviewers, rng)
    return label_sample(sample, SampleAnswers(dict(zip(items, said.tolist(), strict=True)), {}))


def estimates(
    hidden: Hidden, sample: Sample, reviewers: str, rng: np.random.Generator
) -> dict[str, Estimate]:
    """Return every estimate of one sample, and those of a simple random one beside it."""
    adverts, budget = len(hidden.rows), sample.budget
    answered = labelled(hidden, sample, reviewers, rng)
    chosen = hidden.positive[draw_adverts(adverts, budget, rng)]
    second = rng.random(budget) < SECOND_SHARE
    word = answers(chosen, second, reviewers, rng)
    at_word = Estimate(*exact(int(word.sum()), budget, adverts))
    found = {
        "by design": figures.total_by_design(answered, "adverts", float(adverts), seed=sample.seed),
        "assisted": assisted_sample.assisted_total(answered, seed=sample.seed),
        "simple random": at_word,
    }
    if answered.error is None:
        return found
    alone = [advert_draws("all", word.astype(np.float64), adverts)]
    return {
        **found,
        "simple random": figures.estimate_total_with_errors(
            alone, answered.error, frame_total=adverts
        ),
        "simple random, at their word": at_word,
        "by design, at their word": figures.estimate_total(
            unit_draws(answered, "adverts", answered.labels), frame_total=adverts
        ),
    }


def run_cell(scores: Scores, cell: Cell, frames: int) -> dict[str, object]:
    """Return what became of all estimates of one cell."""
    kind, calibration, reviewers, budget = cell
    started, tallies = time.process_time(), dict[str, Tally]()
    lowest = []
    for number in range(frames):
        hidden = thinned(scores, kind, calibration, number)
        seed = crc32(repr((number, cell)).encode())
        sample = sealed(hidden, budget, reviewers, seed)
        low = sample.strata[0]
        inside = hidden.frame.probabilities <= low.most_probable
        lowest.append([int(hidden.positive[inside].sum()), low.stratum.expected_positives])
        holds = lowest[-1][0] <= FACTOR * lowest[-1][1]
        rng = np.random.default_rng(seed)
        for name, found in estimates(hidden, sample, reviewers, rng).items():
            tallies.setdefault(name, Tally()).add(found, hidden.truth)
            if name == "assisted":
                part = f"assisted, assumption {'holds' if holds else 'fails'}"
                tallies.setdefault(part, Tally()).add(found, hidden.truth)
    return {
        "cell": list(cell),
        "frames": frames,
        "adverts": len(hidden.rows),
        "strata": [[one.stratum.adverts, one.draws] for one in sample.strata],
        "lowest_true_and_predicted": np.mean(lowest, axis=0).round(2).tolist(),
        "estimates": {name: one.record() for name, one in tallies.items()},
        "seconds": round(time.process_time() - started, 1),
    }


def run_counts(scores: Scores, kind: str, share: float, frames: int) -> dict[str, object]:
    """Return what became of the counts that need no label."""
    tallies: dict[str, Tally] = {}
    precisions = []
    for number in range(frames):
        hidden = thinned(scores, kind, "as fitted", number, share=share)
        said = hidden.frame.probabilities
        precisions.append(average_precision_score(hidden.positive, said))
        for name, found in counts(scores, hidden, kind):
            tallies.setdefault(name, Tally()).add(Estimate(*found), hidden.truth)
    return {
        "cell": [kind, share],
        "frames": frames,
        "average_precision": float(np.mean(precisions)),
        "estimates": {name: one.record() for name, one in tallies.items()},
    }


def cells() -> Iterator[Cell]:
    """Yield all cells with labels."""
    yield from product(KINDS, CALIBRATIONS, ("perfect", "one reviewer"), BUDGETS)
    yield from product(KINDS, CALIBRATIONS, list(PLANTED)[2:], (800,))


def take_fewer_draws() -> None:
    """Let the tool's estimates of this process use fewer random draws."""
    assisted_sample.estimate_assisted_total = partial(estimate_assisted_total, draws=DRAWS)
    figures.estimate_total = partial(estimate_total, draws=DRAWS)
    figures.estimate_total_with_errors = partial(estimate_total_with_errors, draws=DRAWS)


def main() -> None:
    """Run the cells that are missing."""
    take_fewer_draws()
    parser = argparse.ArgumentParser()
    parser.add_argument("scores", type=Path)
    parser.add_argument("cells", type=Path)
    parser.add_argument("--frames", type=int, default=200)
    options = parser.parse_args()
    with np.load(options.scores) as file:
        scores = dict(file)
    lines = options.cells.read_text().splitlines() if options.cells.exists() else []
    done = {tuple(json.loads(line)["cell"]) for line in lines}
    with options.cells.open("a") as out:
        for cell in [*product(KINDS, (SHARE, RARE)), *cells()]:
            if cell in done:
                continue
            if len(cell) == 2:
                row = run_counts(scores, *cell, options.frames)
            else:
                row = run_cell(scores, cell, options.frames)
            out.write(json.dumps(row) + "\n")
            out.flush()
            print(*cell, row.get("seconds"), "s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
