"""A dataset with enough test adverts for a verdict, and runs of tf-idf that are judged on it."""

from __future__ import annotations

import random
from pathlib import Path

from composing import load
from preparing import families_beside
from tiny_encoder import WORDS

from adverts.advert import LabelSchema, Task
from adverts.data.dataset.prepared import write_prepared
from adverts.data.dataset.prepared_rows import PreparedRow

SCHEMA = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
BLIND = ("model.name=letters", "model.char_ngrams=[1,1]", "model.word_ngrams=[9,9]")
"""Settings of a model that sees single letters alone, where words differ by their number."""


def posts(test: int = 600, *, seed: int = 0) -> list[PreparedRow]:
    """Return made-up adverts; one word in ten is of the other kind, so that no model is perfect."""
    rng = random.Random(seed)
    rows = []
    for i in range(400 + test):
        positive = rng.random() < 0.4
        words = rng.choices(WORDS[5:], k=rng.randint(2, 12))
        if positive != (rng.random() < 0.1):
            words.insert(rng.randrange(len(words)), WORDS[rng.randrange(5)])
        split = "train" if i < 280 else "validation" if i < 400 else "test"
        targets = {"refer": (0.0, 1.0) if positive else (1.0, 0.0)}
        text = " ".join(words)
        rows.append(PreparedRow(f"a{i}", split, f"c{i}", text, lang="en", targets=targets))
    return rows


def write_posts(folder: Path, rows: list[PreparedRow] | None = None, **facts: object) -> Path:
    """Write the adverts as a prepared dataset and return its folder."""
    rows = posts() if rows is None else rows
    beside = {"side_files": families_beside(rows)}
    write_prepared(folder, rows, name="tiny", schema=SCHEMA, **(beside | facts))
    return folder


def trained(prepared: Path, folder: Path, *settings: str) -> Path:
    """Train a tf-idf model and return the folder of its run."""
    from adverts.train import train

    places = (f"prepared={prepared}", f"run_dir={folder}", f"ledger={ledger_of(prepared)}")
    train(load("train", "tracking=none", "model=tfidf", *places, *settings))
    return folder


def judged(candidate: Path, prepared: Path, folder: Path, *settings: str) -> Path:
    """Evaluate a model and return the folder of the report."""
    from adverts.evaluate import evaluate

    places = (f"candidate={candidate}", f"prepared={prepared}", f"run_dir={folder}")
    quick = ("tracking=none", "bootstrap_resamples=300", "baseline=false")
    evaluate(load("evaluate", *places, *quick, f"ledger={ledger_of(prepared)}", *settings))
    return folder


def ledger_of(prepared: Path) -> Path:
    """Return the shared ledger of the runs on a dataset."""
    return prepared.parent / "looks.jsonl"
