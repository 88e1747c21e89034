"""Bounds of shares: exact where adverts are independent, and never wider awake than clusters."""

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from adverts.evaluation.statistics.bounds import (
    allowed_false_positive_rate,
    clusters_missing,
    effective_number,
    independent_by_events,
    lower_bound,
    negatives_needed,
    number_without_event,
    precision_at,
    upper_bound,
)


@pytest.mark.parametrize("events", [0, 1, 7, 39, 40])
def test_the_bounds_are_those_of_clopper_and_pearson(events):
    interval = binomtest(events, 40).proportion_ci(0.9, "exact")  # two sides of 5 %
    assert float(lower_bound(events / 40, 40, 0.95)) == pytest.approx(interval.low)
    assert float(upper_bound(events / 40, 40, 0.95)) == pytest.approx(interval.high)


def test_the_rule_of_three():
    assert float(upper_bound(0.0, 1000, 0.95)) == pytest.approx(3 / 1000, rel=0.01)


def test_without_an_advert_nothing_is_known():
    assert float(lower_bound(1.0, 0, 0.95)) == 0.0
    assert float(upper_bound(0.0, 0, 0.95)) == 1.0


def test_fewer_independent_adverts_give_wider_bounds_for_fractions_too():
    bounds = [float(upper_bound(0.1, number, 0.95)) for number in (10, 33.3, 100)]
    assert bounds == sorted(bounds, reverse=True)


@pytest.mark.parametrize("bound", [0.003, 0.05, 0.4])
def test_the_number_without_an_event_is_the_least_that_suffices(bound):
    number = number_without_event(bound, 0.95)
    assert binom.pmf(0, number, bound) <= 0.05 < binom.pmf(0, number - 1, bound)


def test_59_hits_show_a_recall_of_95_percent():
    assert number_without_event(0.05, 0.95) == 59


def test_clusters_of_one_size_count_as_many_as_they_are():
    assert effective_number(["a", "a", "b", "b", "c", "c"]) == 3.0
    assert effective_number(["a", "b", "c"]) == 3.0


def test_one_large_campaign_counts_for_little():
    assert effective_number(["a"] * 97 + ["b", "c", "d"]) == pytest.approx(100**2 / (97**2 + 3))
    assert effective_number([]) == 0.0


def test_events_in_large_clusters_are_worth_less():
    small = [f"s{i}" for i in range(80)]
    large = [f"l{i // 10}" for i in range(300)]
    number = effective_number([*small, *large])
    events_large = independent_by_events([*large, *small], number)
    events_small = independent_by_events([*small, *large], number)
    assert len(events_large) == 381
    # 300 events in 30 clusters of ten: 30 independent ones, of 380 adverts as large
    assert events_large[300] == pytest.approx(30 * 380 / 300)
    assert events_small[80] == pytest.approx(number)


def test_the_size_of_events_is_read_off_twenty_clusters_before_there_is_one():
    clusters = [*(f"l{i // 10}" for i in range(200)), *(f"s{i}" for i in range(200))]
    found = independent_by_events(clusters, effective_number(clusters))
    assert found[0] == found[1] == found[200] == pytest.approx(20 * 400 / 200)


def test_with_one_advert_a_cluster_events_change_nothing():
    assert set(independent_by_events([f"c{i}" for i in range(50)], 50.0).tolist()) == {50.0}
    assert independent_by_events([], 0.0).tolist() == [0.0]


def test_precision_follows_from_both_rates_and_the_prevalence():
    # 1,000 adverts, 50 of them positive: 40 are found, beside 19 false alarms
    assert float(precision_at(0.8, 0.02, 0.05)) == pytest.approx(40 / 59)
    assert np.isnan(precision_at(0.0, 0.0, 0.05))


@pytest.mark.parametrize(
    ("wanted", "worth", "clusters", "missing"),
    [
        (100, 20.0, 20, 80),
        (100, 20.0, 40, 160),  # two clusters are worth one advert
        (59, 58.0, 58, 1),
        (10, 4.0, 9, 14),  # 13.5
        (50, 60.0, 60, 1),  # never none: what was asked for is not shown
    ],
)
def test_as_many_clusters_are_missing_as_are_worth_what_is_lacking(
    wanted, worth, clusters, missing
):
    assert clusters_missing(wanted, worth, clusters) == missing


def test_the_allowed_false_alarms_just_keep_the_precision():
    allowed = allowed_false_positive_rate(0.7, 0.9, 0.005)
    assert float(precision_at(0.7, allowed, 0.005)) == pytest.approx(0.9)
    assert negatives_needed(0.7, 0.9, 0.005, 0.95) == number_without_event(allowed, 0.95)
    assert negatives_needed(0.7, 0.9, 0.005, 0.95) == pytest.approx(7700, rel=0.01)


def test_a_share_outside_its_range_is_refused():
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        lower_bound(1.2, 10, 0.95)
    with pytest.raises(ValueError, match="confidence"):
        lower_bound(0.2, 10, 1.0)
    with pytest.raises(ValueError, match=r"\(0, 1\)"):
        number_without_event(0.0, 0.95)
