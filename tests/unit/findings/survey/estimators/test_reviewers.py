"""Reviewers' errors: known from items with known truth, and paid for by the interval."""

import numpy as np
import pytest
from scipy.stats import beta, binom

from adverts_findings.survey.designs.strata import advert_draws, line_draws, whole_draws
from adverts_findings.survey.estimators.by_design import estimate_total
from adverts_findings.survey.estimators.reviewers import (
    Known,
    ReviewerError,
    corrected_share,
    estimate_total_with_errors,
    from_adjudicated,
)

FRAME = 10_000


def labels(hits, number):
    return line_draws("one", [1] * hits + [0] * (number - hits), 1.0, 1 / FRAME, FRAME)


def test_the_correction_is_that_of_rogan_and_gladen():
    assert corrected_share(0.24, 0.1, 0.8) == pytest.approx(0.2)
    assert corrected_share(0.05, 0.1, 0.8) == 0.0
    assert corrected_share(0.9, 0.1, 0.8) == 1.0
    assert corrected_share(0.5, 0.6, 0.4) == 0.0


@pytest.mark.parametrize("right", [0, 3, 12])
def test_known_items_have_the_bounds_of_clopper_and_pearson(right):
    found = Known(right, 12).possible(np.random.default_rng(0), 200_000)
    low = beta.ppf(0.025, right, 13 - right) if right else 0.0
    high = beta.ppf(0.975, right + 1, 12 - right) if right < 12 else 1.0
    assert np.quantile(found.low, 0.025) == pytest.approx(low, abs=0.003)
    assert np.quantile(found.high, 0.975) == pytest.approx(high, abs=0.003)


def test_the_interval_is_that_of_bayer_fay_and_graubard_for_one_stratum():
    error = ReviewerError(Known(45, 50), Known(96, 100))
    found = estimate_total_with_errors([labels(30, 200)], error, frame_total=FRAME, draws=200_000)
    rng = np.random.default_rng(9)

    def corrected(apparent, false, true):
        return np.clip((apparent - false) / (true - false), 0, 1)

    low = corrected(rng.beta(30, 171, 400_000), rng.beta(5, 96, 400_000), rng.beta(46, 5, 400_000))
    high = corrected(rng.beta(31, 170, 400_000), rng.beta(4, 97, 400_000), rng.beta(45, 6, 400_000))
    assert found.low / FRAME == pytest.approx(np.quantile(low, 0.025), rel=0.02)
    assert found.high / FRAME == pytest.approx(np.quantile(high, 0.975), rel=0.02)
    assert found.value / FRAME == pytest.approx((0.15 - 0.04) / (0.9 - 0.04))


def test_reviewers_who_are_surely_right_change_next_to_nothing():
    sure = ReviewerError(Known(1e7, 1e7), Known(1e7, 1e7))
    plain = estimate_total([labels(9, 300)], frame_total=FRAME)
    found = estimate_total_with_errors([labels(9, 300)], sure, frame_total=FRAME)
    assert (found.value, found.low, found.high) == pytest.approx(
        (plain.value, plain.low, plain.high), rel=1e-3
    )


def test_errors_that_are_less_known_make_a_wider_interval():
    few = ReviewerError(Known(19, 20), Known(99, 100))
    many = ReviewerError(Known(1900, 2000), Known(9900, 10_000))
    wide = estimate_total_with_errors([labels(30, 300)], few, frame_total=FRAME)
    narrow = estimate_total_with_errors([labels(30, 300)], many, frame_total=FRAME)
    assert wide.low < narrow.low
    assert wide.high > narrow.high


def test_rare_positives_drown_in_false_alarms():
    error = ReviewerError(Known(95, 100), Known(995, 1000))
    found = estimate_total_with_errors([labels(4, 800)], error, frame_total=FRAME)
    assert found.low == 0.0


def test_reviewers_no_better_than_chance_say_nothing():
    found = estimate_total_with_errors(
        [labels(5, 10)], ReviewerError(Known(5, 10), Known(5, 10)), frame_total=FRAME
    )
    assert found.value is None
    assert found.reason.startswith("cannot say")


def test_exact_coverage_for_few_labels_and_few_known_items():
    number, items = 12, 6
    intervals = np.array(
        [
            [
                [ends_of(hits, number, right, quiet, items) for quiet in range(items + 1)]
                for right in range(items + 1)
            ]
            for hits in range(number + 1)
        ]
    )
    worst = 1.0
    for share in (0.0, 0.05, 0.2, 0.5):
        for sensitivity in (0.7, 0.95, 1.0):
            for specificity in (0.8, 0.95, 1.0):
                apparent = share * sensitivity + (1 - share) * (1 - specificity)
                chance = np.einsum(
                    "i,j,k->ijk",
                    binom.pmf(np.arange(number + 1), number, apparent),
                    binom.pmf(np.arange(items + 1), items, sensitivity),
                    binom.pmf(np.arange(items + 1), items, specificity),
                )
                low, high = np.moveaxis(intervals, -1, 0)
                inside = (low <= share + 1e-9) & (high >= share - 1e-9)
                worst = min(worst, (chance * inside).sum())
    assert worst >= 0.95


def ends_of(hits, number, right, quiet, items):
    found = estimate_total_with_errors(
        [labels(hits, number)],
        ReviewerError(Known(right, items), Known(quiet, items)),
        frame_total=FRAME,
        draws=500,
    )
    return (0.0, 1.0) if found.value is None else (found.low / FRAME, found.high / FRAME)


def test_an_adjudicated_part_with_equal_weights_counts_its_adverts():
    truth = np.array([True] * 20 + [False] * 30)
    said = np.array([True] * 18 + [False] * 2 + [True] * 1 + [False] * 29)
    found = from_adjudicated(truth, said, np.full(50, 7.0))
    assert found.sensitivity.share == pytest.approx(18 / 20)
    assert found.specificity.share == pytest.approx(29 / 30)
    assert found.sensitivity.items == pytest.approx(20, rel=0.06)


def test_unequal_weights_are_worth_fewer_items():
    truth, said = np.array([True] * 40 + [False]), np.array([True, False] * 20 + [False])
    weights = np.array([1.0] * 20 + [10.0] * 20 + [1.0])
    found = from_adjudicated(truth, said, weights)
    assert 15 < found.sensitivity.items < 30
    sure = from_adjudicated(truth, truth, weights)
    assert sure.sensitivity.share == 1.0
    assert sure.sensitivity.items == pytest.approx(220**2 / (20 + 2000))


def test_what_teaches_nothing_is_refused():
    with pytest.raises(ValueError, match="want at least one of each"):
        from_adjudicated([True, True], [True, True], [1.0, 1.0])
    with pytest.raises(ValueError, match="want at least one"):
        Known(0, 0)
    with pytest.raises(ValueError, match="7 right of 5 known items"):
        Known(7, 5)


def test_a_small_finite_stratum_is_corrected_too():
    error = ReviewerError(Known(95, 100), Known(99, 100))
    found = estimate_total_with_errors(
        [advert_draws("one", [1] * 20 + [0] * 20, 40)], error, frame_total=40
    )
    assert 12 < found.low < found.value < found.high < 30


def test_what_may_be_wrong_has_the_upper_bound_of_clopper_and_pearson():
    assert Known(97, 100).wrong_at_most(0.95) == pytest.approx(beta.ppf(0.975, 4, 97))
    assert Known(0, 5).wrong_at_most(0.95) == 1.0


def test_labels_that_may_be_wrong_leave_chance_where_everything_is_labelled():
    rng, truth, missed = np.random.default_rng(3), np.array([1] * 10 + [0] * 190), 0
    error = ReviewerError(Known(9_000, 10_000), Known(95_000, 100_000))
    for _ in range(200):
        said = rng.random(200) < np.where(truth == 1, 0.9, 0.05)
        draws = [advert_draws("one", said, 200)]
        found = estimate_total_with_errors(draws, error, frame_total=200, draws=500)
        missed += not found.low <= 10 <= found.high
    assert missed <= 18  # 10 expected at 95 %
    with pytest.raises(ValueError, match="is certain, but reviewers err"):
        estimate_total_with_errors([whole_draws("one", 3.0)], error, frame_total=20)
