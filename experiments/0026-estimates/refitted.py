"""What calibration fitted again on 800 labels says of the lowest stratum, at a prevalence of 0.1 %.

Usage::

    python experiments/0026-estimates/refitted.py [draws]

Log odds of the truth are taken as a line of the log odds of the score (Platt), fitted to all labels
of a sample with the penalty of Firth, "Bias reduction of maximum likelihood estimates", 1993.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

import numpy as np
import simulate
from numpy.typing import NDArray
from scipy.special import expit, logit
from worlds import Cell

from adverts_findings.survey.designs.drawing import draw_adverts, draw_on_line
from adverts_findings.survey.designs.strata import StratumDraws, advert_draws
from adverts_findings.survey.estimators.by_design import estimate_total

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PREVALENCE, BUDGET = 0.001, 800
FACTOR = 3.0
HEAD, HEAD_LABELS = 200, 80
METRICS = {
    "positives": "positives among the labels",
    "least": "re-fitted total of the lowest stratum over the true one: 10 %",
    "most": "… 90 %",
    "holds": "three times it holds the truth",
    "width": "width with it, times simple random",
    "end": "width with its upper 95 % end",
}


def fit(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return intercept and slope, and their covariance if labels are independent."""
    X = np.stack([np.ones_like(x), x], axis=1)
    found = np.array([0.0, 1.0])
    inverse = np.eye(2)
    for _ in range(50):
        p = expit(X @ found)
        weight = p * (1 - p)
        inverse = np.linalg.inv(X.T @ (X * weight[:, None]) + 1e-9 * np.eye(2))
        leverage = weight * np.einsum("ij,jk,ik->i", X, inverse, X)
        step = inverse @ (X.T @ (y - p + leverage * (0.5 - p)))
        found = found + step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return found, inverse


def samples(cell: Cell, draws: int, *, head: bool) -> Iterator[dict[str, float]]:
    """Draw samples of one frame; yield what each says of its lowest stratum."""
    sampler = simulate.make_sampler(cell, crc32(f"{cell.prevalence} {cell.clusters}".encode()))
    world, rng = sampler.world, sampler.rng
    x = logit(world.probability)
    members, labels = sampler.members, sampler.labels
    if head:
        order = np.argsort(-world.probability, kind="stable")
        members = [np.sort(order[HEAD:]), np.sort(order[:HEAD])]
        labels = np.array([BUDGET - HEAD_LABELS, HEAD_LABELS])
    low = members[0]
    true = max(float(world.positive[low].sum()), 1.0)
    unit = simulate.random_width(float(world.positive.mean()), BUDGET) * len(x)
    for _ in range(draws):
        drawn = [low[draw_on_line(np.ones(len(low)), int(labels[0]), rng)]]
        drawn += [
            one[draw_adverts(len(one), int(n), rng)]
            for one, n in zip(members[1:], labels[1:], strict=True)
        ]
        every = np.concatenate(drawn)
        line, covariance = fit(x[every], world.positive[every])
        chance = expit(line[0] + line[1] * x[low])
        total = float(chance.sum())
        spread = chance * (1 - chance)
        slope = np.array([spread.sum(), spread @ x[low]]) / total
        error = float(np.sqrt(slope @ covariance @ slope))
        strata: list[StratumDraws] = [
            advert_draws(f"stratum {h}", world.positive[one], len(members[h]))
            for h, one in enumerate(drawn[1:], 1)
        ]
        above = estimate_total(strata, frame_total=float(len(x) - len(low)), draws=500)
        width = (above.high or 0.0) - (above.low or 0.0)
        end = min(total * np.exp(min(1.96 * error, 50.0)), float(len(low)))
        yield {
            "positives": float(world.positive[every].sum()),
            "total": total / true,
            "holds": float(FACTOR * total >= world.positive[low].sum()),
            "width": (width + min(FACTOR * total, float(len(low)))) / unit,
            "end": (width + end) / unit,
        }


def arm(name: str, score: str, draws: int, *, head: bool) -> dict[str, object]:
    """Return one line of the table: the worst of the kinds of clusters."""
    rows = []
    for kind in ("equal", "heavy", "mixed"):
        cell = Cell(PREVALENCE, BUDGET, score, kind, "perfect")
        found = list(samples(cell, draws, head=head))
        values = {key: np.array([one[key] for one in found]) for key in found[0]}
        rows.append(
            (
                float(np.median(values["positives"])),
                *np.quantile(values["total"], (0.1, 0.9)).tolist(),
                float(values["holds"].mean()),
                float(values["width"].mean()),
                float(values["end"].mean()),
            )
        )
    table = np.array(rows)
    worst = [*table[:, :2].min(0), table[:, 2].max(), table[:, 3].min(), *table[:, 4:].max(0)]
    return {
        "name": name,
        "values": {k: [round(float(v), 3)] for k, v in zip(METRICS, worst, strict=True)},
    }


def main() -> None:
    """Write the table beside this file."""
    draws = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    arms = [
        arm(f"{score}, {design}", score, draws, head=head)
        for design, head in (
            ("strata as adopted", False),
            ("the 200 highest, and all others", True),
        )
        for score in ("calibrated", "miscalibrated")
    ]
    caption = (
        f"0.1 %, 800 labels, perfect reviewers; {draws} samples of each frame, a line is the worst "
        "of equal, heavy-tailed and mixed clusters. `python experiments/0026-estimates/refitted.py`"
    )
    record = {"metrics": METRICS, "arms": arms, "comparisons": [], "caption": caption}
    text = json.dumps(record, ensure_ascii=False, indent=1)
    Path(__file__).with_name("refitted.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
