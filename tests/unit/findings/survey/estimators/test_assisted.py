"""The assisted estimate: narrow where scores are good, and plain about what it assumes."""

import numpy as np
import pytest

from adverts_findings.survey.designs.strata import advert_draws
from adverts_findings.survey.estimators.assisted import (
    Lowest,
    ScoredLabels,
    difference_draws,
    estimate_assisted_total,
)
from adverts_findings.survey.estimators.by_design import estimate_total
from adverts_findings.survey.estimators.reviewers import Known, ReviewerError

NONE_LOW = Lowest(predicted=4.0, adverts=50_000, labels=600, positives=0)


def frame(seed=0, adverts=2_000):
    rng = np.random.default_rng(seed)
    predicted = rng.beta(0.4, 1.2, adverts)
    return predicted, (rng.random(adverts) < predicted).astype(float), rng


def scored(predicted, positive, drawn, name="high"):
    return ScoredLabels(
        name,
        positive[drawn],
        predicted[drawn],
        len(predicted),
        float(predicted.mean()),
        float(predicted.min()),
        float(predicted.max()),
    )


def test_the_mean_over_samples_is_the_truth():
    predicted, positive, rng = frame()
    totals = []
    for seed in range(1500):
        drawn = rng.choice(len(predicted), 60, replace=False)
        draws, shift = difference_draws([scored(predicted, positive, drawn)], seed=seed)
        totals.append(draws[0].estimate + shift)
    error = np.std(totals) / np.sqrt(len(totals))
    assert np.mean(totals) == pytest.approx(positive.sum(), abs=3 * error)


def test_the_interval_holds_the_truth_whatever_the_scores_are_worth():
    predicted, positive, rng = frame(1)
    for worth in (predicted, 1 - predicted, rng.permutation(predicted), predicted / 3):
        misses = 0
        for seed in range(150):
            drawn = rng.choice(len(predicted), 60, replace=False)
            found = estimate_assisted_total(
                [scored(worth, positive, drawn)],
                Lowest(0.0, 10, 2, 0),
                seed=seed,
                draws=500,
            )
            misses += not found.low <= positive.sum() <= found.high
        assert misses <= 14  # 8 expected at 95 %


def test_good_scores_narrow_the_interval_and_useless_ones_do_not_widen_it_much():
    predicted, positive, rng = frame(2)
    sharp = np.clip(0.96 * positive + 0.02, 0, 1)
    drawn = rng.choice(len(predicted), 120, replace=False)
    plain = estimate_total(
        [advert_draws("high", positive[drawn], len(predicted))], frame_total=2_000
    )
    nothing = Lowest(0.0, 10, 2, 0)
    good = estimate_assisted_total([scored(sharp, positive, drawn)], nothing)
    poor = estimate_assisted_total([scored(rng.permutation(predicted), positive, drawn)], nothing)
    assert good.high - good.low < 0.4 * (plain.high - plain.low)
    assert poor.high - poor.low < 1.1 * (plain.high - plain.low)


def test_without_a_spread_of_scores_it_is_the_estimate_by_design():
    predicted, positive, rng = frame(3)
    flat = np.full(len(predicted), 0.3)
    drawn = rng.choice(len(predicted), 100, replace=False)
    plain = estimate_total(
        [advert_draws("high", positive[drawn], len(predicted))], frame_total=2_000
    )
    found = estimate_assisted_total([scored(flat, positive, drawn)], Lowest(0.0, 10, 2, 0))
    assert found.value == pytest.approx(plain.value)
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))


def test_what_is_assumed_of_the_lowest_stratum_is_in_the_interval_and_said():
    predicted, positive, rng = frame(4)
    drawn = rng.choice(len(predicted), 100, replace=False)
    without = estimate_assisted_total([scored(predicted, positive, drawn)], Lowest(0, 10, 2, 0))
    found = estimate_assisted_total([scored(predicted, positive, drawn)], NONE_LOW)
    assert found.value - without.value == pytest.approx(4.0)
    assert found.high - without.high == pytest.approx(12.0)
    assert found.low == pytest.approx(without.low)
    assert found.reason == (
        "Assumed: the lowest stratum holds at most 12 positives, 3 times the 4 of calibration."
    )


def test_positives_in_the_lowest_stratum_refute_the_assumption():
    predicted, positive, rng = frame(5)
    drawn = rng.choice(len(predicted), 100, replace=False)
    found = estimate_assisted_total(
        [scored(predicted, positive, drawn)], Lowest(4.0, 50_000, 600, 3)
    )
    assert found.value is None
    assert found.reason == (
        "cannot say: 3 positives among 600 labels of the lowest stratum contradict the assumption "
        "of at most 12 among 50,000 adverts"
    )
    assert NONE_LOW.refuted() is None
    assert Lowest(40.0, 50_000, 600, 1).refuted() is None
    assert Lowest(0.0, 50_000, 600, 1).refuted() is not None


def test_reviewers_errors_widen_it():
    predicted, positive, rng = frame(6)
    drawn = rng.choice(len(predicted), 100, replace=False)
    labels = [scored(predicted, positive, drawn)]
    plain = estimate_assisted_total(labels, NONE_LOW)
    found = estimate_assisted_total(
        labels, NONE_LOW, reviewers=ReviewerError(Known(95, 100), Known(990, 1000))
    )
    assert found.high - found.low > plain.high - plain.low


def test_a_frame_that_is_all_labelled_leaves_only_the_assumption():
    predicted, positive, _ = frame(7, adverts=40)
    found = estimate_assisted_total([scored(predicted, positive, np.arange(40))], NONE_LOW)
    assert found.low == pytest.approx(positive.sum(), abs=1e-6)
    assert found.high == pytest.approx(positive.sum() + 12.0, abs=1e-6)


def test_wrong_shapes_and_factors_are_refused():
    with pytest.raises(ValueError, match="each with a score"):
        ScoredLabels("a", np.ones(3), np.ones(2), 10, 0.5, 0.1, 0.9)
    with pytest.raises(ValueError, match="want at least 1"):
        Lowest(1.0, 10, 2, 0, factor=0.5)


def test_no_label_has_a_part_in_its_own_coefficient():
    predicted, positive, rng = frame(8)
    drawn = rng.choice(len(predicted), 50, replace=False)
    predicted = np.where(rng.random(len(predicted)) < 0.5, predicted, rng.permutation(predicted))
    flipped = positive.copy()
    flipped[drawn[7]] = 1 - flipped[drawn[7]]
    before, after = (
        (one[drawn] - difference_draws([scored(predicted, one, drawn)])[0][0].values / 2_000)
        / predicted[drawn]
        for one in (positive, flipped)
    )
    assert after[7] == pytest.approx(before[7])
    changed = ~np.isclose(before, after)
    assert changed.sum() == 40  # all folds but its own


def test_false_alarms_of_reviewers_are_not_held_against_the_assumption():
    predicted, positive, rng = frame(9)
    drawn = rng.choice(len(predicted), 100, replace=False)
    labels = [scored(predicted, positive, drawn)]
    sloppy = ReviewerError(Known(95, 100), Known(990, 1000))
    few, many = (Lowest(4.0, 50_000, 600, hits) for hits in (6, 30))
    assert few.refuted() is not None
    assert estimate_assisted_total(labels, few, reviewers=sloppy).value is not None
    assert estimate_assisted_total(labels, many, reviewers=sloppy).value is None
