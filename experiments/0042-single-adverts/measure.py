"""Measure what single training adverts teach of the test adverts of prepared datasets.

Usage: ``python experiments/0042-single-adverts/measure.py prepared/tubespam prepared/mine …``
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from adverts.data.dataset.cluster_evidence import LINKS, read_links
from adverts.data.dataset.prepared import PreparedDataset, open_prepared
from adverts.judging.nearest_training import taught_by_nearest
from adverts.judging.ngram_rankings import read_ngrams

PARTS = Path(__file__).parent / "parts"
SEEDS = 3
SIZES = (1_000, 3_000, None)


def unlinked(dataset: PreparedDataset) -> np.ndarray:
    """Return the rows of test that no link joins to training or validation."""
    table = dataset.split("all")
    links = read_links(dataset.path / LINKS, table.ids)
    is_test = np.array([one == "test" for one in table.splits])
    linked = np.zeros(len(table), bool)
    known = np.maximum(links.first, links.second) < len(table)  # others are in no split
    first, second = links.first[known], links.second[known]
    for one, other in ((first, second), (second, first)):
        linked[one[~is_test[other]]] = True
    held = {table.clusters[row] for row in np.flatnonzero(~is_test)}
    linked |= np.array([name in held for name in table.clusters])
    return np.flatnonzero(~linked[is_test])


def main() -> None:
    """Write one line for each dataset, size of the training and seed."""
    for place in map(Path, sys.argv[1:]):
        dataset = open_prepared(place)
        task = dataset.schema.task(dataset.schema.headline)
        train, test = dataset.split("train"), dataset.split("test").select(unlinked(dataset))
        for size in SIZES:
            if size is not None and size >= len(train):
                continue
            for seed in range(SEEDS):
                order = np.random.default_rng(seed).permutation(len(train))[:size]
                tables = (train.select(np.sort(order)), dataset.split("validation"), test)
                began = time.monotonic()
                found = taught_by_nearest(*read_ngrams(tables, task, ["text"]), seed=seed)
                line = {"set": place.name, "train": len(order), "test": len(test), "seed": seed}
                line |= {"taught": round(found, 3), "seconds": round(time.monotonic() - began, 1)}
                with (PARTS / "taught.jsonl").open("a") as file:
                    print(json.dumps(line), file=file)
                print(json.dumps(line))


if __name__ == "__main__":
    main()
