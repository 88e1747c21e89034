"""Compare the recall that runs keep under disguises with that of the tf-idf beside them, in pairs.

Usage::

    python experiments/0020-hybrid/disguises.py disguises.json NAME=runs/NAME=prepared/NAME …

Both models decide on the same disguised adverts of the test split, each at its own frozen
threshold: at most 300 adverts, half of them positive where there are enough, three draws. Recall
kept is the recall of disguised adverts over that of the same adverts as they are.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from hydra import compose, initialize_config_dir

from adverts.candidates.candidate import Candidate, open_candidate
from adverts.candidates.fit_rules import fit_rules
from adverts.candidates.predict import candidate_logits
from adverts.command import CONFIGS, parse
from adverts.config import EvaluateConfig
from adverts.data.dataset.prepared import open_prepared
from adverts.evaluation.robustness.disguise_attempt import randomness
from adverts.evaluation.robustness.drawn_adverts import draw_clusters
from adverts.evaluation.robustness.robustness_results import Decided
from adverts.evaluation.robustness.text_disguises import TEXT
from adverts.evaluation.statistics.bootstrap import difference, estimates, resample
from adverts.evaluation.truth import NOT_JUDGED, true_labels
from adverts.judging.stress import frozen_threshold
from adverts.runtime.rules.probabilities import calibrated_probabilities

ADVERTS, DRAWS, RESAMPLES, SEED, LEAST = 300, 3, 2_000, 0, 10


def decider(candidate: Candidate, dataset, config: EvaluateConfig):
    """Return a function that flags the adverts of a table, and the threshold in words."""
    task = candidate.facts.schema.task(candidate.facts.schema.headline)
    rules = fit_rules(candidate, dataset, config.decisions, None, remember=False)
    place = task.positive_index
    threshold, told = frozen_threshold(rules, task.name, task.labels[place])

    def flag(table):
        logits = candidate_logits(candidate, table, title="score").logits[task.name]
        said = calibrated_probabilities(task, logits.astype(np.float64), rules.calibration)
        return said[:, place] >= threshold

    return flag, told


def judged(run: Path, prepared: Path) -> list[dict]:
    with initialize_config_dir(str(CONFIGS), version_base="1.3"):
        given = [f"candidate={run}", f"prepared={prepared}", "run_dir=unused", "ledger=null"]
        config = parse(EvaluateConfig, compose("evaluate", given))
    dataset = open_prepared(prepared)
    models = [open_candidate(path, batch_size=64, threads=1) for path in (run, run / "baseline")]
    task = models[0].facts.schema.task(models[0].facts.schema.headline)
    table = dataset.split("test")
    labels = true_labels(task, table.targets[task.name])
    rows = np.flatnonzero((labels != NOT_JUDGED) & table.reviewed)
    positive = labels[rows] == task.positive_index
    drawn = draw_clusters(
        [table.clusters[row] for row in rows], positive, adverts=ADVERTS, seed=SEED
    )
    table, positive = table.select(rows[drawn]), positive[drawn]
    flags, told = zip(*(decider(model, dataset, config) for model in models), strict=True)
    before = [flag(table) for flag in flags]
    found = []
    for name, disguise in TEXT.items():
        for strength in ("light", "heavy"):
            texts = [
                [
                    disguise(
                        text,
                        strength,
                        randomness(SEED, name, strength, draw, table.ids[row]),
                        lang=table.langs[row],
                    )
                    for row, text in enumerate(table.texts)
                ]
                for draw in range(DRAWS)
            ]
            changed = np.array([[a != b for a, b in zip(one, table.texts)] for one in texts])
            kept = np.flatnonzero(changed.any(axis=0))
            clusters = [table.clusters[row] for row in kept]
            held = {table.clusters[row] for row in kept if positive[row]}
            if len(held) < LEAST:
                continue
            decided = [
                Decided(
                    positive[kept],
                    was[kept],
                    np.array([flag(table.with_texts(one))[kept] for one in texts]),
                )
                for flag, was in zip(flags, before, strict=True)
            ]
            ours, theirs = resample(decided, clusters, resamples=RESAMPLES, seed=SEED)
            values = {
                "hybrid": estimates(ours)[0],
                "tf-idf": estimates(theirs)[0],
                "difference": difference(ours, theirs, 0),
                "false positives": estimates(ours)[2],
                "false positives of tf-idf": estimates(theirs)[2],
            }
            found.append(
                {
                    "disguise": name,
                    "strength": strength,
                    "clusters": len(held),
                    **{key: [one.value, one.low, one.high] for key, one in values.items()},
                }
            )
            print(name, strength, *(round(values[k].value, 3) for k in values), "low", round(values["difference"].low, 3), file=sys.stderr)
    return [{"threshold": told[0], "threshold of tf-idf": told[1]}, *found]


def main(arguments: list[str]) -> None:
    path, *sets = arguments
    found = {}
    for one in sets:
        name, run, prepared = one.split("=")
        print(name, file=sys.stderr)
        found[name] = judged(Path(run), Path(prepared))
    Path(path).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
