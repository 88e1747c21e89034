"""Write results.json from the cells of simulate.py: worst coverage, widths, and Holm's judgement.

Usage::

    python experiments/0026-estimates/record.py [FILE OF CELLS]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypedDict

from scipy.stats import binom

from adverts_findings.survey.estimators.trend import holm

HERE = Path(__file__).parent
LEVEL, LEAST = 0.95, 0.93
METRICS = {
    "by_design": "by design: lowest coverage",
    "errors": "with reviewers' errors",
    "views": "total of views",
    "width": "width, times simple random",
    "holds": "assisted: lowest coverage, assumption holds",
    "fails": "… assumption fails",
    "unsaid": "… share refuted there",
    "assisted_width": "width, times simple random",
}


class Counts(TypedDict):
    """Intervals of one kind in one cell."""

    draws: int
    below: int
    above: int
    unsaid: int
    width: float | None


class Row(TypedDict):
    """One cell."""

    cell: str
    truth: float
    frame: float
    lowest_true: float
    lowest_predicted: float
    random_width: float
    average_precision: float
    by_design: Counts
    assisted: Counts


def coverage(counts: Counts) -> float | None:
    """Return the share of intervals given that hold the truth."""
    said = counts["draws"] - counts["unsaid"]
    return 1 - (counts["below"] + counts["above"]) / said if said else None


def p_below(counts: Counts) -> float:
    """Return the chance of so few hits at a coverage of 95 %."""
    said = counts["draws"] - counts["unsaid"]
    return float(binom.cdf(said - counts["below"] - counts["above"], said, LEVEL)) if said else 1.0


def holds(row: Row) -> bool:
    """Return whether the assumption on the lowest stratum is true in this frame."""
    return row["lowest_true"] <= 3 * row["lowest_predicted"]


def lowest(rows: Iterable[Row], kind: str) -> float | None:
    """Return the lowest coverage of the rows that give intervals."""
    found = [coverage(row[kind]) for row in rows]
    return min((one for one in found if one is not None), default=None)


def widest(rows: Iterable[Row], kind: str) -> float | None:
    """Return the largest width, as a multiple of that of simple random sampling."""
    found = [
        row[kind]["width"] / row["random_width"] for row in rows if row[kind]["width"] is not None
    ]
    return max(found, default=None)


def arm(name: str, rows: Sequence[Row]) -> dict[str, object]:
    """Return one line of the table: the worst of all kinds of clusters."""
    counted = [row for row in rows if " views " not in row["cell"]]
    perfect = [row for row in counted if row["cell"].endswith(" perfect")]
    imperfect = [row for row in counted if row["cell"].endswith(" imperfect")]
    good = [row for row in counted if holds(row)]
    bad = [row for row in counted if not holds(row)]
    refuted = [row["assisted"]["unsaid"] / row["assisted"]["draws"] for row in bad]
    values = {
        "by_design": lowest(perfect, "by_design"),
        "errors": lowest(imperfect, "by_design"),
        "views": lowest([row for row in rows if " views " in row["cell"]], "by_design"),
        "width": widest(perfect, "by_design"),
        "holds": lowest(good, "assisted"),
        "fails": lowest(bad, "assisted"),
        "unsaid": min(refuted, default=None),
        "assisted_width": widest([row for row in perfect if holds(row)], "assisted"),
    }
    return {
        "name": name,
        "values": {k: [round(v, 3)] for k, v in values.items() if v is not None},
    }


def main() -> None:
    """Write the record and print the cells that fail a bar."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "cells.jsonl"
    latest: dict[str, Row] = {}
    for line in path.read_text().splitlines():
        row: Row = json.loads(line)
        latest[row["cell"]] = row
    rows = list(latest.values())
    names = dict.fromkeys(" ".join(row["cell"].split()[:3]) for row in rows)
    arms = [arm(n, [r for r in rows if r["cell"].startswith(n + " ")]) for n in names]
    tests = [(r["cell"], "by design", r["by_design"]) for r in rows]
    tests += [(r["cell"], "assisted", r["assisted"]) for r in rows if holds(r)]
    tests = [one for one in tests if one[2]["draws"] > one[2]["unsaid"]]
    for kind in ("by design", "assisted"):
        some = [one for one in tests if one[1] == kind]
        for (cell, _, counts), p in zip(some, holm([p_below(c) for *_, c in some]), strict=True):
            if p < 1 - LEVEL or (coverage(counts) or 1.0) < LEAST:
                print(f"{kind}: {cell}: coverage {coverage(counts):.3f}, Holm's p {p:.3g}")
    draws = sorted({row["by_design"]["draws"] for row in rows})
    caption = (
        f"{len(rows)} cells of {' or '.join(f'{one:,}' for one in draws)} samples each; a line is "
        "the worst of its clusters (equal, heavy-tailed, mixed) and reviewers. Widths are those "
        "with perfect reviewers. `python experiments/0026-estimates/simulate.py`, `record.py`"
    )
    record = {"metrics": METRICS, "arms": arms, "comparisons": [], "caption": caption}
    text = json.dumps({**record, "cells": rows}, ensure_ascii=False, separators=(",", ":"))
    (HERE / "results.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
