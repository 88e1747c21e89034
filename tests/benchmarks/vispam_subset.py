"""Rows of ViSpamReviews that the benchmarks train on, prepared by our own command."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from calling import module_of


@contextmanager
def prepared_subset(rows: int, seed: int) -> Iterator[tuple[Path, Path]]:
    """Yield a prepared dataset and a folder to work in; both are gone afterwards.

    Ends the process where ``$ADVERTS_DATA`` holds no ``vispam/reviews.csv``.

    Args:
        rows: Training rows, drawn by the seed; the test split is whole.
        seed: Of the draw.
    """
    source = Path(os.environ.get("ADVERTS_DATA", "")) / "vispam" / "reviews.csv"
    if not source.is_file():
        name = Path(sys.argv[0]).stem
        print(f"{name}: skipped; set ADVERTS_DATA to a folder that holds vispam/reviews.csv")
        sys.exit(0)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        _write_subset(source, work / "data", rows, seed)
        prepared = work / "prepared"
        adverts("prepare", "data=vispam", f"data.root={work / 'data'}", f"prepared={prepared}")
        yield prepared, work


def adverts(*arguments: str) -> None:
    """Run one of our commands, quietly."""
    command = [sys.executable, "-m", module_of(arguments[0]), *arguments[1:]]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _write_subset(source: Path, folder: Path, rows: int, seed: int) -> None:
    with source.open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    train = [row for row in found if row["split"] == "train"]
    kept = random.Random(seed).sample(train, rows) + [r for r in found if r["split"] != "train"]
    (folder / "vispam").mkdir(parents=True)
    with (folder / "vispam" / "reviews.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(kept[0]))
        writer.writeheader()
        writer.writerows(kept)
