"""Normal p-values by scipy; Holm's test worked by hand, and against its promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from adverts.evaluation.statistics.significance import (
    expanded,
    p_value,
    rejected,
    simultaneous_errors,
)


def test_the_classic_example_rejects_step_by_step():
    # 0.01 ≤ 0.05/4, 0.013 ≤ 0.05/3, 0.02 ≤ 0.05/2, 0.06 > 0.05
    assert rejected([0.06, 0.01, 0.013, 0.02], [1, 1, 1, 1], 0.05) == [False, True, True, True]


def test_it_stops_at_the_first_that_is_kept_though_a_later_one_is_small():
    # 0.02 > 0.05/3 ends the test; 0.024 ≤ 0.05/2 is never reached
    assert rejected([0.02, 0.024, 0.03], [1, 1, 1], 0.05) == [False, False, False]


def test_a_weight_moves_the_level_to_where_it_matters():
    # 0.03 ≤ 0.05 · 3/4, then 0.04 ≤ 0.05
    assert rejected([0.03, 0.04], [3, 1], 0.05) == [True, True]
    assert rejected([0.03, 0.04], [1, 1], 0.05) == [False, False]


def test_one_hypothesis_is_tested_at_the_whole_level():
    assert rejected([0.05], [7], 0.05) == [True]
    assert rejected([0.0500001], [7], 0.05) == [False]


def test_without_a_hypothesis_nothing_is_rejected():
    assert rejected([], [], 0.05) == []


@pytest.mark.parametrize(
    ("p_values", "weights", "message"),
    [
        ([0.1, 0.2], [1], "2 p-values and 1 weights"),
        ([0.1], [0], "weights above 0"),
        ([1.1], [1], r"lie in \[0, 1\]"),
        ([float("nan")], [1], r"lie in \[0, 1\]"),
    ],
)
def test_what_is_no_test_is_refused(p_values, weights, message):
    with pytest.raises(ValueError, match=message):
        rejected(p_values, weights, 0.05)


@given(st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=8), st.data())
def test_what_bonferroni_rejects_holm_rejects(p_values, data):
    weights = data.draw(
        st.lists(st.floats(0.1, 10), min_size=len(p_values), max_size=len(p_values))
    )
    shares = np.array(weights) / sum(weights)
    bonferroni = np.array(p_values) <= 0.05 * shares * (1 - 1e-9)
    assert (np.array(rejected(p_values, weights, 0.05)) >= bonferroni).all()


def test_true_hypotheses_are_rejected_together_in_at_most_one_family_of_twenty():
    rng = np.random.default_rng(0)
    families = rng.random((4000, 6))
    false_alarms = sum(any(rejected(list(one), [5, 1, 1, 1, 1, 1], 0.05)) for one in families)
    assert false_alarms / 4000 < 0.055


def test_a_p_value_is_the_normal_one():
    assert p_value(-0.02, 0.01) == pytest.approx(stats.norm.cdf(-2))
    assert p_value(0.0, 0.01) == 0.5


def test_one_normal_figure_needs_as_many_errors_as_a_single_interval():
    samples = np.random.default_rng(0).normal(size=(20_000, 1))
    assert simultaneous_errors(np.zeros(1), samples, 0.95) == pytest.approx(1.96, abs=0.03)


def test_independent_figures_need_as_many_errors_as_by_sidak():
    samples = np.random.default_rng(1).normal(size=(20_000, 10))
    wanted = float(stats.norm.ppf((1 + 0.95 ** (1 / 10)) / 2))
    assert simultaneous_errors(np.zeros(10), samples, 0.95) == pytest.approx(wanted, abs=0.04)


def test_figures_that_move_together_need_no_more_than_one():
    samples = np.random.default_rng(2).normal(size=(20_000, 1)) * np.arange(1, 9)
    one = simultaneous_errors(np.zeros(1), samples[:, :1], 0.95)
    assert simultaneous_errors(np.zeros(8), samples, 0.95) == pytest.approx(one)


def test_figures_without_spread_or_resample_take_no_part():
    samples = np.random.default_rng(3).normal(size=(500, 3))
    samples[:, 1] = 0.0
    samples[:, 2] = np.nan
    alone = simultaneous_errors(np.zeros(1), samples[:, :1], 0.95)
    assert simultaneous_errors(np.zeros(3), samples, 0.95) == alone
    assert simultaneous_errors(np.zeros(1), samples[:, 1:2], 0.95) == pytest.approx(1.96, abs=1e-3)


def test_an_expanded_error_gives_the_interval_of_student_for_a_mean():
    values = np.random.default_rng(4).normal(size=12)
    resampled = values.std() / np.sqrt(12)  # what the bootstrap of a mean converges to
    wanted = stats.t.interval(0.95, 11, loc=0, scale=stats.sem(values))[1]
    assert stats.norm.ppf(0.975) * expanded(resampled, 12, 0.95) == pytest.approx(wanted)


def test_many_observations_expand_an_error_no_more_and_one_makes_it_infinite():
    assert expanded(0.1, 1e7, 0.95) == pytest.approx(0.1)
    assert expanded(0.1, 1, 0.95) == float("inf")
    assert expanded(0.0, 1, 0.95) == 0.0
