"""Enumerate every sample of a tiny frame: estimates and their variances have no bias."""

from itertools import combinations, product

import numpy as np
import pytest

from adverts.estimation.estimators.horvitz_thompson import (
    ClusterSample,
    Figure,
    effective_labels,
    korn_graubard,
    two_stage_total,
)

FRAME = [[1, 0, 1], [0, 0], [1, 1, 0, 1], [0, 1]]


def every_sample(clusters_drawn, adverts_drawn):
    """Yield each sample of clusters and adverts with its probability."""
    for chosen in combinations(FRAME, clusters_drawn):
        within = [list(combinations(one, min(adverts_drawn, len(one)))) for one in chosen]
        for rows in product(*within):
            number = np.prod([len(one) for one in within])
            sizes = np.array([len(one) for one in chosen], dtype=float)
            values = [np.array(row, dtype=float) for row in rows]
            yield ClusterSample(len(FRAME), sizes, values), 1 / number


@pytest.mark.parametrize("drawn", [(2, 2), (3, 2), (2, 3)])
def test_the_mean_over_all_samples_is_the_truth_and_so_is_the_mean_variance(drawn):
    found = [(two_stage_total([one]), weight) for one, weight in every_sample(*drawn)]
    chance = np.array([weight for _, weight in found])
    chance /= chance.sum()
    totals = np.array([one.value for one, _ in found])
    variances = np.array([one.standard_error**2 for one, _ in found])
    assert chance @ totals == pytest.approx(sum(map(sum, FRAME)))
    assert chance @ variances == pytest.approx(chance @ (totals - chance @ totals) ** 2)


def test_a_frame_that_is_labelled_whole_has_no_error():
    values = [np.array(one, dtype=float) for one in FRAME]
    found = two_stage_total([ClusterSample(4, np.array([3.0, 2, 4, 2]), values)])
    assert (found.value, found.standard_error) == (6.0, 0.0)


def test_without_a_standard_error_all_labels_count():
    assert effective_labels(Figure(0.0, 0.0), 40, degrees=39, level=0.95) == 40.0
    low, high = korn_graubard(Figure(0.0, 0.0), 40, degrees=39, level=0.95)
    assert low == 0.0
    assert high == pytest.approx(1 - 0.025 ** (1 / 40))
    assert korn_graubard(Figure(1.0, 0.0), 40, degrees=39, level=0.95)[1] == 1.0


def test_more_rows_than_clusters_are_refused():
    with pytest.raises(ValueError, match="one row of values a cluster"):
        ClusterSample(1, np.array([2.0, 2.0]), [np.ones(1), np.ones(1)])
    with pytest.raises(ValueError, match="3 values of a cluster of 2 adverts"):
        ClusterSample(1, np.array([2.0]), [np.ones(3)])
