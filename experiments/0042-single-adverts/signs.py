"""Measure what the one n-gram that tells most ranks alone, with and without a stamp.

Usage: ``python experiments/0042-single-adverts/signs.py prepared/tubespam prepared/gambling …``
"""

import json
import sys
from pathlib import Path

import numpy as np
from measure import PARTS, SEEDS, unlinked

from adverts.advert import Task
from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared
from adverts.judging.ngram_rankings import read_ngrams
from adverts.judging.telling_signs import told_by_one_sign

STAMP = " Show more"


def stamped(table: AdvertTable, task: Task, share: float, seed: int) -> AdvertTable:
    """Return the adverts with a stamp after the text of a share of the negatives."""
    negative = table.targets[task.name][:, task.positive_index] == 0
    picked = negative & (np.random.default_rng(seed).random(len(table)) < share)
    table = table.select(np.arange(len(table)))
    table.texts = [one + STAMP * int(has) for one, has in zip(table.texts, picked, strict=True)]
    return table


def main() -> None:
    """Write one line for each dataset, share of stamped negatives and seed."""
    for place in map(Path, sys.argv[1:]):
        dataset = open_prepared(place)
        task = dataset.schema.task(dataset.schema.headline)
        tables = dataset.split("train"), dataset.split("test").select(unlinked(dataset))
        for share in (0.0, 0.8, 1.0):
            for seed in range(SEEDS):
                these = tuple(stamped(one, task, share, seed) for one in tables)
                found = told_by_one_sign(*read_ngrams(these, task, ["text"]), seed=0)
                line = {"set": place.name, "stamped": share, "seed": seed, "told": round(found, 3)}
                with (PARTS / "signs.jsonl").open("a") as file:
                    print(json.dumps(line), file=file)
                print(json.dumps(line))


if __name__ == "__main__":
    main()
