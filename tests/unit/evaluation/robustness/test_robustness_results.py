"""Recall kept, worst of k and false positives gained, worked by hand; draws of whole clusters."""

import numpy as np
import pytest

from adverts.evaluation.robustness.drawn_adverts import draw_clusters
from adverts.evaluation.robustness.robustness_results import Decided, count, lack_of

ONES = np.ones((1, 8), dtype=np.float32)
# Six positives, of which the model finds the first four, then two negatives, one flagged.
POSITIVE = np.array([1, 1, 1, 1, 1, 1, 0, 0], dtype=bool)
BEFORE = np.array([1, 1, 1, 1, 0, 0, 0, 1], dtype=bool)
AFTER = np.array([[1, 1, 1, 0, 1, 0, 1, 1], [1, 1, 0, 1, 1, 0, 0, 0]], dtype=bool)


def figures(weights=ONES, after=AFTER):
    return Decided(POSITIVE, BEFORE, after)(weights)[0].tolist()


def test_figures_of_two_draws_by_hand():
    # Draw 1 finds 4 and draw 2 finds 4 of 6, where 4 were found: 1.0 is kept. Two of the four are
    # found in both draws. Of two negatives, one is gained in one draw of two.
    assert figures() == pytest.approx([1.0, 0.5, 0.25])


def test_a_weighted_advert_counts_as_often_as_it_is_drawn():
    weights = np.array([[1, 1, 3, 0, 0, 0, 3, 1]], dtype=np.float32)
    # Found before: 5; after: (5 + 2) / 2; always: 2; gained: 3 / 2 of 4 negatives.
    assert figures(weights) == pytest.approx([3.5 / 5, 2 / 5, 1.5 / 4])


def test_what_is_decided_as_before_keeps_everything():
    assert figures(after=np.tile(BEFORE, (3, 1))) == [1.0, 1.0, 0.0]


def test_a_model_that_loses_everything_keeps_nothing():
    assert figures(after=np.zeros((2, 8), dtype=bool)) == [0.0, 0.0, 0.0]


def test_a_missed_advert_that_a_disguise_makes_found_never_raises_the_worst():
    everything = np.ones((1, 8), dtype=bool)
    assert figures(after=everything) == pytest.approx([6 / 4, 1.0, 0.5])


def test_without_a_found_positive_or_a_negative_a_figure_is_undefined():
    nobody = np.array([[0, 0, 0, 0, 1, 1, 0, 0]], dtype=np.float32)
    assert np.isnan(figures(nobody)).all()


def counted(clusters, *, positives, negatives=0):
    size = positives + negatives
    positive = np.arange(size) < positives
    decided = Decided(positive, positive, np.tile(positive, (2, 1)))
    return count(decided, clusters, resamples=50, seed=0)


def test_too_few_clusters_give_no_figure_and_say_how_many_are_wanted():
    found = counted([f"c{i % 3}" for i in range(30)], positives=30)
    assert found.recall_kept.value is None
    assert found.recall_kept.reason == "3 clusters whose positive adverts it finds, wanted 10"
    assert found.false_positives_gained.reason == "0 clusters with negative adverts, wanted 10"
    assert lack_of(found) == f"{found.recall_kept.reason}; {found.false_positives_gained.reason}"


def test_enough_positives_are_judged_without_negatives():
    found = counted([f"c{i}" for i in range(12)], positives=12)
    assert (found.recall_kept.value, found.worst_recall_kept.value) == (1.0, 1.0)
    assert found.false_positives_gained.value is None
    assert lack_of(found) is None


def test_enough_negatives_are_judged_without_positives():
    found = counted([f"c{i}" for i in range(12)], positives=0, negatives=12)
    assert found.recall_kept.value is None
    assert found.false_positives_gained.value == 0.0
    assert lack_of(found) is None


def test_intervals_hold_the_figure_and_are_of_whole_clusters():
    positive = np.ones(400, dtype=bool)
    after = (np.arange(400) % 4 > 0)[None]
    decided = Decided(positive, positive, after)
    alone = count(decided, [f"c{i}" for i in range(400)], resamples=400, seed=0).recall_kept
    campaigns = count(
        Decided(positive, positive, np.repeat([[1, 1, 1, 0] * 5], 20, axis=1).astype(bool)),
        [f"c{i // 20}" for i in range(400)],
        resamples=400,
        seed=0,
    ).recall_kept
    assert alone.value == campaigns.value == 0.75
    assert alone.low < 0.75 < alone.high
    assert campaigns.high - campaigns.low > 3 * (alone.high - alone.low)


CLUSTERS = [f"p{i // 2}" for i in range(40)] + [f"n{i}" for i in range(200)]
IS_POSITIVE = np.arange(240) < 40


def test_clusters_are_drawn_whole_and_half_of_the_places_go_to_each_kind():
    rows = draw_clusters(CLUSTERS, IS_POSITIVE, adverts=50, seed=0)
    drawn = [CLUSTERS[row] for row in rows]
    assert len(rows) == 50
    assert all(drawn.count(cluster) == CLUSTERS.count(cluster) for cluster in drawn)
    assert 24 <= IS_POSITIVE[rows].sum() <= 26


def test_places_that_one_kind_cannot_fill_go_to_the_other():
    rows = draw_clusters(CLUSTERS, IS_POSITIVE, adverts=200, seed=0)
    assert (len(rows), IS_POSITIVE[rows].sum()) == (200, 40)


def test_all_are_drawn_where_there_is_room():
    assert draw_clusters(CLUSTERS, IS_POSITIVE, adverts=999, seed=0).tolist() == list(range(240))


def test_the_seed_decides_what_is_drawn():
    one, same, other = (
        draw_clusters(CLUSTERS, IS_POSITIVE, adverts=50, seed=seed).tolist() for seed in (1, 1, 2)
    )
    assert one == same != other


def test_a_cluster_that_does_not_fit_is_passed_over():
    clusters = ["large"] * 30 + [f"n{i}" for i in range(20)]
    rows = draw_clusters(clusters, np.arange(50) < 30, adverts=10, seed=0)
    assert len(rows) == 10
    assert min(rows) >= 30


def test_of_nothing_nothing_is_drawn():
    assert draw_clusters([], np.zeros(0, dtype=bool), adverts=10, seed=0).tolist() == []


def test_a_disguise_that_loses_nothing_has_an_exact_interval_and_copies_make_it_wide():
    positive = np.arange(100) < 50
    decided = Decided(positive, positive, np.tile(positive, (2, 1)))
    alone = count(decided, [str(i) for i in range(100)], resamples=100, seed=0)
    copied = count(decided, [str(i // 5) for i in range(100)], resamples=100, seed=0)
    assert alone.recall_kept.low == pytest.approx(0.025 ** (1 / 50))
    assert copied.recall_kept.low == pytest.approx(0.025 ** (1 / 10))
    assert alone.false_positives_gained.high == pytest.approx(1 - 0.025 ** (1 / 50))
    assert (alone.recall_kept.high, alone.false_positives_gained.low) == (1.0, 0.0)
