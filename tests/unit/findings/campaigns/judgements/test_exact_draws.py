"""Draws with known chances."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.campaigns.judgements.exact_draws import even_chances, systematic

pytestmark = pytest.mark.promise

SIZES = st.lists(st.floats(0, 1e6, allow_subnormal=False), max_size=30).map(np.array)


@settings(deadline=None)
@given(SIZES, st.integers(0, 40))
def test_chances_add_up_to_the_count_and_exceed_neither_zero_nor_one(sizes, count):
    chances = even_chances(sizes, count)
    assert np.all((chances >= 0) & (chances <= 1))
    assert chances.sum() == pytest.approx(min(count, np.count_nonzero(sizes)))
    assert not np.any(chances[sizes == 0])


@settings(deadline=None)
@given(SIZES, st.integers(1, 40))
def test_larger_units_never_have_a_smaller_chance(sizes, count):
    chances = even_chances(sizes, count)[np.argsort(sizes)]
    assert np.all(np.diff(chances) >= -1e-9)


def test_units_beyond_certain_ones_share_what_is_left_by_size():
    assert even_chances(np.array([100.0, 2.0, 1.0]), 2) == pytest.approx([1, 2 / 3, 1 / 3])


@settings(deadline=None)
@given(
    st.lists(st.floats(0, 1, allow_subnormal=False), max_size=30).map(np.array), st.integers(0, 99)
)
def test_as_many_units_are_drawn_as_chances_add_up_to(chances, seed):
    drawn = systematic(chances, np.random.default_rng(seed))
    assert abs(len(drawn) - chances.sum()) < 1 + 1e-6
    assert len(set(drawn.tolist())) == len(drawn)
    assert np.all(chances[drawn] > 0)
    assert set(np.flatnonzero(chances == 1)) <= set(drawn.tolist())


def test_each_unit_is_drawn_with_its_chance():
    rng = np.random.default_rng(0)
    chances = even_chances(rng.random(50) ** 3, 10)
    counts = np.zeros(50)
    for _ in range(4_000):
        drawn = systematic(chances, rng)
        assert len(drawn) == 10
        counts[drawn] += 1
    error = np.sqrt(4_000 * chances * (1 - chances)) + 1e-9
    assert np.max(np.abs(counts - 4_000 * chances) / error) < 4


def test_nothing_is_drawn_of_nothing():
    assert len(systematic(np.zeros(0), np.random.default_rng(0))) == 0
    assert len(systematic(np.zeros(3), np.random.default_rng(0))) == 0
