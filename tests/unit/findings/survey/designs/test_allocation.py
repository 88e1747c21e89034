"""Allocation and what to expect: Neyman with a floor, and the budget for a width."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.survey.designs.allocation import (
    allocate,
    budget_for_width,
    expected_interval,
    gamma_ends,
    width_without_positive,
)
from adverts_findings.survey.designs.strata import Stratum, advert_draws, line_draws
from adverts_findings.survey.estimators.by_design import estimate_total


def stratum(adverts, share, name="a"):
    return Stratum(name, adverts, adverts * share, adverts)


FRAME = [stratum(96_000, 0.0001), stratum(3_000, 0.002), stratum(800, 0.03), stratum(200, 0.3)]


def test_the_lowest_stratum_has_a_floor():
    labels = allocate(FRAME, 800)
    assert labels.sum() == 800
    assert labels[0] == 640


def test_above_the_lowest_labels_follow_neyman_with_one_positive_more():
    labels = allocate(FRAME, 8000)
    shares = np.array([one.expected_share for one in FRAME[1:]]) + 1 / 8000
    wish = np.array([3_000, 800, 200]) * np.sqrt(shares * (1 - shares))
    wish[2] = 200  # no more than there are
    assert labels[3] <= 200
    assert labels[1] / labels[2] == pytest.approx(wish[0] / wish[1], rel=0.1)


def test_with_many_positives_the_floor_gives_way():
    even = [stratum(1000, 0.1), stratum(1000, 0.5)]
    labels = allocate(even, 400)
    assert labels[0] / labels[1] == pytest.approx(np.sqrt(0.09 / 0.25), rel=0.05)


def test_a_budget_above_the_frame_labels_all_of_it():
    assert list(allocate([stratum(30, 0.1), stratum(5, 0.5)], 100)) == [30, 5]


def test_one_stratum_takes_all():
    assert list(allocate([stratum(30, 0.0)], 10)) == [10]


def test_a_budget_too_small_is_refused():
    with pytest.raises(ValueError, match="a budget of 7 labels is too small for 4 strata"):
        allocate(FRAME, 7)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(2, 5000), st.floats(0, 1, allow_subnormal=False)),
        min_size=1,
        max_size=5,
    ),
    st.integers(10, 3000),
)
def test_every_allocation_spends_the_budget_within_what_there_is(strata, budget):
    made = [stratum(*one) for one in strata]
    labels = allocate(made, budget)
    adverts = np.array([one.adverts for one in made])
    assert labels.sum() == min(budget, adverts.sum())
    assert (labels <= adverts).all()
    assert (labels >= 2).all()


def test_the_gamma_interval_of_one_stratum_is_the_exact_poisson_one():
    low, high = gamma_ends(np.array([[0], [3]]), np.array([10_000]), np.array([1e7]), 0.95)
    assert low[0] == 0.0
    assert high[0] == pytest.approx(1000 * 3.689, rel=1e-3)
    assert high[1] == pytest.approx(1000 * 8.767, rel=1e-3)
    assert low[1] == pytest.approx(1000 * 0.6187, rel=1e-3)


def test_the_expected_interval_is_about_the_mean_of_estimates():
    labels, rng = allocate(FRAME, 800), np.random.default_rng(3)
    widths = []
    for _ in range(60):
        draws = []
        for h, (one, n) in enumerate(zip(FRAME, labels, strict=True)):
            hits = (np.arange(n) < rng.binomial(n, one.expected_share)).astype(float)
            draws.append(
                line_draws(str(h), hits, 1.0, 1 / one.adverts, one.adverts)
                if h == 0
                else advert_draws(str(h), hits, one.adverts)
            )
        found = estimate_total(draws, frame_total=100_000, draws=2_000)
        widths.append(found.high - found.low)
    assert expected_interval(FRAME, labels).width == pytest.approx(np.mean(widths), rel=0.12)


def test_a_group_has_fewer_positives_but_hardly_a_narrower_interval():
    labels = allocate(FRAME, 800)
    whole = expected_interval(FRAME, labels)
    tenth = [replace(one, expected_positives=one.expected_positives / 10) for one in FRAME]
    group = expected_interval(tenth, labels)
    assert group.total == pytest.approx(whole.total / 10)
    assert group.width > 0.6 * whole.width


def test_an_empty_lowest_stratum_leaves_the_rule_of_three():
    labels = allocate(FRAME, 800)
    assert width_without_positive(FRAME, labels) == pytest.approx(3.69 * 96_000 / 640, rel=0.001)
    one_sided = width_without_positive(FRAME, labels, level=0.9)
    assert one_sided == pytest.approx(3 * 96_000 / 640, rel=0.01)
    assert width_without_positive([stratum(5, 0.1)], [5]) == 0.0


def test_the_budget_for_a_width_gives_it_and_a_smaller_one_does_not():
    budget = budget_for_width(FRAME, 200.0)
    assert expected_interval(FRAME, allocate(FRAME, budget)).width <= 200.0
    less = int(budget * 0.97)
    assert expected_interval(FRAME, allocate(FRAME, less)).width > 200.0


def test_no_budget_gives_an_impossible_width():
    assert budget_for_width(FRAME, 0.5) is None
    assert budget_for_width([stratum(2, 0.1), stratum(2, 0.1)], 1.0) is None


def test_a_budget_for_all_adverts_takes_all_of_them():
    strata = [Stratum("low", 1, 0.1, 1), Stratum("high", 2, 1.0, 2)]
    assert allocate(strata, 3).tolist() == [1, 2]
