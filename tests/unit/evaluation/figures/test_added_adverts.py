"""By how much adverts that were added raise the average precision of a queue."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from adverts.evaluation.figures.evidence import gain_by_added


def gain(scores, labels, is_added, clusters=None, seed=0):
    clusters = [str(i) for i in range(len(scores))] if clusters is None else clusters
    return gain_by_added(scores, labels, clusters, is_added, resamples=200, seed=seed)


def drawn(rng, count, skill):
    labels = rng.random(count) < 0.3
    return rng.normal(size=count) + skill * labels, labels


@pytest.mark.parametrize(("skill", "easier"), [(1.5, False), (4.0, True), (0.0, False)])
def test_easier_adverts_raise_it_surely_and_others_do_not(skill, easier):
    rng = np.random.default_rng(3)
    (then, known), (more, new) = drawn(rng, 600, 1.5), drawn(rng, 300, skill)
    found = gain(np.concatenate([then, more]), np.concatenate([known, new]), np.arange(900) >= 600)
    assert (found.low > 0) == easier


def test_it_is_the_difference_at_the_share_of_positives_of_all():
    rng = np.random.default_rng(4)
    scores, labels = drawn(rng, 500, 2.0)
    added = ~labels & (rng.random(500) < 0.5)  # half of the negatives: the share falls with them
    weights = np.where(~labels, (~labels).sum() / (~labels & ~added).sum(), 1.0)
    without = average_precision_score(labels[~added], scores[~added], sample_weight=weights[~added])
    found = gain(scores, labels, added)
    assert found.value == pytest.approx(average_precision_score(labels, scores) - without)


@pytest.mark.parametrize("copies", [False, True])
def test_positives_alone_make_a_queue_easier_however_hard_they_are(copies):
    rng = np.random.default_rng(7)
    scores, labels = drawn(rng, 600, 1.5)
    more = scores[labels] if copies else rng.normal(size=180) + 1.5
    clusters = [*map(str, range(600)), *(f"new {i}" for i in range(len(more)))]
    if copies:
        clusters[600:] = [clusters[i] for i in np.flatnonzero(labels)]
    every, truth = (
        np.concatenate([scores, more]),
        np.concatenate([labels, np.ones(len(more), bool)]),
    )
    found = gain(every, truth, np.arange(len(every)) >= 600, clusters)
    assert found.low > 0


def test_many_negatives_that_no_model_confuses_are_easier_too():
    rng = np.random.default_rng(5)
    scores, labels = drawn(rng, 600, 1.5)
    every = np.concatenate([scores, np.full(3000, -9.0)])
    found = gain(every, np.concatenate([labels, np.zeros(3000, bool)]), np.arange(3600) >= 600)
    assert found.low > 0


def test_rewordings_in_one_cluster_are_one_observation():
    rng = np.random.default_rng(6)
    scores, labels = drawn(rng, 600, 1.5)
    every = np.concatenate([scores, np.full(40, 1.9)])
    clusters = [*map(str, range(600)), *["one"] * 40]
    found = gain(
        every, np.concatenate([labels, np.ones(40, bool)]), np.arange(640) >= 600, clusters
    )
    assert found.value > 0
    assert found.low <= 0


@pytest.mark.parametrize("labels", [[True] * 4, [False] * 4, [True, False, False, False]])
def test_where_a_label_lacks_among_the_earlier_ones_nothing_is_said(labels):
    found = gain(np.arange(4.0), np.array(labels), np.array([True, False, False, False]))
    assert found.value is None
