"""Adverts that are set aside must not leave an easier rest."""

import random

import numpy as np
import pytest
from random_posts import ngrams_of, prepared_posts, words

from adverts.judging.easier_rest import easier_without_aside

COUNTS = {"train": 600, "test": 400}


def lost(tmp_path, pick):
    """Set aside the test adverts that ``pick`` says; half of all have a word that tells."""
    draw = random.Random(0)
    common, telling = words(draw, 2000), {"yes": words(draw, 30), "no": words(draw, 30)}
    rows, easy = [], {}
    for split, count in COUNTS.items():
        for i in range(count):
            label, name = draw.choice(("yes", "no")), f"{split}{i}"
            easy[name] = draw.random() < 0.5
            said = draw.choices(common, k=12) + draw.choices(telling[label], k=2 * easy[name])
            text = " ".join(draw.sample(said, len(said)))
            rows.append({"id": name, "text": text, "label": label, "s": split})
    dataset = prepared_posts(tmp_path, rows, COUNTS)
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
