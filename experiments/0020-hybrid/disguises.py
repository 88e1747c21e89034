"""Compare the recall that runs keep under disguises with that of the tf-idf beside them, in pairs.

Usage::

    python experiments/0020-hybrid/disguises.py disguises.json NAME=runs/NAME=prepared/NAME …

Both models decide on the same disguised adverts of the test split, each at its own frozen
threshold: at most 300 adverts, half of them positive where there are enough, three draws. Recall
kept is the recall of disguised adverts over that of the same adverts as they are.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from adverts.advert import Task
from adverts.arrays import Bools
from adverts.candidates.candidate import Candidate, open_candidate
from adverts.candidates.fit_rules import fit_rules
from adverts.candidates.predict import candidate_logits
from adverts.compose import compose
from adverts.config import EvaluateConfig
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.evaluation.robustness.disguise_attempt import Strength, randomness
from adverts.evaluation.robustness.drawn_adverts import draw_clusters
from adverts.evaluation.robustness.robustness_results import Decided
from adverts.evaluation.robustness.text_disguises import TEXT
from adverts.evaluation.statistics.bootstrap import difference, estimates, resample
from adverts.evaluation.truth import NOT_JUDGED, true_labels
from adverts.judging.stress import frozen_threshold
from adverts.runtime.rules.probabilities import calibrated_probabilities

ADVERTS, DRAWS, RESAMPLES, SEED, LEAST = 300, 3, 2_000, 0, 10

STRENGTHS: tuple[Strength, ...] = ("light", "heavy")
NAMES = ("look_alikes", "styled", "zero_width", "leet", "spacing")
Flag = Callable[[AdvertTable], Bools]


def flagging(
    candidate: Candidate, dataset: PreparedDataset, config: EvaluateConfig
) -> tuple[Flag, str]:
    """Return a function that flags the adverts of a table, and its threshold in words."""
    task = candidate.facts.schema.task(candidate.facts.schema.headline)
    rules = fit_rules(candidate, dataset, config.decisions, None, remember=False)
    assert rules is not None
    assert task.positive is not None
    threshold, told = frozen_threshold(rules, task.name, task.positive)

    def flag(table: AdvertTable) -> Bools:
        logits = candidate_logits(candidate, table, title="score").logits[task.name]
        said = calibrated_probabilities(task, logits.astype(np.float64), rules.calibration)
        return np.asarray(said[:, task.positive_index] >= threshold)

    return flag, told


def drawn(dataset: PreparedDataset, task: Task) -> tuple[AdvertTable, Bools]:
    """Return test adverts in whole clusters, and which are positive."""
    table = dataset.split("test")
    labels = true_labels(task, table.targets[task.name])
    rows = np.flatnonzero((labels != NOT_JUDGED) & table.reviewed)
    positive = np.asarray(labels[rows] == task.positive_index)
    clusters = [table.clusters[row] for row in rows]
    kept = draw_clusters(clusters, positive, adverts=ADVERTS, seed=SEED)
    return table.select(rows[kept]), positive[kept]


def disguised(table: AdvertTable, name: str, strength: Strength) -> list[list[str]]:
    """Return the captions in each draw."""
    return [
        [
            TEXT[name](
                text,
                strength,
                randomness(SEED, name, strength, draw, table.ids[row]),
                lang=table.langs[row],
            )
            for row, text in enumerate(table.texts)
        ]
        for draw in range(DRAWS)
    ]


def judged(run: Path, prepared: Path) -> list[dict[str, object]]:
    given = [f"candidate={run}", f"prepared={prepared}", "run_dir=unused", "ledger=null"]
    config = compose("evaluate", EvaluateConfig, given)
    dataset = open_prepared(prepared)
    models = [open_candidate(path, threads=1) for path in (run, run / "baseline")]
    schema = models[0].facts.schema
    table, positive = drawn(dataset, schema.task(schema.headline))
    flags, told = zip(*(flagging(one, dataset, config) for one in models), strict=True)
    before = [flag(table) for flag in flags]
    found: list[dict[str, object]] = [{"threshold": told[0], "threshold of tf-idf": told[1]}]
    for name, strength in itertools.product(NAMES, STRENGTHS):
        draws = disguised(table, name, strength)
        changed = np.array([[a != b for a, b in zip(x, table.texts, strict=True)] for x in draws])
        kept = np.flatnonzero(changed.any(axis=0))
        held = {table.clusters[row] for row in kept if positive[row]}
        if len(held) < LEAST:
            continue
        decided = [
            Decided(
                positive[kept],
                was[kept],
                np.array([flag(table.with_texts(texts))[kept] for texts in draws]),
            )
            for flag, was in zip(flags, before, strict=True)
        ]
        clusters = [table.clusters[row] for row in kept]
        ours, theirs = resample(decided, clusters, resamples=RESAMPLES, seed=SEED)
        values = {
            "mean of both": estimates(ours)[0],
            "tf-idf": estimates(theirs)[0],
            "difference": difference(ours, theirs, 0),
            "false positives": estimates(ours)[2],
            "false positives of tf-idf": estimates(theirs)[2],
        }
        ends = {key: [one.value, one.low, one.high] for key, one in values.items()}
        found.append({"disguise": name, "strength": strength, "clusters": len(held), **ends})
        print(run.name, strength, name, ends["difference"], file=sys.stderr)
    return found


def main(path: str, *sets: str) -> None:
    found = {}
    for one in sets:
        name, run, prepared = one.split("=")
        found[name] = judged(Path(run), Path(prepared))
    Path(path).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
