"""A tiny encoder and a tiny prepared dataset, so that whole verbs run in seconds."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_encoder import WORDS, write_encoder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder: two layers, 32 features, one token for each word."""
    return write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def tiny_prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 adverts of made-up words; those with one of the first five words are positive."""
    return write_tiny(tmp_path_factory.mktemp("prepared") / "tiny")


@pytest.fixture(scope="session")
def tiny_sharable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same adverts, on terms that let a partner have a model of them."""
    from adverts.data.manifest import Terms

    terms = Terms(provenance="synthetic", licence="CC0-1.0", sensitivity="synthetic")
    return write_tiny(tmp_path_factory.mktemp("sharable") / "tiny", terms=terms)


@pytest.fixture(scope="session")
def tiny_writer() -> Callable[..., Path]:
    """Writes the same adverts into a folder, maybe without some."""
    return write_tiny


def write_tiny(folder: Path, *, without: range = range(0), **facts: object) -> Path:
    from adverts.advert import LabelSchema, Task
    from adverts.data.prepared import write_prepared
    from adverts.data.records import PreparedRow

    rng = random.Random(0)
    schema = LabelSchema("tiny", (Task("refer", "single", ("no", "yes"), "yes"),), "refer")
    rows = []
    for i in range(400):
        words = rng.choices(WORDS[5:], k=rng.randint(2, 20))
        positive = rng.random() < 0.4
        if positive:
            words.insert(rng.randrange(len(words)), WORDS[rng.randrange(5)])
        if i in without:
            continue
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
    write_prepared(folder, rows, name="tiny", schema=schema, **facts)
    return folder
