"""The ROC curve: scikit-learn's on every rate, ties in random order, no curve without a class."""

import evaluation_examples as examples
import numpy as np
import pytest
from sklearn import metrics

from adverts.evaluation.figures.curves import RATES, RecallAtRates, roc_curve
from adverts.evaluation.statistics.bootstrap import Resampled
from adverts.evaluation.truth import judge


def curve_of(scores, positive, weights=None):
    targets = np.stack([~positive, positive], axis=1).astype(np.float32)
    said = np.stack([1 - scores, scores], axis=1)
    statistic = RecallAtRates(judge(examples.REFER, targets), said)
    return statistic(np.ones((1, len(scores)), np.float32) if weights is None else weights)


@pytest.mark.parametrize("decimals", [1, 8], ids=["many-ties", "hardly-a-tie"])
def test_the_curve_is_that_of_scikit_learn(decimals):
    rng = np.random.default_rng(0)
    positive = rng.random(300) < 0.3
    scores = np.round(rng.random(300) * 0.6 + 0.3 * positive, decimals)
    false, true, _ = metrics.roc_curve(positive, scores, drop_intermediate=False)
    assert curve_of(scores, positive)[0] == pytest.approx(np.interp(RATES, false, true))


def test_weights_are_counts_of_adverts():
    rng = np.random.default_rng(1)
    positive = rng.random(60) < 0.4
    scores = np.round(rng.random(60), 1)
    weights = rng.integers(0, 4, 60)
    false, true, _ = metrics.roc_curve(
        positive, scores, sample_weight=weights, drop_intermediate=False
    )
    found = curve_of(scores, positive, weights[None].astype(np.float32))
    assert found[0] == pytest.approx(np.interp(RATES, false, true))


def test_one_and_the_same_score_for_all_is_the_diagonal():
    positive = np.arange(20) < 5
    assert curve_of(np.full(20, 0.5), positive)[0] == pytest.approx(RATES)


@pytest.mark.parametrize("positive", [np.zeros(9, bool), np.ones(9, bool)], ids=["none", "all"])
def test_without_a_class_there_is_no_curve(positive):
    found = curve_of(np.linspace(0, 1, 9), positive)
    assert np.isnan(found).all()
    assert roc_curve("text", Resampled(found[0], found)) is None


def test_the_band_leaves_out_resamples_without_a_class_and_holds_the_curve():
    rng = np.random.default_rng(2)
    positive = rng.random(200) < 0.4
    drawn = rng.integers(0, 3, (100, 200)).astype(np.float32)
    drawn[0, positive] = 0
    scores = rng.random(200) * 0.5 + 0.4 * positive
    point = curve_of(scores, positive)[0]
    found = roc_curve("text", Resampled(point, curve_of(scores, positive, drawn)))
    assert np.isfinite(found.low).all()
    assert (np.array(found.low) <= np.array(found.recall) + 1e-5).all()
    assert (np.array(found.recall) <= np.array(found.high) + 1e-5).all()
