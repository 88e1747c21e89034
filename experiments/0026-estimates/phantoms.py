"""Exact coverage of small designs under four places of the phantom positive; writes phantoms.json.

All outcomes of a design are enumerated, so that the only noise is that of the random draws that add
strata. Usage::

    python experiments/0026-estimates/phantoms.py
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

Floats = NDArray[np.float64]
Table = tuple[tuple[int, ...], tuple[int, ...], NDArray[np.int64], list[dict[str, Floats]]]
DRAWS = 6_000
SHARES = (0.0, 0.003, 0.01, 0.05, 0.1, 0.3, 0.5, 0.8, 0.97, 1.0)
DESIGNS = (
    ((100, 100, 100), (6, 4, 3)),
    ((1000, 100, 10), (6, 4, 3)),
    ((90, 60, 700), (6, 4, 3)),
    ((1000, 300), (40, 20)),
    ((1000, 450), (40, 20)),
    ((1000, 100), (60, 12)),
)
PLACES = {
    "every": "a phantom in each stratum",
    "heaviest": "one, where a label weighs most (Fay and Feuer)",
    "open": "one, where weight times share of negatives is largest",
    "highest": "one, where it raises the upper end most (adopted)",
}


def ends(counts: Sequence[int], labels: Sequence[int], adverts: Sequence[int]) -> dict[str, Floats]:
    """Return lower end and upper end of each place of the phantom."""
    x, n, size = (np.array(one) for one in (counts, labels, adverts))
    rng = np.random.default_rng(0)
    low, plain, raised = np.zeros(DRAWS), [], []
    for k, m, a in zip(x, n, size, strict=True):
        low += a * rng.beta(k, m - k + 1, DRAWS) if k else 0.0
        plain.append(a * (k / m if k in {0, m} else rng.beta(k, m - k, DRAWS)) + np.zeros(DRAWS))
        raised.append(a * (rng.beta(k + 1, m - k, DRAWS) if k < m else np.ones(DRAWS)))
    more = [up - seen for up, seen in zip(raised, plain, strict=True)]
    total, weight = np.sum(plain, axis=0), size / n
    tops = [float(np.quantile(total + one, 0.975)) for one in more]
    highs = {
        "every": float(np.quantile(np.sum(raised, axis=0), 0.975)),
        "heaviest": tops[int(np.argmax(weight))],
        "open": tops[int(np.argmax(weight * (1 - x / n)))],
        "highest": max(tops),
    }
    bottom = float(np.quantile(low, 0.025))
    return {name: np.array([bottom, high]) for name, high in highs.items()}


def worst(place: str, tables: Sequence[Table]) -> tuple[float, float, float]:
    """Return the largest chances to miss the truth below, above and in all, over all designs."""
    below = above = both = 0.0
    for adverts, labels, outcomes, intervals in tables:
        low, high = np.array([one[place] for one in intervals]).T
        for shares in itertools.product(SHARES, repeat=len(labels)):
            chances = [
                binom.pmf(np.arange(n + 1), n, p) for n, p in zip(labels, shares, strict=True)
            ]
            chance = np.prod([c[outcomes[:, i]] for i, c in enumerate(chances)], axis=0)
            truth = float(np.dot(adverts, shares))
            over = float(chance[low > truth + 1e-9].sum())
            under = float(chance[high < truth - 1e-9].sum())
            below, above, both = max(below, under), max(above, over), max(both, under + over)
    return below, above, both


def main() -> None:
    """Enumerate all designs and write the table."""
    tables = []
    for adverts, labels in DESIGNS:
        outcomes = np.array(list(itertools.product(*[range(n + 1) for n in labels])))
        tables.append((adverts, labels, outcomes, [ends(one, labels, adverts) for one in outcomes]))
    metrics = {
        "below": "truth above the interval, at most",
        "above": "truth below it, at most",
        "both": "missed, at most",
    }
    arms = [
        {
            "name": name,
            "values": {
                k: [round(v, 3)] for k, v in zip(metrics, worst(place, tables), strict=True)
            },
        }
        for place, name in PLACES.items()
    ]
    caption = (
        "Largest chance over a grid of shares of six designs of 2 or 3 strata and 13 to 72 labels, "
        "each outcome enumerated; noise of the random draws about 0.002. "
        "`python experiments/0026-estimates/phantoms.py`"
    )
    record = {"metrics": metrics, "arms": arms, "comparisons": [], "caption": caption}
    path = Path(__file__).with_name("phantoms.json")
    path.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
