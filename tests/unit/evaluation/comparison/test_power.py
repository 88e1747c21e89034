"""What a comparison can show: worked by hand, and held against simulated experiments."""

import numpy as np
import pytest
from scipy.stats import norm

from adverts.evaluation.comparison.power import adverts_needed, smallest_visible, standard_error


def test_the_smallest_visible_difference_lies_the_level_and_the_power_away():
    assert smallest_visible(0.01, 500) == pytest.approx(0.01 * (norm.ppf(0.95) + norm.ppf(0.8)))


def test_half_the_difference_takes_four_times_the_adverts():
    visible = smallest_visible(0.01, 500)
    assert adverts_needed(1000, 0.01, 500, relevant=visible / 2) == pytest.approx(4000, abs=1)


def test_no_more_adverts_are_needed_where_these_are_enough():
    assert adverts_needed(1000, 0.01, 500, relevant=0.03) is None


def test_ten_clusters_without_a_difference_rule_out_no_more_than_a_quarter():
    # 0.2589 is the 95 % bound on a share of which ten trials showed none
    assert smallest_visible(0.0, 10) == pytest.approx(0.2589, abs=1e-4)


def test_a_hundred_clusters_without_a_difference_rule_out_three_points():
    assert adverts_needed(20, 0.0, 10, relevant=0.03) == pytest.approx(2 * 98.4, abs=1)
    assert smallest_visible(0.0, 99) <= 0.03 < smallest_visible(0.0, 98)


def test_the_standard_error_is_the_spread_of_the_defined_resamples():
    samples = np.append(np.random.default_rng(0).normal(0, 0.02, 999), np.nan)
    assert standard_error(samples) == pytest.approx(np.nanstd(samples, ddof=1))


@pytest.mark.parametrize(
    "samples", [[], [0.1], [0.1, 0.2, np.nan], [np.nan] * 50], ids=["none", "one", "third", "all"]
)
def test_without_enough_defined_resamples_there_is_no_standard_error(samples):
    assert standard_error(np.array(samples, dtype=float)) is None


def experiment(rng, shift, clusters=300):
    """Return clustered paired differences of mean ``shift``, three copies in a cluster."""
    return np.repeat(rng.normal(shift, 0.3, clusters), 3) + rng.normal(0, 0.05, 3 * clusters)


def bootstrap(rng, values, resamples=400):
    whole = values.reshape(-1, 3).mean(axis=1)
    return whole[rng.integers(0, len(whole), (resamples, len(whole)))].mean(axis=1)


def test_a_planted_difference_of_the_smallest_visible_size_is_seen_four_times_in_five():
    rng = np.random.default_rng(7)
    error = np.sqrt((0.3**2 + 0.05**2 / 3) / 300)
    planted = smallest_visible(error, 300)
    runs = [bootstrap(rng, experiment(rng, planted)) for _ in range(500)]
    seen = np.mean([np.quantile(samples, 0.05) > 0 for samples in runs])
    assert np.mean([standard_error(samples) for samples in runs]) == pytest.approx(error, rel=0.02)
    assert 0.75 <= seen <= 0.85


def test_two_models_that_hardly_differ_on_ten_clusters_are_not_shown_alike():
    assert smallest_visible(0.0002, 10) == smallest_visible(0.0, 10)
    assert adverts_needed(20, 0.0002, 10, relevant=0.03) == adverts_needed(
        20, 0.0, 10, relevant=0.03
    )
