"""Time a bundle with its early exit and without it on a thinned stream, and count what it loses.

Usage::

    python experiments/0023-early-exit/speed.py BUNDLE PREPARED [positives=0.01] [adverts=1000]

The stream is of the split ``test``: so many positives that they are the wished share, in an order
drawn once. Both ways of scoring take turns on the same adverts, on one thread, and the processor's
time counts, since machines are busy. The loss is that of all positive clusters of the split.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np

from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.statistics.bounds import exact_interval
from adverts.runtime import Classifier, Response

_PART = 1_000


def answers(classifier: Classifier, table: AdvertTable, *, early_exit: bool) -> list[Response]:
    """Return the answers to all adverts of a table."""
    return classifier.predict(
        texts=table.texts, languages=table.langs, early_exit=early_exit, ids=table.ids
    )


def thinned(table: AdvertTable, positive: np.ndarray, share: float, most: int) -> AdvertTable:
    """Return a stream with this share of positives, in an order drawn once."""
    random = np.random.default_rng(0)
    others = random.permutation(np.flatnonzero(~positive))[: round(most * (1 - share))]
    wanted = max(1, round(len(others) * share / (1 - share)))
    kept = random.permutation(np.flatnonzero(positive))[:wanted]
    return table.select(random.permutation(np.concatenate([others, kept])))


def timed(classifier: Classifier, stream: AdvertTable) -> tuple[list[bool], dict[bool, float]]:
    """Return which adverts left, and the seconds of the processor with and without an exit."""
    seconds, left = {True: 0.0, False: 0.0}, []
    answers(
        classifier, stream.select(range(min(64, len(stream)))), early_exit=True
    )  # loads the identifier
    for number, start in enumerate(range(0, len(stream), _PART)):
        part = stream.select(range(start, min(start + _PART, len(stream))))
        for early_exit in (True, False) if number % 2 else (False, True):
            began = time.process_time()
            said = answers(classifier, part, early_exit=early_exit)
            seconds[early_exit] += time.process_time() - began
            if early_exit:
                left += [one.exited for one in said]
    return left, seconds


def lost(classifier: Classifier, table: AdvertTable) -> tuple[int, int]:
    """Return how many positive clusters that reach the recall threshold are lost, and how many."""
    task = classifier.tasks[0]
    assert task.positive is not None
    threshold = classifier.rules.thresholds.find(task.name, task.positive, "recall")
    assert threshold is not None
    assert threshold.value is not None
    whole = answers(classifier, table, early_exit=False)
    reaches = [one.probabilities[task.name][task.positive] >= threshold.value for one in whole]
    left = [one.exited for one in answers(classifier, table, early_exit=True)]
    names = np.array(table.clusters)
    return len(set(names[np.array(reaches) & np.array(left)])), len(set(names[reaches]))


def main() -> None:
    """Print the figures."""
    bundle, prepared, *rest = sys.argv[1:]
    given = {"positives": "0.01", "adverts": "1000"} | dict(one.split("=") for one in rest)
    classifier = Classifier.load(Path(bundle), threads=1)
    rule, task = classifier.rules.early_exit, classifier.tasks[0]
    print(rule.summary if rule is not None else "no early exit", flush=True)
    table = open_prepared(Path(prepared)).split("test")
    positive = table.targets[task.name][:, task.positive_index or 0] > 0.5
    stream = thinned(table, positive, float(given["positives"]), int(given["adverts"]))
    left, seconds = timed(classifier, stream)
    share, faster = float(np.mean(left)), seconds[False] / seconds[True]
    each = {name: 1000 * spent / len(stream) for name, spent in seconds.items()}
    print(f"{len(stream):,} adverts: {share:.1%} leave; {each[False]:.2f} ms an advert without an")
    print(f"exit, {each[True]:.2f} ms with it: {faster:.1f} times as fast; wanted are ", end="")
    print(f"{0.8 / (1 - share):.1f} times", flush=True)
    gone, of = lost(classifier, table.select(np.flatnonzero(positive)))
    low, high = exact_interval(gone, of)
    print(f"lost on test: {gone} of {of} clusters ({gone / of:.2%}, 95 %: {low:.2%} to {high:.2%})")


if __name__ == "__main__":
    main()
