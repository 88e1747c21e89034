"""Rebuild every table of README, docs and experiment records from ``results.json``.

A table stands between ``<!-- table: NAME -->`` and ``<!-- /table -->``, NAME being a folder of
``experiments/``, or ``FOLDER/PART`` for its ``PART.json``. ``NAME (METRIC, METRIC)`` shows these
metrics of each arm alone, without comparisons and caption. ``--check`` writes nothing and ends with
status 1 where a table is stale.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = re.compile(
    r"(<!-- table: (?P<name>[\w./-]+)(?: \((?P<metrics>[\w, ]+)\))? -->\n)"
    r".*?(?P<end><!-- /table -->)",
    re.DOTALL,
)
FORMATS = {
    "images_640": "{:.2f}",
    "images_1280": "{:.2f}",
    "peak_gb": "{:.2f}",
    "seconds": "{:.0f}",
    "processor_seconds": "{:.0f}",
    "whole": "{:.1f}",
    "epochs": "{:.1f}",
    "minutes": "{:.1f}",
    "adverts_per_second": "{:.1f}",
    "n": "{:.0f}",
    "owners": "{:.0f}",
    **dict.fromkeys(("distinct_texts", "fingerprints", "other_fingerprints"), "{:.0f}"),
    **{f"pairs_{radius}": "{:.0f}" for radius in (6, 8, 10, 12, 16)},
    "without_fingerprint": "{:.2f}",
    "bound_8": "{:.1f}",
    **{f"kept_{letters}": "{:.2f}" for letters in (40, 80, 160)},
    "right_owners": "{:.0f}",
    "new_owners": "{:.0f}",
    "joined": "{:.0f}",
    "asked": "{:.0f}",
    "claimed": "{:.0f}",
    "known": "{:.0f}",
    "true": "{:.0f}",
    "not_comparable": "{:.0f}",
    "lines_lost": "{:.0f}",
    "captions_lost": "{:.0f}",
    "results_changed": "{:.0f}",
    "all_ms": "{:.0f}",
    "decode_ms": "{:.0f}",
    "detect_ms": "{:.0f}",
}


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant: raw values of each metric, one for each seed or fold."""

    name: str
    values: dict[str, list[float]]
    intervals: dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A paired difference with its 95 % interval."""

    name: str
    metric: str
    difference: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Results:
    """What ``results.json`` holds, as far as a table shows it."""

    metrics: dict[str, str]
    arms: tuple[Arm, ...]
    comparisons: tuple[Comparison, ...]
    caption: str


def read_results(path: Path) -> Results:
    """Read a record.

    Raises:
        ValueError: A key is missing or of another shape; names the file.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        arms = tuple(
            Arm(
                arm["name"],
                {k: [float(v) for v in vs] for k, vs in arm["values"].items()},
                {k: (float(a), float(b)) for k, (a, b) in arm.get("intervals", {}).items()},
            )
            for arm in raw["arms"]
        )
        comparisons = tuple(
            Comparison(c["name"], c["metric"], c["difference"], c["low"], c["high"])
            for c in raw["comparisons"]
        )
        return Results(dict(raw["metrics"]), arms, comparisons, str(raw["caption"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path}: not a results record: {error!r}") from error


def render(results: Results) -> str:
    """Return the Markdown of one table."""
    header = ["", *results.metrics.values()]
    rows = [[arm.name, *(_cell(arm, metric) for metric in results.metrics)] for arm in results.arms]
    names = dict.fromkeys(comparison.name for comparison in results.comparisons)
    for name in names:
        cells = {c.metric: c for c in results.comparisons if c.name == name}
        rows.append([name, *(_difference(cells.get(metric)) for metric in results.metrics)])
    lines = ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)]
    return "\n".join([*lines, "", results.caption])


def shortened(results: Results, metrics: Sequence[str]) -> Results:
    """Return these metrics of each arm alone, in the given order.

    Raises:
        ValueError: There is no such metric.
    """
    unknown = [name for name in metrics if name not in results.metrics]
    if unknown:
        raise ValueError(f"no metric {unknown[0]!r} among {', '.join(results.metrics)}")
    return Results({name: results.metrics[name] for name in metrics}, results.arms, (), "")


def _cell(arm: Arm, metric: str) -> str:
    values = arm.values.get(metric)
    if not values:
        return "–"
    shape = FORMATS.get(metric, "{:.3f}")
    text = shape.format(statistics.fmean(values))
    if metric in arm.intervals:
        low, high = arm.intervals[metric]
        return f"{text} [{shape.format(low)}, {shape.format(high)}]"
    return f"{text} ± {shape.format(statistics.stdev(values))}" if len(values) > 1 else text


def _difference(comparison: Comparison | None) -> str:
    if comparison is None:
        return ""
    return f"{comparison.difference:+.3f} [{comparison.low:+.3f}, {comparison.high:+.3f}]"


def rebuild(document: str, folder: Path) -> str:
    """Return ``document`` with every marked table rebuilt from the records below ``folder``."""

    def replace(match: re.Match[str]) -> str:
        name, _, part = match["name"].partition("/")
        path = folder / name / f"{part or 'results'}.json"
        if not path.is_file():
            raise ValueError(f"table {match['name']}: {path} does not exist; run record.py first")
        results = read_results(path)
        if match["metrics"]:
            results = shortened(results, match["metrics"].split(", "))
        table = render(results)
        table = table.rstrip("\n") if match["metrics"] else table
        return f"{match[1]}{table}\n{match['end']}"

    return TABLE.sub(replace, document)


def documents() -> Iterator[Path]:
    """Every page that may hold a table."""
    yield ROOT / "README.md"
    yield from sorted((ROOT / "docs").glob("*.md"))
    yield from sorted((ROOT / "experiments").glob("*/README.md"))
    yield from sorted((ROOT / "data").glob("*/README.md"))


def main(arguments: Sequence[str]) -> int:
    """Rebuild, or check; return the exit status."""
    stale = []
    for path in documents():
        before = path.read_text(encoding="utf-8")
        try:
            after = rebuild(before, ROOT / "experiments")
        except ValueError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 2
        if before != after:
            stale.append(path.relative_to(ROOT))
            if "--check" not in arguments:
                path.write_text(after, encoding="utf-8")
    for path in stale:
        print(f"{path}: {'stale table; run: make tables' if '--check' in arguments else 'rebuilt'}")
    return int(bool(stale) and "--check" in arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
