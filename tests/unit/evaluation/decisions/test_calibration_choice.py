"""The rule of one standard error, worked by hand: copies of an advert are no evidence for a map."""

import numpy as np
import pytest

from adverts.evaluation.decisions.calibration_choice import _simplest
from adverts.runtime.rules.calibration import METHODS

CLUSTERS, COPIES = 10, 10


def chosen(excess, cluster_of):
    """Choose between the simplest map, worse by ``excess`` in the mean, and the next, the best.

    The excess of half of the clusters is one above the mean, that of the others one below. Of
    single adverts the standard error is 1 / sqrt(100) = 0.1, of ten clusters of ten copies it is
    1 / sqrt(10) = 0.32.
    """
    number = CLUSTERS * COPIES
    sign = np.where(np.arange(number) // COPIES % 2 == 0, 1.0, -1.0)
    best = np.full(number, 2.0)
    losses = {method: best + 5.0 for method in METHODS}
    losses |= {METHODS[0]: best + excess + sign, METHODS[1]: best}
    return _simplest(losses, np.ones(number), cluster_of)


@pytest.mark.parametrize(("excess", "place"), [(0.31, 0), (0.32, 1), (0.0, 0)])
def test_copies_in_one_cluster_are_one_observation(excess, place):
    cluster_of = np.repeat(np.arange(CLUSTERS), COPIES)
    assert chosen(excess, cluster_of) == METHODS[place]


@pytest.mark.parametrize(("excess", "place"), [(0.09, 0), (0.11, 1), (0.2, 1)])
def test_adverts_of_their_own_clusters_are_each_one(excess, place):
    assert chosen(excess, np.arange(CLUSTERS * COPIES)) == METHODS[place]


def test_the_best_is_chosen_however_complicated_where_all_others_are_clearly_worse():
    number = 100
    losses = {method: np.full(number, 3.0) for method in METHODS} | {METHODS[-1]: np.ones(number)}
    assert _simplest(losses, np.ones(number), np.arange(number)) == METHODS[-1]
