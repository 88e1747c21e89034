"""Adverts that are set aside must not leave an easier rest."""

import random

import numpy as np
import pytest
from preparing import GIVEN, config, write_csv

from adverts.judging.easier_rest import easier_without_aside
from adverts.prepare import prepare

COUNTS = {"train": 600, "test": 400}
SAID = {"names": {one: one for one in COUNTS}, "validation_fraction": 0}
LETTERS = "bcdfghklmnprstvw"


def words(draw, count):
    return [
        "".join(draw.choice(LETTERS) + draw.choice("aeiou") for _ in range(draw.randrange(2, 5)))
        for _ in range(count)
    ]


def lost(tmp_path, pick, inputs=("text",)):
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
    write_csv(tmp_path, rows)
    columns = {"id": "id", "text": "text", "split": "s"}
    dataset = prepare(config(tmp_path, columns, split=GIVEN | SAID))
    task, test = dataset.schema.task(dataset.schema.headline), dataset.split("test")
    out = np.array([pick(draw, easy[name]) for name in test.ids])
    judged, gone = (test.select(np.flatnonzero(one)) for one in (~out, out))
    return easier_without_aside((dataset.split("train"), judged, gone), task, inputs, seed=0)


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


def test_without_text_nothing_is_measured(tmp_path):
    assert lost(tmp_path, lambda draw, is_easy: not is_easy, inputs=("image",)) == 0
