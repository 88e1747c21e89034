"""The limit of the early exit: an exact bound over clusters, fixed before any score is seen."""

import numpy as np
import pytest
from scipy.stats import beta

from adverts.errors import InputError
from adverts.evaluation.decisions.exit_limits import exit_limit, lost_allowed, lowest_by_cluster


def limit(odds, *, clusters=None, reaches=None, max_loss=0.01, confidence=0.95):
    odds = np.asarray(odds, dtype=float)
    return exit_limit(
        "refer",
        "yes",
        odds,
        np.ones(len(odds), bool) if reaches is None else np.asarray(reaches),
        [f"c{i}" for i in range(len(odds))] if clusters is None else clusters,
        max_loss=max_loss,
        confidence=confidence,
    )


@pytest.mark.parametrize(
    ("clusters", "max_loss", "wanted"),
    [(298, 0.01, None), (299, 0.01, 0), (472, 0.01, 0), (473, 0.01, 1), (148, 0.02, None)],
)
def test_so_many_clusters_may_be_lost(clusters, max_loss, wanted):
    assert lost_allowed(clusters, max_loss, 0.95) == wanted


@pytest.mark.parametrize("clusters", [299, 473, 700, 3_000, 40_000])
def test_the_number_is_the_largest_whose_exact_bound_keeps_the_promise(clusters):
    lost = lost_allowed(clusters, 0.01, 0.95)
    assert beta.ppf(0.95, lost + 1, clusters - lost) <= 0.01
    assert beta.ppf(0.95, lost + 2, clusters - lost - 1) > 0.01


def test_with_too_few_clusters_there_is_no_limit_and_the_missing_ones_are_counted():
    found = limit(np.arange(190))
    assert found.value is None
    assert "190 positive clusters" in found.lack
    assert "109 more are missing" in found.lack


def test_without_a_positive_there_is_no_limit():
    found = limit([])
    assert found.value is None
    assert "299 more are missing" in found.lack


def test_the_limit_is_the_lowest_positive_where_none_may_be_lost():
    found = limit(np.arange(300.0)[::-1] - 5)
    assert (found.value, found.clusters, found.lost) == (-5.0, 300, 0)
    assert 0 < found.lost_high <= 0.01


def test_positives_under_the_recall_threshold_are_not_counted():
    odds = np.arange(400.0)
    assert limit(odds, reaches=odds >= 50).value == 50.0
    assert limit(odds, reaches=odds >= 150).value is None


def test_a_cluster_is_lost_by_its_lowest_positive_that_reaches_the_threshold():
    odds, names = np.arange(600.0), [f"c{i % 300}" for i in range(600)]
    assert limit(odds, clusters=names).value == 0.0
    assert limit(odds, clusters=names, reaches=odds >= 300).value == 300.0
    assert lowest_by_cluster(np.array([3.0, 1.0, 2.0]), ["a", "a", "b"]).tolist() == [1.0, 2.0]


def test_copies_of_one_advert_are_one_cluster():
    assert limit(np.zeros(10_000), clusters=["one"] * 10_000).value is None


def test_of_equal_scores_none_is_under_the_limit():
    found = limit(np.full(1_000, 0.25))
    assert (found.value, found.lost) == (0.25, 0)


def test_an_unknown_score_counts_as_the_lowest():
    odds = np.arange(300.0)
    odds[7] = np.nan
    found = limit(odds)
    assert found.value is None
    assert "no score" in found.lack


@pytest.mark.parametrize(("max_loss", "confidence"), [(0, 0.95), (1, 0.95), (0.01, 1), (0.01, 0)])
def test_a_promise_without_doubt_or_without_content_is_refused(max_loss, confidence):
    with pytest.raises(InputError, match="exit.max_loss"):
        limit(np.arange(500), max_loss=max_loss, confidence=confidence)


@pytest.mark.parametrize("clusters", [299, 450, 700])
def test_the_promise_is_kept_in_at_least_935_of_1000_draws(clusters):
    random = np.random.default_rng(7)
    kept = 0
    for _ in range(1_000):
        odds = random.uniform(size=clusters)
        kept += limit(odds).value <= 0.01  # the share of all positives under it
    assert kept >= 935


def test_a_limit_at_the_observed_share_would_break_the_promise():
    random = np.random.default_rng(7)
    kept = 0
    for _ in range(1_000):
        kept += np.sort(random.uniform(size=700))[7] <= 0.01  # 1 % of 700 are under it
    assert kept < 700
