"""Copies of judged adverts in the training are found by what they teach, whatever was changed."""

import random

import numpy as np
import pytest
from random_posts import ngrams_of, prepared_posts, words

from adverts.judging import nearest_training as module
from adverts.judging.nearest_training import taught_by_nearest

pytestmark = pytest.mark.promise

COUNTS = {"train": 700, "validation": 80, "test": 400}


def thai(draw, count):
    return words(draw, count, "กขคงจชซญดตถทนบ", "าิีุู")


def made(seed, *, signal, copies=0):
    """Posts without a space; copies of those held out, in another order, are in training."""
    draw = random.Random(seed)
    common, telling = thai(draw, 3000), {"yes": thai(draw, 15), "no": thai(draw, 15)}
    rows = []
    for split, count in COUNTS.items():
        for i in range(count):
            label = draw.choice(("yes", "no"))
            said = draw.choices(common, k=16)
            if draw.random() < signal:
                said += draw.choices(telling[label], k=3)
            for copy in range(1 if split == "train" else 1 + copies):
                text = "".join(draw.sample(said, len(said)))
                into = "train" if copy else split
                rows.append({"id": f"{split}{i}-{copy}", "text": text, "label": label, "s": into})
    return rows


def taught(tmp_path, rows, seed=0):
    dataset = prepared_posts(tmp_path, rows, COUNTS)
    found = ngrams_of(dataset, [dataset.split(name) for name in COUNTS])
    return taught_by_nearest(*found, seed=seed)


@pytest.mark.parametrize("copies", [1, 3, 5])
def test_copies_that_no_link_finds_are_seen_by_what_they_teach(tmp_path, copies):
    assert taught(tmp_path, made(0, signal=0.1, copies=copies)) > 0.15


@pytest.mark.parametrize("signal", [0.1, 0.6, 1.0])
def test_without_copies_hardly_anything_is_taught_by_single_adverts(tmp_path, signal):
    assert taught(tmp_path, made(1, signal=signal)) < 0.03


def test_adverts_of_one_kind_are_no_copies_of_each_other(tmp_path):
    draw = random.Random(3)
    rows = made(2, signal=0)
    brands = {"yes": thai(draw, 12), "no": thai(draw, 12)}
    for row in rows:  # what teaches an advert of a brand is another of it
        brand = draw.choice(brands[row["label"]])
        row["text"] = f"{brand} {row['text'][:40]} {brand * 2} {row['text'][40:]}"
    assert taught(tmp_path, rows) < 0.05


def test_of_many_training_adverts_the_nearest_are_among_those_that_are_fitted(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(module, "MOST_FITTED", 300)
    assert taught(tmp_path, made(0, signal=0.1, copies=1)) > 0.15


def test_a_training_of_one_cluster_excuses_nothing(tmp_path):
    rows = [row | {"group": row["s"]} for row in made(0, signal=0.1, copies=1)]
    assert taught(tmp_path, rows) > 0.15


def test_what_cannot_be_measured_is_nothing(tmp_path):
    rows = made(0, signal=0.5)
    dataset = prepared_posts(tmp_path, rows, COUNTS)
    assert ngrams_of(dataset, [dataset.split(name) for name in COUNTS], ("image",)) is None
    few = [row for row in rows if row["s"] != "train" or row["label"] == "no"]
    few += [row for row in rows if row["s"] == "train" and row["label"] == "yes"][:9]
    assert taught(tmp_path, few) == 0


def test_the_same_seed_gives_the_same(tmp_path):
    dataset = prepared_posts(tmp_path, made(0, signal=0.3, copies=1), COUNTS)
    found = ngrams_of(dataset, [dataset.split(name) for name in COUNTS])
    assert np.ptp([taught_by_nearest(*found, seed=5) for _ in range(2)]) == 0
