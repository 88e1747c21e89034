"""Which trials go on after a validation."""

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.tuning.pruning import goes_on, is_stage, share_that_goes_on

VALUES = st.floats(0, 1, allow_nan=False, allow_subnormal=False)


def test_stages_double():
    assert [n for n in range(20) if is_stage(n)] == [1, 2, 4, 8, 16]


@given(st.lists(VALUES, max_size=30), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_the_best_so_far_always_goes_on(others, keep_fraction):
    assert goes_on(max([*others, 0.0]), others, keep_fraction)


@given(st.lists(VALUES, min_size=1, max_size=30, unique=True), st.floats(0.01, 0.99))
@settings(deadline=None)
def test_of_trials_that_are_judged_together_no_more_than_the_share_goes_on(values, keep_fraction):
    kept = sum(
        goes_on(value, values[:place] + values[place + 1 :], keep_fraction)
        for place, value in enumerate(values)
    )
    assert kept == max(1, math.floor(keep_fraction * len(values)))


def test_what_is_no_number_never_goes_on():
    assert not goes_on(math.nan, [], 0.5)
    assert not goes_on(math.nan, [0.1], 0.5)


def test_of_equal_values_all_go_on():
    assert all(goes_on(0.5, [0.5] * others, 0.33) for others in range(9))


def test_narrowing_is_gentle_first_and_never_decides_at_the_end():
    shares = [share_that_goes_on("narrowing", 0.33, i, 4) for i in range(1, 5)]
    assert shares == [0.75, 0.5, 0.25, None]


def test_narrowing_lets_a_trial_of_one_validation_end():
    assert share_that_goes_on("narrowing", 0.33, 1, 1) is None


def test_halving_decides_at_its_stages_alone():
    shares = [share_that_goes_on("halving", 0.33, i, 9) for i in range(1, 5)]
    assert shares == [0.33, 0.33, None, 0.33]
