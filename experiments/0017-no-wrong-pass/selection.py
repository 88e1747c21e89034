"""Choose the best of several models on the adverts that then promise, and check what it promises.

The models are equally good: each gives the same adverts other scores by chance. The one of highest
average precision on validation is taken, and its thresholds are chosen there too. Worlds and cases
are those of experiment 0012, whose rates in service are known without a sample.

Usage:: python experiments/0017-no-wrong-pass/selection.py --draws 1000 --processes 1 --out p.json
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from adverts.evaluation.decisions.choose_thresholds import Promise
from adverts.evaluation.decisions.threshold_search import ThresholdSearch
from adverts.evaluation.statistics.bounds import precision_at
from adverts.evaluation.statistics.metrics import average_precision
from adverts.files.file_hash import producing_commit

HERE = Path(__file__).parent
MODELS = (1, 10, 50)
CONFIDENCE = 0.95
NAMES = (
    "good, 1,000",
    "fair, 1,000",
    "prevalence 0.25, fair, 1,000",
    "fair, copies, 5,000",
    "look-alikes, just missed, 1,000",
)


def _promises() -> ModuleType:
    """Import the script of experiment 0012, whose folder is no module."""
    path = HERE.parent / "0012-threshold-promises" / "promises.py"
    spec = importlib.util.spec_from_file_location("promises_of_0012", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


promises = _promises()
Case = Any  # promises.Case, which no type checker can see


def drawn(
    case: Case, rng: np.random.Generator, models: int
) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_], list[str]]:
    """Return the scores that each model gives the same adverts, their truth and their clusters."""
    world, number = case.world, case.positives + case.negatives
    truth = np.arange(number) < case.positives
    sizes = promises._sizes(rng, number, world.sizes)
    chance = np.where(sizes >= world.spread_by, world.shared / world._mass(), 0.0)
    like_positive = truth | (rng.random(number) < chance)
    mean, spread = np.where(like_positive[:, None], world.positive, world.negative).T
    cluster = np.repeat(np.arange(number), sizes)
    scores = []
    for _ in range(models):
        common = np.sqrt(world.alike) * rng.normal(size=number)[cluster]
        own = np.sqrt(1 - world.alike) * rng.normal(size=len(cluster))
        scores.append(expit(mean[cluster] + spread[cluster] * (common + own)))
    return scores, truth[cluster], cluster.astype(str).tolist()


def kept(case: Case, search: ThresholdSearch, purpose: str) -> bool | None:
    """Tell whether what the search promises is true in service; None where it ships nothing."""
    asked = promises.precise(case) if purpose == "precision" else promises.COMPLETE
    found = search.keeping(asked)
    if found is None:
        return None
    recall, false = case.world.rates(found.value)
    if purpose == "recall":
        return bool(recall >= promises.RECALL)
    return bool(precision_at(recall, false, case.prevalence) >= case.precision)


def try_out(job: tuple[str, int, int]) -> dict[str, object]:
    """Return how often the promises of the best of so many models were kept, and shipped."""
    name, models, draws = job
    case = next(one for one in promises.CASES if one.name == name)
    seed = zlib.crc32(f"{name}, best of {models}".encode())
    rng = np.random.default_rng(seed)
    asked = (case.precision, promises.RECALL, case.prevalence, CONFIDENCE)
    confidences = {
        "unpaid": CONFIDENCE,
        "paid": Promise(*asked, models_compared=models).corrected,
    }
    counts: dict[str, int] = {}
    for _ in range(draws):
        scores, truth, clusters = drawn(case, rng, models)
        best = max(scores, key=lambda one: average_precision(one, truth.astype(np.int64)))
        for way, confidence in confidences.items():
            search = ThresholdSearch(best, truth, clusters, confidence)
            for purpose in ("precision", "recall"):
                held = kept(case, search, purpose)
                key = f"{purpose}_{way}"
                counts[f"{key}_kept"] = counts.get(f"{key}_kept", 0) + (held is not False)
                counts[f"{key}_shipped"] = counts.get(f"{key}_shipped", 0) + (held is not None)
    return {"case": name, "models": models, "draws": draws, "seed": seed, **counts}


def line(found: dict[str, object]) -> str:
    """Return a row of the table."""
    columns = [
        f"{purpose}_{way}_{what}"
        for purpose in ("precision", "recall")
        for way in ("unpaid", "paid")
        for what in ("kept", "shipped")
    ]
    values = " | ".join(str(found[column]) for column in columns)
    return f"| {found['case']} | {found['models']} | {values} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Try every case and number of models, and write the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--out", type=Path, default=HERE / "parts" / "selection.json")
    options = parser.parse_args(arguments)
    jobs = [(name, models, options.draws) for name in NAMES for models in MODELS]
    print("| case | models | precision kept, unpaid | shipped | paid | shipped "
          "| recall kept, unpaid | shipped | paid | shipped |")  # fmt: skip
    rows = []
    with ProcessPoolExecutor(options.processes) as pool:
        for found in pool.map(try_out, jobs):
            print(line(found), flush=True)
            rows.append(found)
    command = "python experiments/0017-no-wrong-pass/selection.py"
    record = {
        "command": f"{command} --draws {options.draws}",
        "commit": producing_commit(),
        "confidence": CONFIDENCE,
        "rows": rows,
    }
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
