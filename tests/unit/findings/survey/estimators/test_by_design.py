"""The estimate by design: its figure, its ends, and when it cannot be given."""

import numpy as np
import pytest

from adverts_findings.survey.designs.strata import (
    StratumDraws,
    advert_draws,
    line_draws,
    whole_draws,
)
from adverts_findings.survey.estimators.by_design import (
    FEWEST_LABELS,
    estimate_total,
    too_few_labels,
    unsayable,
)


def binary(hits, labels):
    return [1] * hits + [0] * (labels - hits)


def strata(low=0, high=5):
    return [
        line_draws("low", binary(low, 600), 1.0, 1 / 90_000, 90_000),
        advert_draws("high", binary(high, 50), 400),
    ]


def test_the_figure_is_the_weighted_sum():
    found = estimate_total(strata(1, 5), frame_total=90_400)
    assert found.value == pytest.approx(90_000 / 600 + 5 * 400 / 50)
    assert found.reason is None
    assert found.low < found.value < found.high


def test_without_a_positive_there_is_an_upper_bound():
    found = estimate_total(strata(0, 0), frame_total=90_400)
    assert (found.value, found.low) == (0.0, 0.0)
    assert found.high == pytest.approx(3.69 * 90_000 / 600, rel=0.03)


def test_where_everything_is_labelled_nothing_is_uncertain():
    whole = [advert_draws("a", binary(3, 9), 9), whole_draws("b", 4.0)]
    found = estimate_total(whole, frame_total=20)
    assert (found.low, found.value, found.high) == pytest.approx((7, 7, 7))


def test_the_upper_end_is_at_most_the_frame():
    found = estimate_total([line_draws("a", [1, 1, 0], 1.0, 1 / 30, 30.0)], frame_total=30)
    assert found.high <= 30


def test_more_confidence_is_a_wider_interval():
    wide = estimate_total(strata(1), frame_total=90_400, level=0.99)
    narrow = estimate_total(strata(1), frame_total=90_400, level=0.9)
    assert wide.low < narrow.low
    assert wide.high > narrow.high


def test_a_total_that_one_advert_could_change_too_much_cannot_be_given():
    views = [line_draws("a", binary(0, 100), [1.0] * 100, 0.001, 50_000.0)]
    assert unsayable(views, 20_000.0) is None
    assert "cannot say: one positive that was not drawn could add 50% of" in unsayable(views, 1000)


def test_few_labels_of_a_group_say_nothing():
    assert too_few_labels(FEWEST_LABELS, 5_000) is None
    assert too_few_labels(29, 5_000) == "cannot say: 29 labels of 5,000 adverts, want at least 30"
    assert too_few_labels(12, 12) is None


def test_a_seed_gives_the_same_interval_and_another_nearly_so():
    first, again = (estimate_total(strata(2), frame_total=90_400) for _ in range(2))
    other = estimate_total(strata(2), frame_total=90_400, seed=1)
    assert first == again
    assert other.high == pytest.approx(first.high, rel=0.03)


@pytest.mark.parametrize(("level", "frame"), [(0.0, 10), (1.0, 10), (0.95, 0)])
def test_a_level_or_frame_that_makes_no_sense_is_refused(level, frame):
    with pytest.raises(ValueError, match="must be"):
        estimate_total(strata(), frame_total=frame, level=level)


def test_values_that_are_no_numbers_are_refused():
    with pytest.raises(ValueError, match="finite numbers"):
        StratumDraws("a", np.array([np.nan]), 1.0)
