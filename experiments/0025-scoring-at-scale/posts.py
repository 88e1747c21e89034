"""Write a CSV of any number of posts, put together from the texts of prepared datasets.

    python experiments/0025-scoring-at-scale/posts.py ROWS LETTERS OUT.csv prepared/a prepared/b …

A text has so many letters at most. Seven in ten end with a number of their own, so that they are
no copies. Times are of 2026; the language is that of the dataset, or was identified there.
"""

from __future__ import annotations

import csv
import random
import sys
from pathlib import Path

from adverts.data.dataset.prepared import open_prepared

_SPLITS = ("train", "validation", "test")


def main(arguments: list[str]) -> None:
    """Write the file."""
    rows, letters, path, *folders = arguments
    datasets = [open_prepared(Path(folder)) for folder in folders]
    tables = [one.split(split) for one in datasets for split in _SPLITS]
    texts = [pair for table in tables for pair in zip(table.texts, table.langs, strict=True)]
    draw = random.Random(1)
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "platform", "posted_at", "lang"])
        for row in range(int(rows)):
            text, lang = draw.choice(texts)
            own = f" {draw.randrange(10**6)}" if draw.random() < 0.7 else ""
            day = f"2026-{draw.randrange(1, 11):02d}-{draw.randrange(1, 28):02d}"
            writer.writerow(
                [f"p{row:08d}", f"{text[: int(letters)]}{own}", draw.choice("abcd"), day, lang]
            )


if __name__ == "__main__":
    main(sys.argv[1:])
