"""Logits become probabilities: against scipy and cases worked by hand."""

import numpy as np
import pytest
from scipy.special import expit, logit, softmax

from adverts.advert import Task
from adverts.errors import InputError
from adverts.runtime.rules.probabilities import probabilities

SINGLE = Task("kind", "single", ("a", "b", "c"))
MULTI = Task("signals", "multi", ("x", "y"))
RISK = Task("risk", "ordinal", ("0", "1", "2", "3"))


def test_single_is_a_softmax():
    logits = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    np.testing.assert_allclose(
        probabilities(SINGLE, logits), softmax(logits.astype(np.float64), axis=1)
    )


def test_multi_is_a_sigmoid_of_each_logit():
    logits = np.array([[-3.0, 0.0], [2.0, 40.0]])
    np.testing.assert_allclose(probabilities(MULTI, logits), expit(logits))


def test_ordinal_levels_are_differences_of_the_cumulative_probabilities():
    logits = logit(np.array([[0.9, 0.6, 0.1]]))
    np.testing.assert_allclose(probabilities(RISK, logits), [[0.1, 0.3, 0.5, 0.1]])


def test_crossing_ordinal_logits_are_lowered_and_never_give_a_negative_probability():
    logits = logit(np.array([[0.4, 0.8, 0.2]]))
    np.testing.assert_allclose(probabilities(RISK, logits), [[0.6, 0.0, 0.2, 0.2]], atol=1e-12)


@pytest.mark.parametrize("task", [SINGLE, MULTI, RISK])
def test_huge_logits_stay_finite_and_within_bounds(task):
    extreme = np.array([[1e4], [-1e4], [0.0]], dtype=np.float32)
    found = probabilities(task, np.repeat(extreme, task.num_logits, axis=1))
    assert found.shape == (3, task.num_labels)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()


@pytest.mark.parametrize("task", [SINGLE, RISK])
def test_exclusive_labels_sum_to_one(task):
    logits = np.random.default_rng(1).normal(size=(20, task.num_logits), scale=5)
    np.testing.assert_allclose(probabilities(task, logits).sum(axis=1), 1.0)


@pytest.mark.parametrize("task", [SINGLE, MULTI, RISK])
def test_no_advert_gives_no_row(task):
    assert probabilities(task, np.zeros((0, task.num_logits))).shape == (0, task.num_labels)


def test_logits_of_another_width_are_refused():
    with pytest.raises(InputError, match=r"'risk' needs logits of shape \(N, 3\), found \(2, 4\)"):
        probabilities(RISK, np.zeros((2, 4)))
