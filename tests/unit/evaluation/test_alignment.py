"""Labels of a dataset and of a model meet by name."""

import numpy as np
import pytest

from adverts.advert import Task
from adverts.errors import InputError
from adverts.evaluation.truth import align_targets, unjudged_where

NAN = float("nan")


def task(labels, kind="single", name="coarse"):
    return Task(name, kind, tuple(labels))


def align(asked, answered, rows):
    return align_targets([asked], [answered], {asked.name: np.array(rows, dtype=np.float32)})


def test_labels_in_another_order_are_put_in_the_model_s_order():
    found = align(task("ba"), task("abc"), [[1, 0], [0, 1], [NAN, NAN]])
    np.testing.assert_array_equal(found["coarse"], [[0, 1, 0], [1, 0, 0], [NAN, NAN, NAN]])


def test_a_signal_that_the_dataset_does_not_have_is_not_judged():
    found = align(task("b", "multi"), task("ab", "multi"), [[1], [NAN]])
    np.testing.assert_array_equal(found["coarse"], [[NAN, 1], [NAN, NAN]])


def test_a_label_unknown_to_the_model_is_refused_by_its_name():
    with pytest.raises(InputError, match=r"2 adverts have the label 'z'.*it knows a, b"):
        align(task("az"), task("ab"), [[0, 1], [0, 1]])


def test_an_unknown_label_that_no_advert_has_does_no_harm():
    found = align(task("az"), task("ab"), [[1, 0]])
    np.testing.assert_array_equal(found["coarse"], [[1, 0]])


def test_a_task_of_another_kind_is_refused():
    with pytest.raises(InputError, match="is multi in the dataset and single in the model"):
        align(task("ab", "multi"), task("ab"), [[1, 0]])


def test_levels_in_another_order_are_refused():
    with pytest.raises(InputError, match="another order"):
        align(task("ba", "ordinal"), task("ab", "ordinal"), [[1, 0]])


def test_tasks_without_a_label_or_unknown_to_the_model_are_left_out():
    assert align(task("ab"), task("ab"), [[NAN, NAN]]) == {}
    assert align(task("ab"), task("ab", name="other"), [[1, 0]]) == {}


def test_adverts_that_are_left_out_have_no_label_any_more():
    targets = {"refer": np.array([[1, 0], [0, 1]], dtype=np.float32)}
    kept = unjudged_where(np.array([True, False]), targets)["refer"]
    assert np.isnan(kept[0]).all()
    assert kept[1].tolist() == [0, 1]


def test_a_task_without_a_label_left_is_left_out():
    targets = {"refer": np.array([[1, 0]], dtype=np.float32)}
    assert unjudged_where(np.array([True]), targets) == {}
