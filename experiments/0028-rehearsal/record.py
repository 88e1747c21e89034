"""Write the tables from the cells of rehearse.py, and print the cells that fail a bar.

Usage::

    python experiments/0028-rehearsal/record.py runs/0028/scores.npz runs/0028/cells.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NotRequired, TypedDict

import numpy as np
from counts import ROWS
from frames import CALIBRATIONS, KINDS, SHARE
from scipy.stats import beta, binom

from adverts.files.file_hash import producing_commit
from adverts_findings.survey.estimators.trend import holm

HERE = Path(__file__).parent
LEVEL, LEAST = 0.95, 0.93
WIDEST = 1.2  # times simple random sampling, where budget times prevalence is below 60
RANDOM, DESIGN, ASSISTED = "simple random", "by design", "assisted"
HOLDS = f"{ASSISTED}, assumption holds"
PERFECT = {
    "design": "by design: coverage",
    "width": "by design: width / simple random",
    "bias": "by design: bias",
    "assisted": "assisted: coverage where given",
    "holds": "assisted: assumption true, of frames",
    "refuted": "assisted: refuted, of samples",
    "assisted_width": "assisted: width / simple random",
    "random": "simple random: coverage",
    "random_width": "simple random: width / truth",
}
IMPERFECT = {
    "design": "by design, corrected: coverage",
    "width": "by design: width / simple random",
    "design_width": "by design: width / truth",
    "design_word": "by design, not corrected: coverage",
    "assisted": "assisted, corrected: coverage where given",
    "refuted": "assisted: refuted, of samples, at most",
    "assisted_width": "assisted: width / simple random",
    "random": "simple random, corrected: coverage",
    "random_word": "simple random, not corrected: coverage",
}
WORST = dict.fromkeys(("width", "design_width", "assisted_width", "refuted"), max)
"""How lines of several cells become one; of all else the lowest counts."""
COUNTS = {
    "bias": "bias",
    "rmse": "error (root mean square)",
    "coverage": "coverage of the interval its user may believe",
    "width": "width / truth",
    "rare": "bias at 0.1 %",
}
MODELS = {"known": "known brands", "new": "new brands"}
ROUNDS = {
    "rounds": "rounds, 200 + 1,000 planted",
    "rounds, 400 planted": "rounds, 200 + 200 planted",
    "rounds, 400 unequal": "rounds, 50 + 350 planted",
}


class Counted(TypedDict):
    """What became of one kind of estimate in one cell."""

    draws: int
    unsaid: int
    below: int
    above: int
    width: float | None
    bias: float | None
    rmse: float | None


class Row(TypedDict):
    """One cell: what it is, and its estimates by name."""

    cell: list[str | float]
    frames: int
    estimates: dict[str, Counted]
    adverts: NotRequired[int]


Figures = dict[str, float]


def covered(one: Counted) -> tuple[int, int]:
    """Return the number of intervals that hold the truth, and of those given."""
    said = one["draws"] - one["unsaid"]
    return said - one["below"] - one["above"], said


def coverage(one: Counted | None) -> float | None:
    """Return the share of intervals given that hold the truth; None without one."""
    hits, said = covered(one) if one else (0, 0)
    return hits / said if said else None


def interval(one: Counted) -> tuple[float, float]:
    """Return Clopper and Pearson's interval of a coverage."""
    hits, said = covered(one)
    low = float(beta.ppf(0.025, hits, said - hits + 1)) if hits else 0.0
    return low, float(beta.ppf(0.975, hits + 1, said - hits)) if hits < said else 1.0


def ratio(of: Mapping[str, Counted], name: str) -> float | None:
    """Return the width of an estimate as a multiple of that of simple random sampling."""
    width, random = of[name]["width"], of[RANDOM]["width"]
    return None if width is None or not random else width / random


def figures(of: Mapping[str, Counted]) -> Figures:
    """Return every figure that a table of labelled samples may show."""
    assisted = of[ASSISTED]
    found = {
        "design": coverage(of[DESIGN]),
        "width": ratio(of, DESIGN),
        "design_width": of[DESIGN]["width"],
        "bias": of[DESIGN]["bias"],
        "assisted": coverage(assisted),
        "holds": of[HOLDS]["draws"] / assisted["draws"] if HOLDS in of else 0.0,
        "refuted": assisted["unsaid"] / assisted["draws"],
        "assisted_width": ratio(of, ASSISTED),
        "random": coverage(of[RANDOM]),
        "random_width": of[RANDOM]["width"],
        "design_word": coverage(of.get(f"{DESIGN}, at their word")),
        "random_word": coverage(of.get(f"{RANDOM}, at their word")),
    }
    return {key: value for key, value in found.items() if value is not None}


def worst(found: Sequence[Figures]) -> Figures:
    """Return the worst of several lines, figure by figure."""
    keys = dict.fromkeys(key for one in found for key in one)
    return {key: WORST.get(key, min)([one[key] for one in found if key in one]) for key in keys}


def arm(
    name: str, found: Figures, shown: Iterable[str], ends: Mapping[str, tuple[float, float]]
) -> dict[str, object]:
    """Return one line of a table."""
    values = {key: [round(found[key], 3)] for key in shown if key in found}
    sides = {key: [round(one, 3) for one in pair] for key, pair in ends.items()}
    return {"name": name, "values": values, "intervals": sides}


def perfect_lines(rows: Sequence[Row]) -> list[object]:
    """Return a line for each cell with perfect answers."""
    return [
        arm(
            f"{MODELS[str(kind)]}, {calibration}, {budget:,} labels",
            figures(row["estimates"]),
            PERFECT,
            {"design": interval(row["estimates"][DESIGN])},
        )
        for row in rows
        for kind, calibration, reviewers, budget in [row["cell"]]
        if reviewers == "perfect"
    ]


def imperfect_lines(rows: Sequence[Row]) -> list[object]:
    """Return a line for each kind of scores, the worst of its budgets, and each use of rounds."""
    lines = []
    for kind, calibration in product(KINDS, CALIBRATIONS):
        wanted = [kind, calibration, "one reviewer"]
        found = [figures(row["estimates"]) for row in rows if row["cell"][:3] == wanted]
        name = f"one reviewer, 400 to 1,600 labels: {MODELS[kind]}, {calibration}"
        lines.append(arm(name, worst(found), IMPERFECT, {}))
    for people, told in ROUNDS.items():
        found = [figures(row["estimates"]) for row in rows if row["cell"][2] == people]
        lines.append(arm(f"{told}, 800 labels: all scores", worst(found), IMPERFECT, {}))
    return lines


def count_lines(rows: Sequence[Row]) -> list[object]:
    """Return a line for each count without a label."""
    of = {(row["cell"][0], row["cell"][1] == SHARE): row["estimates"] for row in rows}
    lines = []
    for kind in KINDS:
        for told, key in ROWS.items():
            one, rare = of[kind, True][key], of[kind, False][key]
            found = {"bias": one["bias"], "rmse": one["rmse"], "coverage": coverage(one)}
            found |= {"width": one["width"], "rare": rare["bias"]}
            some = {name: value for name, value in found.items() if value is not None}
            lines.append(arm(f"{MODELS[kind]}: {told}", some, COUNTS, {}))
    return lines


def failures(rows: Sequence[Row]) -> list[str]:
    """Return the cells that fail a bar, and how."""
    found = []
    for name in (DESIGN, HOLDS):
        some = [(r["cell"], r["estimates"][name]) for r in rows if name in r["estimates"]]
        chances = [float(binom.cdf(*covered(one), LEVEL)) for _, one in some]
        for (cell, one), p in zip(some, holm(chances), strict=True):
            share = coverage(one)
            if share is None or p < 1 - LEVEL or share < LEAST:
                found.append(f"{cell} {name}: coverage {share}, Holm's p {p:.2g}")
    for row in rows:
        wide = ratio(row["estimates"], DESIGN)
        if row["cell"][2] == "perfect" and (wide is None or wide > WIDEST):
            found.append(f"{row['cell']} {DESIGN}: {wide} times simple random sampling")
    return found


def main(scores: str, path: str) -> None:
    """Write the three records."""
    with np.load(scores) as file:
        data_hash = str(file["data_hash"])
    every: list[Row] = [json.loads(line) for line in Path(path).read_text().splitlines()]
    rows = [row for row in every if len(row["cell"]) == 4]
    about = (
        f"One sample of each of {rows[0]['frames']} thinnings of the comments to "
        f"{rows[0]['adverts']:,}, of which 1 % are promotions"
    )
    command = "`python experiments/0028-rehearsal/rehearse.py`, `record.py`"
    people = (
        "Each answer is 95 % sensitive and 99.5 % specific; known from 200 planted positives and "
        "1,000 negatives unless said otherwise; rounds: a second where the first says positive, a "
        "third where they differ. A line is the worst of its budgets or scores"
    )
    tables = {
        "results": (PERFECT, perfect_lines(rows), f"Perfect answers. {about}."),
        "errors": (IMPERFECT, imperfect_lines(rows), f"{people}. {about}."),
        "counts": (
            COUNTS,
            count_lines([row for row in every if len(row["cell"]) == 2]),
            "No label. The same thinnings, and as many to 0.1 %.",
        ),
    }
    for name, (metrics, arms, caption) in tables.items():
        record = {"metrics": metrics, "arms": arms, "comparisons": []}
        record["caption"] = f"{caption} {command}"
        if name == "results":
            record |= {"commit": producing_commit(), "data_hash": data_hash, "cells": every}
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        (HERE / f"{name}.json").write_text(text + "\n")
    print("\n".join(failures(rows)) or "no cell fails a bar")


if __name__ == "__main__":
    main(*sys.argv[1:])
