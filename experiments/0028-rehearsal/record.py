"""Write the tables from the cells of rehearse.py, and print the cells that fail a bar.

Usage::

    python experiments/0028-rehearsal/record.py runs/0028/scores.npz runs/0028/cells.jsonl
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import numpy as np
from counts import ROWS
from scipy.stats import beta, binom

from adverts.estimation.estimators.trend import holm
from adverts.files.file_hash import producing_commit

HERE = Path(__file__).parent
LEVEL, LEAST = 0.95, 0.93
WIDEST = 1.2  # times simple random sampling, where budget times prevalence is below 60
RANDOM, DESIGN, ASSISTED = "simple random", "by design", "assisted"
PERFECT = {
    "design": "by design: coverage",
    "width": "width, times simple random",
    "bias": "bias",
    "assisted": "assisted: coverage where given",
    "holds": "share of frames where its assumption is true",
    "refuted": "share of samples that refute it",
    "assisted_width": "width, times simple random",
    "random": "simple random: coverage",
    "random_width": "width, times the truth",
}
IMPERFECT = {
    "design": "by design, corrected: coverage",
    "width": "width, times simple random corrected",
    "bias": "bias",
    "design_word": "at their word: coverage",
    "assisted": "assisted, corrected: coverage where given",
    "refuted": "share of samples that refute it",
    "assisted_width": "width, times simple random corrected",
    "random": "simple random, corrected: coverage",
    "random_word": "at their word: coverage",
}
COUNTS = {
    "bias": "bias",
    "rmse": "error (root mean square)",
    "coverage": "coverage of the interval its user would believe",
    "width": "width, times the truth",
}
MODELS = {"known": "brands known to the model", "new": "brands new to it"}


class Counted(TypedDict):
    """What became of one kind of estimate in one cell."""

    draws: int
    unsaid: int
    below: int
    above: int
    width: float | None
    bias: float | None
    rmse: float | None


class Cell(TypedDict):
    """One cell: what it is, and its estimates by name."""

    cell: list[str | int]
    estimates: dict[str, Counted]


def covered(one: Counted) -> tuple[int, int]:
    """Return the number of intervals that hold the truth, and of those given."""
    said = one["draws"] - one["unsaid"]
    return said - one["below"] - one["above"], said


def coverage(one: Counted) -> float | None:
    """Return the share of intervals given that hold the truth."""
    hits, said = covered(one)
    return hits / said if said else None


def interval(one: Counted) -> tuple[float, float]:
    """Return Clopper and Pearson's interval of a coverage."""
    hits, said = covered(one)
    low = float(beta.ppf(0.025, hits, said - hits + 1)) if hits else 0.0
    return low, float(beta.ppf(0.975, hits + 1, said - hits)) if hits < said else 1.0


def ratio(of: Mapping[str, Counted], name: str) -> float | None:
    """Return the width of an estimate as a multiple of that of simple random sampling."""
    width, random = of[name]["width"], of[RANDOM]["width"]
    return None if width is None or random is None else width / random


def values(of: Mapping[str, Counted]) -> dict[str, float | None]:
    """Return every figure that a table of labelled samples may show."""
    assisted = of[ASSISTED]
    holding = of.get(f"{ASSISTED}, assumption holds", Counted(draws=0))  # type: ignore[typeddict-item]
    found = {
        "design": coverage(of[DESIGN]),
        "width": ratio(of, DESIGN),
        "bias": of[DESIGN]["bias"],
        "assisted": coverage(assisted),
        "holds": holding["draws"] / assisted["draws"],
        "refuted": assisted["unsaid"] / assisted["draws"],
        "assisted_width": ratio(of, ASSISTED),
        "random": coverage(of[RANDOM]),
        "random_width": of[RANDOM]["width"],
    }
    for key, name in (("design_word", DESIGN), ("random_word", RANDOM)):
        one = of.get(f"{name}, at their word")
        found[key] = None if one is None else coverage(one)
    return found


def arm(
    name: str,
    found: Mapping[str, float | None],
    shown: Mapping[str, str],
    ends: Mapping[str, tuple[float, float]],
) -> dict[str, object]:
    """Return one line of a table."""
    rounded = {k: [round(v, 3)] for k, v in found.items() if k in shown and v is not None}
    sides = {k: [round(one, 3) for one in pair] for k, pair in ends.items()}
    return {"name": name, "values": rounded, "intervals": sides}


def labelled(cells: Sequence[Cell], reviewers: str, shown: Mapping[str, str]) -> list[object]:
    """Return the lines of one kind of reviewers."""
    return [
        arm(
            f"{MODELS[str(kind)]}, {calibration}, {budget:,} labels",
            values(one["estimates"]),
            shown,
            {"design": interval(one["estimates"][DESIGN])},
        )
        for one in cells
        for kind, calibration, of, budget in [one["cell"]]
        if of == reviewers
    ]


def counted(cells: Sequence[Cell]) -> list[object]:
    """Return the lines of counts without a label."""
    return [
        arm(
            f"{MODELS[str(one['cell'][0])]}: {row}",
            {**one["estimates"][key], "coverage": coverage(one["estimates"][key])},
            COUNTS,
            {"coverage": interval(one["estimates"][key])},
        )
        for one in cells
        for row, key in ROWS.items()
    ]


def failures(cells: Sequence[Cell]) -> list[str]:
    """Return the cells that fail a bar, and how."""
    found = []
    tests = [(one["cell"], DESIGN, one["estimates"][DESIGN]) for one in cells]
    holding = f"{ASSISTED}, assumption holds"
    assisted = [
        (one["cell"], holding, one["estimates"][holding])
        for one in cells
        if holding in one["estimates"] and covered(one["estimates"][holding])[1]
    ]
    for some in (tests, assisted):
        chances = [float(binom.cdf(*covered(one), LEVEL)) for *_, one in some]
        for (cell, name, one), p in zip(some, holm(chances), strict=True):
            share = coverage(one)
            if share is not None and (p < 1 - LEVEL or share < LEAST):
                found.append(f"{cell} {name}: coverage {share:.3f}, Holm's p {p:.2g}")
    for one in cells:
        wide = ratio(one["estimates"], DESIGN)
        if one["cell"][2] == "perfect" and (wide is None or wide > WIDEST):
            found.append(f"{one['cell']} by design: {wide} times simple random sampling")
    return found


def main(scores: str, path: str) -> None:
    """Write the three records."""
    with np.load(scores) as file:
        data_hash = str(file["data_hash"])
    rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
    cells = [row for row in rows if len(row["cell"]) > 1]
    without = [row for row in rows if len(row["cell"]) == 1]
    frames, samples = cells[0]["frames"], cells[0]["samples"]
    about = f"{frames} thinnings of about {cells[0]['adverts']:,.0f} comments to 1 % promotions"
    each = f"{about}, {samples} samples of each"
    command = "`python experiments/0028-rehearsal/rehearse.py`, `record.py`"
    tables = {
        "results": (PERFECT, labelled(cells, "perfect", PERFECT), f"Perfect answers. {each}."),
        "errors": (
            IMPERFECT,
            labelled(cells, "imperfect", IMPERFECT),
            "Answers 95 % sensitive, 99.5 % specific, known from 200 planted positives and 1,000 "
            f"negatives. {each}.",
        ),
        "counts": (COUNTS, counted(without), f"No label. {about}."),
    }
    for name, (metrics, arms, caption) in tables.items():
        record = {"metrics": metrics, "arms": arms, "comparisons": []}
        record["caption"] = f"{caption} {command}"
        if name == "results":
            record |= {"commit": producing_commit(), "data_hash": data_hash, "cells": rows}
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        (HERE / f"{name}.json").write_text(text + "\n")
    print("\n".join(failures(cells)) or "no cell fails a bar")


if __name__ == "__main__":
    main(*sys.argv[1:])
