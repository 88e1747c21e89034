"""Calibration turns logits into probabilities: against scipy and cases worked by hand."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit, softmax

from adverts.advert import Task
from adverts.runtime.rules.calibration import UNCALIBRATED, Calibration, Curve, TaskCalibration
from adverts.runtime.rules.probabilities import (
    calibrated_probabilities,
    log_odds,
    mapped_probabilities,
    on_curve,
    probabilities,
)

PAIR = Task("refer", "single", ("no", "yes"), "yes")
KIND = Task("kind", "single", ("a", "b", "c"), "c")
SIGNALS = Task("signals", "multi", ("x", "y"))
RISK = Task("risk", "ordinal", ("0", "1", "2", "3"))
BEND = Curve((-2.0, 0.0, 1.0), (-1.0, -0.5, 3.0))
MAPS = [
    (PAIR, TaskCalibration("refer")),
    (PAIR, TaskCalibration("refer", "temperature", 2.5)),
    (PAIR, TaskCalibration("refer", "platt", slopes=(0.5,), offsets=(1.0, -1.0))),
    (PAIR, TaskCalibration("refer", "isotonic", curves=(BEND,))),
    (PAIR, TaskCalibration("refer", shares=(0.9, 0.1), operating_prevalence=0.4)),
    (KIND, TaskCalibration("kind", "temperature", 0.5)),
    (KIND, TaskCalibration("kind", "platt", slopes=(2.0,), offsets=(1.0, -1.0, 0.0))),
    (KIND, TaskCalibration("kind", "isotonic", curves=(BEND, Curve(), BEND))),
    (KIND, TaskCalibration("kind", shares=(0.5, 0.4, 0.1), operating_prevalence=0.4)),
    (SIGNALS, TaskCalibration("signals", "temperature", 3.0)),
    (SIGNALS, TaskCalibration("signals", "platt", slopes=(2.0, 1.0), offsets=(1.0, 0.0))),
    (SIGNALS, TaskCalibration("signals", "isotonic", curves=(BEND, Curve()))),
    (RISK, TaskCalibration("risk", "temperature", 3.0)),
    (RISK, TaskCalibration("risk", "platt", slopes=(2.0,), offsets=(-1.0,))),
    (RISK, TaskCalibration("risk", "isotonic", curves=(BEND,))),
]
ids = [f"{task.name}-{one.method}-{one.operating_prevalence}" for task, one in MAPS]
each_map = pytest.mark.parametrize(("task", "found"), MAPS, ids=ids)


def logits(task, n=50, seed=0):
    return np.random.default_rng(seed).normal(size=(n, task.num_logits), scale=4)


def pair(odds):
    """Logits of two labels with these log-odds of the second."""
    odds = np.asarray(odds, dtype=np.float64)
    return np.stack([0 * odds, odds], axis=1)


def test_what_is_not_calibrated_is_as_the_head_was_trained():
    np.testing.assert_array_equal(
        calibrated_probabilities(KIND, logits(KIND), UNCALIBRATED),
        probabilities(KIND, logits(KIND)),
    )


def test_temperature_divides_the_logits():
    found = mapped_probabilities(KIND, logits(KIND), TaskCalibration("kind", "temperature", 2.5))
    np.testing.assert_allclose(found, softmax(logits(KIND) / 2.5, axis=1))


def test_platt_is_a_line_in_the_log_odds():
    one = TaskCalibration("refer", "platt", slopes=(2.0,), offsets=(-0.25, 0.25))
    np.testing.assert_allclose(
        mapped_probabilities(PAIR, pair([-1, 0, 3]), one)[:, 1], expit([-1.5, 0.5, 6.5])
    )
    each = TaskCalibration("signals", "platt", slopes=(2.0, 1.0), offsets=(1.0, -3.0))
    np.testing.assert_allclose(
        mapped_probabilities(SIGNALS, np.array([[1.0, 2.0]]), each), [expit([3.0, -1.0])]
    )


def test_one_offset_moves_every_level_of_an_ordinal_task():
    one = TaskCalibration("risk", "platt", slopes=(1.0,), offsets=(-1.0,))
    exceeds = expit(np.array([2.0, 0.0, -1.0]) - 1)
    np.testing.assert_allclose(
        mapped_probabilities(RISK, np.array([[2.0, 0.0, -1.0]]), one),
        [[1 - exceeds[0], exceeds[0] - exceeds[1], exceeds[1] - exceeds[2], exceeds[2]]],
    )


def test_a_curve_is_straight_between_knots_and_hardly_rises_beyond():
    np.testing.assert_allclose(
        on_curve(BEND, np.array([-1002.0, -2.0, -1.0, 0.5, 1.0, 1001.0])),
        [-2.0, -1.0, -0.75, 1.25, 3.0, 4.0],
    )


def test_a_curve_without_knots_changes_nothing():
    np.testing.assert_array_equal(on_curve(Curve(), np.array([-3.0, 9.0])), [-3.0, 9.0])


def test_isotonic_of_many_labels_is_normalised():
    one = TaskCalibration("kind", "isotonic", curves=(BEND, Curve(), BEND))
    said = softmax(logits(KIND), axis=1)
    each = expit(
        np.stack(
            [
                on_curve(BEND, logit(said[:, 0])),
                logit(said[:, 1]),
                on_curve(BEND, logit(said[:, 2])),
            ]
        )
    )
    np.testing.assert_allclose(
        mapped_probabilities(KIND, logits(KIND), one), (each / each.sum(axis=0)).T
    )


def test_log_odds_are_those_of_the_softmax():
    chance = softmax(logits(KIND), axis=1)
    np.testing.assert_allclose(log_odds(logits(KIND)), logit(chance), atol=1e-9)


def test_another_prevalence_reweighs_as_bayes_says():
    one = TaskCalibration("refer", shares=(0.9, 0.1), operating_prevalence=0.4)
    found = mapped_probabilities(PAIR, pair(logit([0.3])), one)[0, 1]
    assert found == pytest.approx(0.3 * 4 / (0.3 * 4 + 0.7 * 0.6 / 0.9))


def test_the_prevalence_adds_a_log_ratio_to_the_log_odds():
    one = TaskCalibration("refer", "temperature", 2.0, shares=(0.9, 0.1), operating_prevalence=0.4)
    shift = logit(0.4) - logit(0.1)
    np.testing.assert_allclose(
        logit(mapped_probabilities(PAIR, pair([-6, 1]), one)[:, 1]), [-3 + shift, 0.5 + shift]
    )


def test_the_other_labels_keep_their_proportion_when_the_prevalence_changes():
    one = TaskCalibration("kind", shares=(0.5, 0.4, 0.1), operating_prevalence=0.4)
    before, after = probabilities(KIND, logits(KIND)), mapped_probabilities(KIND, logits(KIND), one)
    np.testing.assert_allclose(after[:, 0] / after[:, 1], before[:, 0] / before[:, 1])


def test_a_mean_of_corrected_probabilities_is_the_new_prevalence():
    rng = np.random.default_rng(0)
    truth = rng.random(200_000) < 0.5
    odds = rng.normal(size=len(truth)) + np.where(truth, 1, -1)  # log-odds of the label: 2 x
    one = TaskCalibration("refer", shares=(0.5, 0.5), operating_prevalence=0.1)
    weight = np.where(truth, 0.1, 0.9)
    found = np.average(mapped_probabilities(PAIR, pair(2 * odds), one)[:, 1], weights=weight)
    assert found == pytest.approx(0.1, abs=0.002)


@pytest.mark.parametrize(("task", "found"), [one for one in MAPS if one[0] is not SIGNALS])
def test_exclusive_labels_sum_to_one(task, found):
    said = mapped_probabilities(task, np.concatenate([logits(task), 1e4 * logits(task)]), found)
    np.testing.assert_allclose(said.sum(axis=1), 1.0)


@each_map
def test_probabilities_are_finite_and_within_bounds(task, found):
    said = mapped_probabilities(task, np.concatenate([logits(task), 1e4 * logits(task)]), found)
    assert said.dtype == np.float64
    assert ((said >= 0) & (said <= 1)).all()


@each_map
def test_no_advert_gives_no_row(task, found):
    assert mapped_probabilities(task, logits(task, 0), found).shape == (0, task.num_labels)


@each_map
def test_float32_logits_are_taken_in_float64(task, found):
    single = logits(task).astype(np.float32)
    np.testing.assert_array_equal(
        mapped_probabilities(task, single, found),
        mapped_probabilities(task, single.astype(np.float64), found),
    )


@each_map
def test_an_advert_does_not_depend_on_its_neighbours(task, found):
    np.testing.assert_array_equal(
        mapped_probabilities(task, logits(task), found)[7:8],
        mapped_probabilities(task, logits(task)[7:8], found),
    )


@pytest.mark.parametrize("found", [one for task, one in MAPS if task is PAIR])
def test_a_queue_keeps_its_order(found):
    odds = np.sort(np.random.default_rng(0).normal(size=2_000, scale=6).astype(np.float32))
    assert (np.diff(mapped_probabilities(PAIR, pair(odds), found)[:, 1]) > 0).all()


@given(
    arrays(np.float64, 20, elements=st.floats(-300, 300, allow_subnormal=False)),
    st.lists(
        st.tuples(st.floats(-50, 50, allow_subnormal=False), st.floats(0.001, 5)),
        min_size=1,
        max_size=6,
    ),
)
def test_any_curve_never_turns(odds, steps):
    x = np.cumsum([1e-3 + abs(start) for start, _ in steps]) - 60
    y = np.cumsum([rise for _, rise in steps])
    assert (np.diff(on_curve(Curve(tuple(x), tuple(y)), np.sort(odds))) >= 0).all()


@each_map
def test_what_was_written_is_read_back(task, found):
    one = Calibration(
        (dataclasses.replace(found, losses={"none": 0.1}, reason="why"),),
        {"split": "validation", "adverts": 7},
    )
    assert Calibration.from_json(one.to_json()) == one
    assert Calibration.from_json(one.to_json()).to_json() == one.to_json()
    one.check([task])
