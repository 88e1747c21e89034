"""Exact intervals of shares, and the bootstrap's where there are errors enough to draw."""

import pytest
from scipy.stats import binomtest

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.statistics.bounds import exact_interval, widened


@pytest.mark.parametrize(("hits", "trials"), [(0, 20), (1, 20), (7, 50), (20, 20), (3, 1000)])
def test_the_exact_interval_agrees_with_scipy(hits, trials):
    expected = binomtest(hits, trials).proportion_ci(confidence_level=0.95, method="exact")
    assert exact_interval(hits, trials) == pytest.approx((expected.low, expected.high))


def test_no_trial_says_nothing():
    assert exact_interval(0, 0) == (0.0, 1.0)


def test_more_hits_than_trials_are_refused():
    with pytest.raises(ValueError, match=r"\[0, 3\]"):
        exact_interval(4, 3)


def test_a_share_without_an_error_is_not_promised_for_ever():
    found = widened(Estimate(1.0, 1.0, 1.0, "no resample differs"), errors=0, clusters=50)
    assert found.low == pytest.approx(exact_interval(50, 50)[0])
    assert (found.value, found.high) == (1.0, 1.0)
    assert "0 of 50 clusters" in found.reason


def test_a_share_without_a_success_is_widened_upwards():
    assert widened(Estimate(0.0, 0.0, 0.0), errors=20, clusters=20).high > 0.1


def test_an_interval_that_is_wider_than_the_exact_one_stays():
    found = widened(Estimate(0.9, 0.1, 0.99), errors=5, clusters=50)
    assert (found.low, found.high) == (0.1, 0.99)


@pytest.mark.parametrize("share", [Estimate(0.5, 0.4, 0.6), Estimate(0.5), Estimate(None)])
def test_with_errors_enough_or_no_interval_nothing_changes(share):
    assert widened(share, errors=20, clusters=40) == share


def test_a_missing_interval_stays_missing_where_errors_are_few():
    assert widened(Estimate(0.5), errors=1, clusters=2) == Estimate(0.5)
