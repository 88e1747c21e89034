"""Replay ways to stop trials on studies whose trials were all trained whole.

python experiments/0039-tune-narrowing/replay.py runs/0036

Of each study the trials arrive in random order, 400 times. Printed for each way: the passes that
it takes, and how much worse than the best of all trials on validation it ends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import optuna
from numpy.typing import NDArray

from adverts.tuning.journal import open_journal
from adverts.tuning.pruning import goes_on, is_stage

ORDERS = 400
Share = Callable[
    [int, int], float | None
]  # of the trials that go on, by validation and their number


def main() -> None:
    """Print what each way costs and loses."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    studies = [curves(path) for path in sorted(Path(sys.argv[1]).glob("random-*/journal.log"))]
    for place, curve in enumerate(studies, 1):
        by_pass = [np.corrcoef(curve[:, i], curve[:, -1])[0, 1] for i in range(curve.shape[1] - 1)]
        best = curve[:, -1].argmax()
        before = int((curve[:, 0] > curve[best, 0]).sum())
        said = ", ".join(f"{one:.2f}" for one in by_pass)
        print(f"study {place}: correlation with the end {said}; the best was {before + 1} of all")
    for keep in (0.25, 0.33, 0.5, 0.6):
        show(f"halving, {keep}", studies, lambda i, n, k=keep: k if is_stage(i) and i < n else None)
    for keep in (0.5, 0.6, 0.7):
        show(f"each validation, {keep}", studies, lambda i, n, k=keep: k if i < n else None)
    for power in (1.0, 1.5, 2.0):
        name = f"narrowing, to the power of {power}"
        show(name, studies, lambda i, n, p=power: (1 - i / n) ** p if i < n else None)


def curves(path: Path) -> NDArray[np.float64]:
    """Return the figure of each trial after each validation."""
    study = optuna.load_study(storage=open_journal(path), study_name="tune")
    return np.array([list(one.intermediate_values.values()) for one in study.trials])


def show(name: str, studies: list[NDArray[np.float64]], share: Share) -> None:
    """Print the mean cost and loss of one way to stop trials."""
    rng = np.random.default_rng(0)
    ends = [
        replay(curve[rng.permutation(len(curve))], share)
        for curve in studies
        for _ in range(ORDERS)
    ]
    passes, loss = np.mean(ends, axis=0)
    print(f"{name:30} {passes:5.1f} of {studies[0].size} passes, loses {loss:.4f}")


def replay(curve: NDArray[np.float64], share: Share) -> tuple[int, float]:
    """Return the passes of one order of trials, and the loss against the best of all."""
    trials, validations = curve.shape
    seen: dict[int, list[float]] = {i: [] for i in range(1, validations + 1)}
    passes, best = 0, -np.inf
    for trial in range(trials):
        for i in range(1, validations + 1):
            passes += 1
            value, kept = float(curve[trial, i - 1]), share(i, validations)
            goes = kept is None or goes_on(value, seen[i], kept)
            seen[i].append(value)
            if not goes:
                break
        else:
            best = max(best, float(curve[trial, -1]))
    return passes, float(curve[:, -1].max() - best)


if __name__ == "__main__":
    main()
