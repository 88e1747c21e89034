import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts.bundle.quantise.rounding import Steps, finest_steps


def largest_sum(steps, low, high, codes):
    """Of two neighbouring products, over every corner of what was seen."""
    corners = np.stack([steps.codes(low), steps.codes(high)])
    found = 0
    for i in range(0, len(low) - 1, 2):
        for first in corners[:, i]:
            for second in corners[:, i + 1]:
                sums = first * codes[i].astype(int) + second * codes[i + 1].astype(int)
                found = max(found, int(np.abs(sums).max()))
    return found


def test_numbers_become_whole_ones_around_zero():
    found = Steps(0.5, 10).codes(np.array([-9, -5, 0, 0.3, 1, 200], np.float32))
    np.testing.assert_array_equal(found, [0, 0, 10, 11, 12, 255])


def test_small_weights_leave_room_for_all_eight_bits():
    low, high = np.array([-1, -1, -1], np.float32), np.array([1, 1, 2], np.float32)
    steps = finest_steps(low, high, np.full((3, 2), 60, np.int8))
    assert steps.size == pytest.approx(3 / 255)


def test_large_weights_leave_seven():
    low, high = np.zeros(4, np.float32), np.ones(4, np.float32)
    steps = finest_steps(low, high, np.full((4, 2), 127, np.int8))
    assert 1 / steps.size == pytest.approx(129, abs=2)


def test_what_is_never_other_than_zero_has_steps_too():
    steps = finest_steps(np.zeros(2, np.float32), np.zeros(2, np.float32), np.ones((2, 1), np.int8))
    assert steps.size > 0
    assert steps.codes(np.zeros(1, np.float32)) == [steps.zero]


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 9), st.sampled_from([0.2, 1.0, 30.0]))
def test_no_sum_of_two_products_that_was_seen_leaves_sixteen_bits(seed, features, outlier):
    rng = np.random.default_rng(seed)
    ends = rng.normal(size=(2, features)).astype(np.float32)
    ends[:, 0] *= np.float32(outlier)
    low, high = ends.min(axis=0), ends.max(axis=0)
    codes = rng.integers(-127, 128, (features, 3)).astype(np.int8)
    steps = finest_steps(low, high, codes)
    assert largest_sum(steps, low, high, codes) <= np.iinfo(np.int16).max
