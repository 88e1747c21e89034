"""Adverts that are set aside must not leave an easier rest."""

import random

import numpy as np
import pytest
from random_posts import ngrams_of, prepared_posts, words

from adverts.judging.easier_rest import easier_than_known, easier_without_aside

pytestmark = pytest.mark.promise

COUNTS = {"train": 600, "test": 400}


def made(tmp_path, counts, place=lambda draw, split, is_easy: split):
    """Prepare adverts, half of which have words that tell; return them, and which these are.

    ``place`` may put an advert into another split than the one that is asked for.
    """
    draw = random.Random(0)
    common, telling = words(draw, 2000), {"yes": words(draw, 30), "no": words(draw, 30)}
    rows, easy = [], {}
    for wanted, count in counts.items():
        for i in range(count):
            label, name = draw.choice(("yes", "no")), f"{wanted}{i}"
            easy[name] = draw.random() < 0.5
            split = place(draw, wanted, easy[name])
            said = draw.choices(common, k=12) + draw.choices(telling[label], k=2 * easy[name])
            text = " ".join(draw.sample(said, len(said)))
            rows.append({"id": name, "text": text, "label": label, "s": split})
    return prepared_posts(tmp_path, rows, counts), easy, draw


def lost(tmp_path, pick):
    """Set aside the test adverts that ``pick`` says."""
    dataset, easy, draw = made(tmp_path, COUNTS)
    test = dataset.split("test")
    out = np.array([pick(draw, easy[name]) for name in test.ids])
    judged, gone = (test.select(np.flatnonzero(one)) for one in (~out, out))
    return easier_without_aside(*ngrams_of(dataset, (dataset.split("train"), judged, gone)), seed=0)


def test_where_the_hard_ones_are_set_aside_the_rest_is_easier(tmp_path):
    assert lost(tmp_path, lambda draw, is_easy: not is_easy) > 0.1


@pytest.mark.parametrize(
    "pick",
    [
        lambda draw, is_easy: draw.random() < 0.4,
        lambda draw, is_easy: is_easy,
        lambda draw, is_easy: False,
        lambda draw, is_easy: draw.random() < 0.97,
    ],
    ids=["by-chance", "the-easy-ones", "none", "nearly-all"],
)
def test_other_adverts_that_are_set_aside_cost_nothing(tmp_path, pick):
    assert lost(tmp_path, pick) < 0.01


def gained(tmp_path, place):
    dataset, _, _ = made(tmp_path, THREE, place)
    tables = [dataset.split(name) for name in THREE]
    return easier_than_known(*ngrams_of(dataset, tables), seed=0)


THREE = {"train": 600, "validation": 200, "test": 400}


@pytest.mark.parametrize("harder", ["train", "validation"])
def test_a_split_that_was_chosen_by_what_is_easy_is_found_out(tmp_path, harder):
    def place(draw, split, is_easy):
        if split == "test":
            return split if is_easy else harder
        return "test" if split == harder and is_easy and draw.random() < 0.5 else split

    assert gained(tmp_path, place) > 0.1


@pytest.mark.parametrize(
    "place",
    [
        lambda draw, split, is_easy: split,
        lambda draw, split, is_easy: "train" if is_easy and draw.random() < 0.5 else split,
    ],
    ids=["by-chance", "the-hard-ones"],
)
def test_other_splits_cost_nothing(tmp_path, place):
    assert gained(tmp_path, place) < 0.01
