"""Measure what n-grams owe to the few signs that tell the label best, with and without a stamp.

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
from adverts.judging import telling_signs

STAMP = " Show more"
COUNTS = (1, 5, 12)


def stamped(table: AdvertTable, task: Task, share: float, seed: int) -> AdvertTable:
    """Return the adverts with a stamp after the text of a share of the negatives."""
    negative = table.targets[task.name][:, task.positive_index] == 0
    picked = negative & (np.random.default_rng(seed).random(len(table)) < share)
    table = table.select(np.arange(len(table)))
    table.texts = [one + STAMP * int(has) for one, has in zip(table.texts, picked, strict=True)]
    return table


def main() -> None:
    """Write one line for each dataset, stamp, number of signs and seed."""
    for place in map(Path, sys.argv[1:]):
        dataset = open_prepared(place)
        task = dataset.schema.task(dataset.schema.headline)
        tables = dataset.split("train"), dataset.split("test").select(unlinked(dataset))
        for share in (0.0, 0.5, 1.0):
            for seed in range(SEEDS):
                these = tuple(stamped(one, task, share, seed) for one in tables)
                for signs in COUNTS:
                    telling_signs.SIGNS = signs
                    found = telling_signs.taught_by_signs(these, task, ["text"], seed=seed)
                    line = {"set": place.name, "stamped": share, "signs": signs, "seed": seed}
                    line["owed"] = round(found, 3)
                    with (PARTS / "signs.jsonl").open("a") as file:
                        print(json.dumps(line), file=file)
                    print(json.dumps(line))


if __name__ == "__main__":
    main()
