"""Values of draws: each alone estimates its stratum without bias, whatever the design."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adverts_findings.survey.designs.strata import (
    Stratum,
    StratumDraws,
    advert_draws,
    cut_by_score,
    line_draws,
    of_group,
    whole_draws,
)


def test_adverts_drawn_at_random_estimate_without_bias():
    positive, views = np.array([1, 0, 1, 0, 1]), np.array([10.0, 1, 200, 5, 3])
    found = [
        advert_draws("a", positive[list(s)], 5, sizes=views[list(s)], largest_size=200).estimate
        for s in combinations(range(5), 2)
    ]
    assert np.mean(found) == pytest.approx(positive @ views)


def test_draws_in_proportion_to_size_estimate_without_bias():
    chances = np.array([0.5, 0.3, 0.2])
    positive, sizes = np.array([1, 0, 1]), np.array([4.0, 9, 2])
    values = line_draws("a", positive, sizes, chances, 10.0).values
    assert chances @ values == pytest.approx(6)


def test_a_value_that_the_frame_does_not_allow_is_refused():
    with pytest.raises(ValueError, match="outside of what its frame allows"):
        advert_draws("a", [1], 10, sizes=[7.0], largest_size=5.0)
    with pytest.raises(ValueError, match="outside of what its frame allows"):
        line_draws("a", [1], 1.0, 0.01, 50.0)


def test_a_stratum_without_draws_says_so():
    with pytest.raises(ValueError, match="no draw, so nothing bounds its total"):
        StratumDraws("a", np.zeros(0), largest=10.0)
    assert whole_draws("a", 3.0).estimate == 3.0


def test_more_draws_than_adverts_and_bad_probabilities_are_refused():
    with pytest.raises(ValueError, match="3 draws without replacement of 2"):
        advert_draws("a", [1, 0, 0], 2)
    with pytest.raises(ValueError, match=r"must be in \(0, 1\]"):
        line_draws("a", [1, 0], 1.0, [0.5, 0.0], 2.0)


def test_a_stratum_of_the_frame_is_checked():
    assert Stratum("none", 0, 0.0, 0).expected_share == 0.0
    with pytest.raises(ValueError, match="no more clusters than adverts"):
        Stratum("a", 3, 1.0, 4)
    with pytest.raises(ValueError, match="sum of their probabilities"):
        Stratum("a", 3, 4.0, 3)


def test_groups_add_up_to_the_whole():
    draws = advert_draws("a", [1, 0, 1, 1], 40)
    first = of_group(draws, [True, True, False, False])
    second = of_group(draws, [False, False, True, True])
    assert first.estimate + second.estimate == draws.estimate
    with pytest.raises(ValueError, match="give it apart by group"):
        of_group(whole_draws("a", 3.0), [])


def test_the_lowest_stratum_is_what_is_at_most_as_probable_as_the_mean():
    chances = np.array([0.01] * 90 + [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99])
    found = cut_by_score(chances)
    assert (found[:90] == 0).all()
    assert sorted(set(found)) == [0, 1, 2, 3]
    assert (np.diff(found) >= 0).all()


def test_the_other_strata_have_about_equal_spread():
    chances = np.concatenate([np.full(5000, 0.001), np.linspace(0.1, 0.99, 300)])
    found = cut_by_score(chances, strata=4)
    sums = [np.sqrt(chances * (1 - chances))[found == h].sum() for h in (1, 2, 3)]
    assert max(sums) < 1.1 * min(sums)


def test_scores_that_are_all_alike_make_one_stratum():
    assert set(cut_by_score([0.1] * 7)) == {0}
    assert set(cut_by_score([0.0] * 7)) == {0}


@pytest.mark.parametrize("bad", [[], [0.5, 1.2], [0.5, float("nan")]])
def test_what_is_no_probability_is_refused(bad):
    with pytest.raises(ValueError, match="want at least|must be in"):
        cut_by_score(bad)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1, allow_subnormal=False), min_size=1, max_size=60), st.integers(2, 6))
def test_strata_are_in_the_order_of_the_scores_and_numbered_without_a_gap(chances, strata):
    found = cut_by_score(chances, strata=strata)
    order = np.argsort(chances, kind="stable")
    assert (np.diff(found[order]) >= 0).all()
    assert set(found) == set(range(found.max() + 1))
    assert found.max() < strata
