"""Figures of campaigns by advertiser, against cases worked out by hand and against 0029."""

import figures
import numpy as np
import pytest
from sklearn.metrics.cluster import pair_confusion_matrix

EVEN = np.ones((1, 2))
CAMPAIGNS = ["c1", "c1", "c2", "c2", "c2", "c1"]
WHO = ["A", "A", "A", "B", "B", None]


def of(campaigns, who, weights=None):
    counts = figures.count(campaigns, who)
    even = np.ones((1, len(counts.sizes)))
    found = counts.figures(even if weights is None else np.array([weights], float))[0]
    return dict(zip(figures.NAMES, found.tolist(), strict=True))


def test_a_case_worked_out_by_hand():
    found = of(CAMPAIGNS, WHO)
    assert found["pair_precision"] == pytest.approx(2 / 4)  # c1 has one pair, c2 three
    assert found["pair_recall"] == pytest.approx(2 / 4)  # A has three pairs, B has one
    assert found["b_cubed_precision"] == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert found["b_cubed_recall"] == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)


def test_pairs_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    campaigns, who = rng.integers(0, 9, 200).tolist(), rng.integers(0, 5, 200).tolist()
    (_, wrong), (missed, right) = pair_confusion_matrix(who, campaigns)
    found = of(campaigns, who)
    assert found["pair_precision"] == pytest.approx(right / (right + wrong))
    assert found["pair_recall"] == pytest.approx(right / (right + missed))


def test_adverts_that_nobody_joins_have_no_precision_of_pairs_and_no_f1():
    found = of([1, 2, 3, 4], ["A", "A", "B", "B"])
    assert np.isnan(found["pair_precision"])
    assert found["pair_recall"] == found["pair_f1"] == 0
    assert found["b_cubed_precision"] == 1
    assert found["b_cubed_recall"] == 0.5


def test_an_advertiser_that_is_not_drawn_counts_neither_for_nor_against():
    assert of(CAMPAIGNS, WHO, [1, 0]) == of(CAMPAIGNS[:3], WHO[:3])


def test_an_advertiser_drawn_twice_is_two_who_have_nothing_to_do_with_each_other():
    who = ["A", "A", "A", "B", "B", "D", "D", "D"]
    twice = ["c1", "c1", "c2", "c2", "c2", "c3", "c3", "c2"]
    found, by_hand = of(CAMPAIGNS, WHO, [2, 1]), of(twice, who)
    assert found["pair_recall"] == pytest.approx(by_hand["pair_recall"])
    assert found["b_cubed_recall"] == pytest.approx(by_hand["b_cubed_recall"])
    assert found["pair_precision"] > by_hand["pair_precision"]  # the copies are not held together


def test_nothing_that_is_known_is_refused():
    with pytest.raises(ValueError, match="no advertiser is known"):
        figures.count([1], [None])


def test_draws_hold_as_many_advertisers_as_there_are():
    drawn = figures.draw(7, seed=1, resamples=50)
    assert drawn.shape == (50, 7)
    assert (drawn.sum(axis=1) == 7).all()


def test_a_figure_that_most_draws_do_not_have_has_no_interval():
    assert figures.interval(np.array([np.nan, np.nan, 1.0])) is None
    assert figures.interval(np.array([np.nan, 1.0, 1.0])) == (1.0, 1.0)
