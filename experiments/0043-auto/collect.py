"""Compare the ways of each draw, pair by pair of set and size, and print them as a table.

Usage: ``python experiments/0043-auto/collect.py runs/0043``

A difference is the mean over the draws of a pair; its interval of 95 % resamples clusters of test
adverts, the same in all ways of a draw.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sklearn.metrics import average_precision_score, f1_score

WAYS = ("ngrams", "frozen", "fine_tune", "upper_layers")
RESAMPLES = 500
Said = dict[str, np.ndarray]
Figure = Callable[[np.ndarray, np.ndarray], float]


def precision(truth: np.ndarray, said: np.ndarray) -> float:
    """Return the average precision."""
    return float(average_precision_score(truth, said))


def f1(truth: np.ndarray, said: np.ndarray) -> float:
    """Return macro-F1 at even odds."""
    return float(f1_score(truth, said > 0, average="macro"))


def best_f1(truth: np.ndarray, said: np.ndarray) -> float:
    """Return macro-F1 at the best cut."""
    cuts = np.quantile(said, np.linspace(0.2, 1 - 1e-4, 200))
    return max(float(f1_score(truth, said >= cut, average="macro")) for cut in cuts)


def read(folder: Path) -> Said | None:
    """Return the truth, the clusters and what each way says of a draw; None without our way."""
    if not (folder / f"{WAYS[-1]}.npz").is_file():
        return None
    found: Said = {}
    for way in WAYS[1:]:
        place = folder / f"{way}.npz"
        if place.is_file():
            kept = np.load(place)
            found |= {way: kept["mean"], f"{way} seconds": kept["seconds"]}
            found |= {name: kept[name] for name in ("ngrams", "truth", "clusters", "train")}
    return found


def interval(draws: list[Said], figure: Figure, ours: str, theirs: str) -> tuple[float, ...]:
    """Return the mean difference of a figure over draws, and its interval of 95 %."""
    rng = np.random.default_rng(0)
    drawn = np.zeros((RESAMPLES + 1, len(draws)))
    for column, said in enumerate(draws):
        order = np.argsort(said["clusters"], kind="stable")
        parts = np.split(
            order, np.flatnonzero(said["clusters"][order][1:] != said["clusters"][order][:-1]) + 1
        )
        for row in range(RESAMPLES + 1):
            rows = order
            if row:
                rows = np.concatenate([parts[i] for i in rng.integers(0, len(parts), len(parts))])
            truth = said["truth"][rows]
            drawn[row, column] = figure(truth, said[ours][rows]) - figure(truth, said[theirs][rows])
    mean = drawn.mean(axis=1)
    return float(mean[0]), *np.quantile(mean[1:], (0.025, 0.975)).tolist()


def main() -> None:
    """Print the table."""
    pairs: dict[str, list[Said]] = defaultdict(list)
    for folder in sorted(Path(sys.argv[1]).iterdir()):
        said = read(folder) if folder.is_dir() else None
        if said is not None:
            name, size, _, *rest = folder.name.split("-")
            pairs[f"`{name}` {size} {' '.join(rest)}".strip()].append(said)
    print(
        "| set, rows (draws; training adverts) | tf-idf | frozen | fine-tuned | upper layers "
        "| upper − tf-idf | upper − better of both | macro-F1: upper − tf-idf | best cut − upper "
        "| seconds |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, draws in pairs.items():
        ways = [way for way in WAYS if all(way in draw for draw in draws)]
        means = {way: np.mean([precision(d["truth"], d[way]) for d in draws]) for way in ways}
        decided = {way: np.mean([f1(d["truth"], d[way]) for d in draws]) for way in ways}
        better = max((way for way in ways[1:-1]), key=means.__getitem__)
        lack = np.mean(
            [
                best_f1(d["truth"], d["upper_layers"]) - f1(d["truth"], d["upper_layers"])
                for d in draws
            ]
        )
        seconds = {way: np.mean([d[f"{way} seconds"] for d in draws]) for way in ways[1:]}
        gains = [interval(draws, precision, "upper_layers", one) for one in ("ngrams", better)]
        gains.append(interval(draws, f1, "upper_layers", "ngrams"))
        print(
            f"| {name} ({len(draws)}; {np.mean([d['train'] for d in draws]):.0f}) | "
            + " | ".join(f"{means[w]:.3f}, {decided[w]:.3f}" if w in ways else "–" for w in WAYS)
            + "".join(f" | {a:+.3f} [{b:+.3f}, {c:+.3f}]" for a, b, c in gains)
            + f" | {lack:.3f} | "
            + " / ".join(f"{seconds[w]:.0f}" if w in ways else "–" for w in WAYS[1:])
            + " |"
        )


if __name__ == "__main__":
    main()
