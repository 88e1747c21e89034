"""400 adverts of made-up words; those with one of the first five words are positive."""

from __future__ import annotations

import random
from pathlib import Path

from preparing import families_beside
from tiny_encoder import WORDS

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow


def write_tiny(folder: Path, *, without: range = range(0), **facts: object) -> Path:
    rows = [row for i, row in enumerate(tiny_rows()) if i not in without]
    schema = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    beside = {"side_files": families_beside(rows)}  # what is not known lets no gate pass
    write_prepared(folder, rows, name="tiny", schema=schema, **(beside | facts))
    return folder


def tiny_rows() -> list[PreparedRow]:
    rng = random.Random(0)
    rows = []
    for i in range(400):
        words = rng.choices(WORDS[5:], k=rng.randint(2, 20))
        positive = rng.random() < 0.4
        if positive:
            words.insert(rng.randrange(len(words)), WORDS[rng.randrange(5)])
        split = "train" if i < 280 else "validation" if i < 340 else "test"
        rows.append(
            PreparedRow(
                id=f"a{i}",
                split=split,
                cluster=f"c{i}",
                text=" ".join(words),
                lang="en",
                targets={"refer": (0.0, 1.0) if positive else (1.0, 0.0)},
            )
        )
    return rows
