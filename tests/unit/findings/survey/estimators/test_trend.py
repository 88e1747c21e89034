"""Two weeks side by side: change is said only where the labels show it."""

import numpy as np
import pytest

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.designs.strata import StratumDraws, line_draws
from adverts_findings.survey.estimators.reviewers import Known, ReviewerError
from adverts_findings.survey.estimators.trend import (
    TrendChange,
    TrendDifference,
    Week,
    changes,
    difference_of_weeks,
    holm,
    shared_draws,
)

FRAME = 10_000


def week(hits, labels=400, adverts=FRAME):
    draws = line_draws("one", [1] * hits + [0] * (labels - hits), 1.0, 1 / adverts, adverts)
    return Week([draws], adverts)


def test_the_difference_of_equal_weeks_is_not_detectable():
    found = difference_of_weeks(week(8), week(8))
    assert found.estimate.value == 0.0
    assert found.estimate.low < 0 < found.estimate.high
    assert changes([found]) == [TrendChange.NONE_DETECTED]


def test_a_large_change_is_detected_both_ways():
    more, less = difference_of_weeks(week(4), week(40)), difference_of_weeks(week(40), week(4))
    assert changes([more, less]) == [TrendChange.MORE, TrendChange.LESS]
    assert more.estimate.low > 0
    assert more.estimate.value == pytest.approx(900)


@pytest.mark.parametrize("grows", [True, False])
def test_the_interval_excludes_nought_where_the_p_value_is_below_five_percent(grows):
    for hits in range(4, 30, 2):
        weeks = (week(4), week(hits)) if grows else (week(hits), week(4))
        found = difference_of_weeks(*weeks)
        excluded = found.estimate.low > 0 or found.estimate.high < 0
        assert excluded == (found.p_value < 0.05) or abs(found.p_value - 0.05) < 0.004


def test_weeks_without_change_are_seldom_said_to_differ():
    rng = np.random.default_rng(0)
    pairs = rng.binomial(400, 0.02, (400, 2))
    wrong = sum(
        difference_of_weeks(week(int(a)), week(int(b)), draws=1_000).p_value < 0.05
        for a, b in pairs
    )
    assert wrong <= 30  # 20 expected at 5 %


def test_the_difference_holds_the_truth():
    rng = np.random.default_rng(1)
    missed = 0
    for _ in range(300):
        found = difference_of_weeks(
            week(int(rng.binomial(400, 0.01))), week(int(rng.binomial(400, 0.03))), draws=1_000
        ).estimate
        missed += not found.low <= 200 <= found.high
    assert missed <= 24  # 15 expected at 95 %


def test_clusters_in_both_weeks_narrow_the_difference():
    hits = np.array([1.0] * 30 + [0.0] * 370) * FRAME
    draws = StratumDraws("both", hits, FRAME)
    grown = StratumDraws("both", np.where(np.arange(400) < 33, FRAME, 0.0), FRAME)
    together = difference_of_weeks(
        Week([], FRAME), Week([], FRAME), shared=[shared_draws(draws, grown)]
    ).estimate
    apart = difference_of_weeks(Week([draws], FRAME), Week([grown], FRAME)).estimate
    assert together.value == pytest.approx(apart.value)
    assert together.high - together.low < 0.6 * (apart.high - apart.low)


def test_shared_clusters_hold_the_truth_in_both_directions():
    rng = np.random.default_rng(2)
    missed = 0
    for _ in range(300):
        first = (rng.random(200) < 0.05) * 1.0
        second = np.where(rng.random(200) < 0.1, rng.random(200) < 0.05, first) * 1.0
        found = difference_of_weeks(
            Week([], FRAME),
            Week([], FRAME),
            shared=[
                shared_draws(
                    StratumDraws("a", first * FRAME, FRAME),
                    StratumDraws("a", second * FRAME, FRAME),
                )
            ],
            draws=1_000,
        ).estimate
        missed += not found.low <= 0 <= found.high
    assert missed <= 24


def test_other_draws_are_no_shared_draws():
    one, two = StratumDraws("a", np.zeros(3), 1.0), StratumDraws("a", np.zeros(4), 1.0)
    with pytest.raises(ValueError, match="want the same draws"):
        shared_draws(one, two)


def test_holm_is_the_hand_worked_case():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_many_weeks_pay_for_their_number():
    one = TrendDifference(Estimate(5.0, 1.0, 9.0), 0.03)
    other = TrendDifference(Estimate(-5.0, -9.0, 2.0), 0.4)
    assert changes([one]) == [TrendChange.MORE]
    assert changes([one, other]) == [TrendChange.NONE_DETECTED] * 2


def test_false_alarms_of_a_larger_frame_are_no_growth():
    sloppy = ReviewerError(Known(950, 1000), Known(9500, 10_000))
    small, large = week(20, 400, FRAME), week(20, 400, 4 * FRAME)
    plain = difference_of_weeks(small, large)
    corrected = difference_of_weeks(small, large, reviewers=sloppy)
    assert plain.estimate.value == pytest.approx(1500)
    assert corrected.estimate.value == pytest.approx(0.0, abs=1e-6)
    assert corrected.estimate.low < 0 < corrected.estimate.high


def test_reviewers_who_may_be_no_better_than_chance_leave_no_difference():
    blind = ReviewerError(Known(2, 3), Known(2, 3))
    found = difference_of_weeks(week(4), week(40), reviewers=blind).estimate
    assert found.low == -np.inf
    assert found.high == np.inf


def test_the_interval_is_the_melded_one_of_two_shares():
    found = difference_of_weeks(week(3), week(12), draws=200_000).estimate
    rng = np.random.default_rng(4)
    low = rng.beta(12, 389, 200_000) - rng.beta(4, 397, 200_000)
    high = rng.beta(13, 388, 200_000) - rng.beta(3, 398, 200_000)
    assert found.low / FRAME == pytest.approx(np.quantile(low, 0.025), rel=0.03)
    assert found.high / FRAME == pytest.approx(np.quantile(high, 0.975), rel=0.03)
