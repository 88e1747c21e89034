import numpy as np
import pytest

from adverts.bundle.quantise.rounding import round_weights


def features(rows, seed, spread=4.0):
    """Rows whose features go together, as those of an encoder do."""
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(6, 24)) * spread
    return (rng.normal(size=(rows, 6)) @ mixing + rng.normal(size=(rows, 24))).astype(np.float32)


def lost(codes, scales, weights, rows):
    return float(np.square(rows @ (codes * scales - weights)).mean())


@pytest.fixture
def weights():
    return np.random.default_rng(1).normal(size=(24, 10)).astype(np.float32)


def test_errors_that_are_made_good_lose_less_on_data_that_was_not_seen(weights):
    scales = np.abs(weights).max(axis=0) / 15
    seen, unseen = features(400, 2), features(400, 2)[::-1] + features(400, 5, spread=0)
    codes = round_weights(weights, scales, seen.T @ seen, largest=15)
    nearest = np.rint(weights / scales)
    assert lost(codes, scales, weights, unseen) < 0.5 * lost(nearest, scales, weights, unseen)


def test_features_that_have_nothing_to_do_with_each_other_are_rounded_to_the_nearest(weights):
    scales = np.abs(weights).max(axis=0) / 127
    codes = round_weights(weights, scales, np.diag(np.arange(1.0, 25)), largest=127)
    np.testing.assert_array_equal(codes, np.rint(weights / scales))


def test_more_rows_than_are_rounded_together_give_the_same(weights, monkeypatch):
    scales = np.abs(weights).max(axis=0) / 15
    products = features(400, 2).T.astype(float) @ features(400, 2)
    whole = round_weights(weights, scales, products, largest=15)
    monkeypatch.setattr("adverts.bundle.quantise.rounding._ROWS_TOGETHER", 7)
    np.testing.assert_array_equal(round_weights(weights, scales, products, largest=15), whole)


def test_features_that_were_never_seen_and_large_errors_stay_within_eight_bits(weights):
    scales = np.full(10, 0.002)
    codes = round_weights(weights, scales, np.zeros((24, 24)), largest=127)
    assert codes.dtype == np.int8
    assert np.abs(codes.astype(int)).max() == 127
