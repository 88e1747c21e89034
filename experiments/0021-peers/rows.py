"""Write the rows of prepared datasets for the peers, and the draws of few labels.

    python experiments/0021-peers/rows.py FOLDER prepared/tubespam prepared/gambling …

``FOLDER/rows/NAME-SPLIT.jsonl`` holds the id, the text as every peer reads it and the label of each
advert, 1 being the positive one. ``FOLDER/draws.json`` holds the ids of each draw, below the name
of the dataset, the labels a class and the number of the draw. A draw takes as many adverts of each
class from the training split, without replacement.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adverts.data.dataset.advert_table import AdvertTable
from adverts.data.dataset.prepared import open_prepared

PREFIX = "query: "
LABELS_A_CLASS = (16, 64)
DRAWS = (0, 1, 2)


def labels_of(table: AdvertTable) -> NDArray[np.int64]:
    """Return 1 where an advert has the positive label of its only task, otherwise 0, ``(N,)``."""
    (task,) = table.schema.tasks
    positive = task.labels.index(str(task.positive))
    return (table.targets[task.name][:, positive] > 0.5).astype(np.int64)


def draw(labels: NDArray[np.int64], *, a_class: int, seed: int) -> list[int]:
    """Return the rows of one draw, the adverts of class 0 first."""
    rng = np.random.default_rng(seed)
    rows: list[int] = []
    for label in (0, 1):
        rows += rng.choice(np.flatnonzero(labels == label), a_class, replace=False).tolist()
    return rows


def write_rows(path: Path, table: AdvertTable) -> None:
    """Write the adverts of one split."""
    labels = labels_of(table).tolist()
    with path.open("w", encoding="utf-8") as file:
        for advert, text, label in zip(table.ids, table.texts, labels, strict=True):
            row = {"id": advert, "text": PREFIX + text, "label": label}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main(arguments: list[str]) -> None:
    """Write the files of every dataset named."""
    folder = Path(arguments[0])
    (folder / "rows").mkdir(parents=True, exist_ok=True)
    draws: dict[str, dict[str, dict[str, list[str]]]] = {}
    for path in arguments[1:]:
        dataset = open_prepared(Path(path))
        name = dataset.manifest.name
        for split in ("train", "validation", "test"):
            write_rows(folder / "rows" / f"{name}-{split}.jsonl", dataset.split(split))
        train = dataset.split("train")
        labels = labels_of(train)
        draws[name] = {
            str(a_class): {
                str(seed): [train.ids[i] for i in draw(labels, a_class=a_class, seed=seed)]
                for seed in DRAWS
            }
            for a_class in LABELS_A_CLASS
        }
    (folder / "draws.json").write_text(json.dumps(draws, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
