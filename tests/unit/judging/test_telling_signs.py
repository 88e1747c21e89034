"""A sign that the adverts of one label alone have is found, and what adverts say is none."""

import random

import pytest
from random_posts import ngrams_of, prepared_posts, words

from adverts.judging.telling_signs import told_by_one_sign

pytestmark = pytest.mark.promise

COUNTS = {"train": 600, "test": 400}


def made(seed, *, signal, sign=None):
    """Posts of random words; with a signal, some hold one of 30 words of their label."""
    draw = random.Random(seed)
    common, telling = words(draw, 2000), {"yes": words(draw, 30), "no": words(draw, 30)}
    rows = []
    for split, count in COUNTS.items():
        for i in range(count):
            label = draw.choice(("yes", "no"))
            said = draw.choices(common, k=12)
            if draw.random() < signal:
                said += draw.choices(telling[label], k=2)
            draw.shuffle(said)
            text = " ".join(said) + (sign(draw, label) if sign else "")
            rows.append({"id": f"{split}{i}", "text": text, "label": label, "s": split})
    return rows


def told(tmp_path, rows):
    dataset = prepared_posts(tmp_path, rows, COUNTS)
    tables = [dataset.split(name) for name in COUNTS]
    return told_by_one_sign(*ngrams_of(dataset, tables), seed=0)


def of_negatives(draw, label):
    return " Show more" if label == "no" else ""


def of_most_positives(draw, label):
    return " (checked by team 4)" if label == "yes" and draw.random() < 0.8 else ""


def of_four_people(draw, label):
    by = draw.choice(["anna", "ben", "carla", "dan"])
    return f" Reviewed by {by}" if label == "yes" and draw.random() < 0.9 else ""


def a_mark(draw, label):
    return " ~~" if label == "no" else ""


@pytest.mark.parametrize("sign", [of_negatives, of_most_positives, of_four_people, a_mark])
def test_a_sign_of_one_label_is_found(tmp_path, sign):
    assert told(tmp_path, made(0, signal=0.1, sign=sign)) > 0.3


def of_half_the_positives(draw, label):
    return " boat24" if draw.random() < (0.45 if label == "yes" else 0.03) else ""


def test_of_a_sign_that_tells_much_what_is_lost_without_it_is_taken(tmp_path):
    rows = made(3, signal=0.25, sign=of_half_the_positives)
    stamped = told(tmp_path, rows)
    assert 0.05 < stamped < 0.3


def test_a_sign_beside_much_else_costs_little(tmp_path):
    rows = made(4, signal=1.0, sign=of_half_the_positives)
    assert told(tmp_path, rows) < 0.02


@pytest.mark.parametrize("signal", [0.0, 0.5, 1.0])
def test_adverts_that_say_the_same_in_many_ways_rest_on_no_sign(tmp_path, signal):
    assert told(tmp_path, made(1, signal=signal)) < 0.03


def test_a_few_words_that_decide_are_what_adverts_say(tmp_path):
    def decided(draw, label):
        return f" {draw.choice(['boat', 'dinghy', 'crossing', 'places'])}" if label == "yes" else ""

    assert told(tmp_path, made(0, signal=0, sign=decided)) == pytest.approx(0.15, abs=0.03), (
        "one of four"
    )


def test_what_cannot_be_measured_is_nothing(tmp_path):
    rows = made(0, signal=0.5, sign=of_negatives)
    few = [row for row in rows if row["s"] != "train" or row["label"] == "no"]
    few += [row for row in rows if row["s"] == "train" and row["label"] == "yes"][:9]
    assert told(tmp_path, few) == 0


def test_where_nothing_else_is_said_all_rests_on_the_sign(tmp_path):
    rows = made(2, signal=0)
    for row in rows:
        row["text"] = f"{row['label']} {row['id'] if row['s'] == 'test' else ''}"
    assert told(tmp_path, rows) > 0.3
