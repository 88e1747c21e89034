"""Write results.json from the lines of learn.py and peers.py: areas, and differences to random.

Usage::

    python experiments/0027-what-to-label/record.py FILE PREPARED...
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.stats import t

from adverts.arrays import Floats
from adverts.data.dataset.prepared import open_prepared
from adverts.files.file_hash import producing_commit

RESAMPLES = 10_000
PEER = "scikit-activeml"
Curves = Mapping[str, Mapping[str, Floats]]
"""By data and choice: average precision after each round of each repeat, ``(repeats, rounds)``."""


def read_curves(path: Path) -> Curves:
    """Read the lines; the later one of the same repeat counts."""
    found: dict[str, dict[str, dict[int, list[float]]]] = defaultdict(lambda: defaultdict(dict))
    for line in path.read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        for name, curve in one["average_precision"].items():
            found[one["data"]][name][one["seed"]] = curve
    return {
        data: {
            name: np.array([by_seed[seed] for seed in sorted(by_seed)])
            for name, by_seed in x.items()
        }
        for data, x in found.items()
    }


def areas(curves: Floats) -> Floats:
    """Return the area under each curve, as a mean over the labels from first to last."""
    return np.trapezoid(curves, axis=1) / (curves.shape[1] - 1)


def interval(gaps: Floats) -> tuple[float, float]:
    """Return the 95 % interval of the mean by resampling repeats."""
    drawn = np.random.default_rng(0).integers(0, len(gaps), (RESAMPLES, len(gaps)))
    low, high = np.quantile(gaps[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def t_interval(gaps: Floats) -> tuple[float, float]:
    """Return the 95 % interval of the mean by Student's t."""
    reach = t.ppf(0.975, len(gaps) - 1) * gaps.std(ddof=1) / len(gaps) ** 0.5
    return float(gaps.mean() - reach), float(gaps.mean() + reach)


def compared(name: str, data: str, gaps: Floats, ends: tuple[float, float]) -> dict[str, object]:
    """Return one cell of a comparison."""
    found = {"difference": float(gaps.mean()), "low": ends[0], "high": ends[1]}
    return {"name": name, "metric": data, **{k: round(v, 4) for k, v in found.items()}}


def comparisons(curves: Curves, names: Sequence[str]) -> list[dict[str, object]]:
    """Return the paired differences of ours and of peers to random, and of ours to the others."""
    found = []
    for data, of in curves.items():
        over = {name: areas(of[name]) - areas(of["random"]) for name in names}
        ours = over["ours"]
        found.append(compared("ours − random", data, ours, interval(ours)))
        found.append(compared("… by Student's t", data, ours, t_interval(ours)))
        for name in names:
            if name.startswith(PEER):
                found.append(compared(f"{name} − random", data, over[name], interval(over[name])))
        for name in names:
            if name not in ("random", "ours"):
                gaps = ours - over[name]
                found.append(compared(f"ours − {name}", data, gaps, interval(gaps)))
    return found


def main() -> None:
    """Write the record."""
    curves = read_curves(Path(sys.argv[1]))
    names = list(next(iter(curves.values())))
    arms = [
        {
            "name": name,
            "values": {data: areas(of[name]).round(4).tolist() for data, of in curves.items()},
            "mean_curves": {
                data: of[name].mean(axis=0).round(4).tolist() for data, of in curves.items()
            },
        }
        for name in names
    ]
    repeats = min(len(of[name]) for of in curves.values() for name in names)
    record = {
        "commit": producing_commit(),
        "data_hashes": {Path(p).name: open_prepared(Path(p)).data_hash for p in sys.argv[2:]},
        "metrics": {data: data for data in curves},
        "arms": arms,
        "comparisons": comparisons(curves, names),
        "caption": (
            f"Area under the curve of average precision from 50 to 500 labels: mean ± standard "
            f"deviation over {repeats} repeats; paired differences with 95 % intervals by "
            f"resampling repeats. `learn.py`, `peers.py`, `record.py`"
        ),
    }
    text = json.dumps(record, indent=1, ensure_ascii=False)
    Path(__file__).with_name("results.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
