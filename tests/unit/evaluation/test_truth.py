"""From annotators' weights to the label an advert is judged by."""

import numpy as np
import pytest

from adverts.advert import Task
from adverts.evaluation.truth import (
    median_levels,
    predicted_labels,
    true_labels,
    true_signals,
)

SINGLE = Task("coarse", "single", ("a", "b", "c"))
ORDINAL = Task("risk", "ordinal", ("0", "1", "2", "3"))
NAN = float("nan")


@pytest.mark.parametrize(
    ("weights", "label"),
    [
        ([1.0, 0.0, 0.0], 0),
        ([0.2, 0.2, 0.6], 2),
        ([0.5, 0.5, 0.0], -1),
        ([NAN, NAN, NAN], -1),
    ],
    ids=["certain", "majority", "evenly-split", "unlabelled"],
)
def test_the_label_of_most_weight_is_true_unless_it_shares_it(weights, label):
    assert true_labels(SINGLE, np.array([weights], dtype=np.float32)).tolist() == [label]


@pytest.mark.parametrize(
    ("weights", "level"),
    [
        ([0.0, 0.0, 0.0, 1.0], 3),
        ([0.5, 0.0, 0.0, 0.5], 0),
        ([1 / 3, 0.0, 1 / 3, 1 / 3], 2),
        ([NAN] * 4, -1),
    ],
    ids=["certain", "lower-median", "median", "unlabelled"],
)
def test_the_true_level_is_the_median_of_the_annotators(weights, level):
    assert true_labels(ORDINAL, np.array([weights], dtype=np.float32)).tolist() == [level]


def test_a_signal_needs_more_than_half_of_the_annotators():
    assert true_signals(np.array([[0.7, 0.5, 0.3, NAN]])).tolist() == [[1, -1, 0, -1]]


def test_a_model_decides_for_the_likeliest_label_and_the_median_level():
    said = np.array([[0.4, 0.0, 0.0, 0.35], [0.3, 0.3, 0.3, 0.1]])
    assert predicted_labels(SINGLE, said[:, :3]).tolist() == [0, 0]
    assert predicted_labels(ORDINAL, said).tolist() == [0, 1]


def test_levels_of_no_weight_are_passed_over():
    assert median_levels(np.array([[0.0, 0.0, 1.0]])).tolist() == [2]
