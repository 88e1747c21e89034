"""Draws on a line: in proportion to size, spread over clusters, never wider than a binomial."""

import numpy as np
import pytest
from scipy.stats import binom

from adverts_findings.survey.designs.drawing import (
    draw_adverts,
    draw_on_line,
    line_order,
    mixed_sizes,
)


def test_clusters_lie_side_by_side_in_random_order():
    clusters = np.array([2, 0, 2, 1, 0, 2, 1])
    seen = set()
    for seed in range(40):
        order = line_order(clusters, np.random.default_rng(seed))
        assert sorted(order) == list(range(7))
        runs = clusters[order][np.diff(clusters[order], prepend=-1) != 0]
        assert len(runs) == 3
        seen.add(tuple(runs))
    assert len(seen) == 6


def test_an_advert_is_drawn_as_often_as_its_length_says():
    sizes = np.array([1.0, 5.0, 0.0, 2.0, 2.0])
    rng = np.random.default_rng(0)
    counts = sum(np.bincount(draw_on_line(sizes, 4, rng), minlength=5) for _ in range(20_000))
    assert counts / 20_000 == pytest.approx(4 * sizes / sizes.sum(), abs=0.02)
    assert counts[2] == 0


def test_no_cluster_is_drawn_much_more_often_than_its_size_asks():
    clusters = np.repeat(np.arange(20), 10)
    rng = np.random.default_rng(0)
    for _ in range(50):
        order = line_order(clusters, rng)
        drawn = clusters[order[draw_on_line(np.ones(200), 20, rng)]]
        assert np.bincount(drawn).max() <= 2  # each has the length of one piece


def test_as_many_draws_as_adverts_take_each_of_them_once():
    drawn = draw_on_line(np.ones(50), 50, np.random.default_rng(0))
    assert list(drawn) == list(range(50))


@pytest.mark.parametrize("copies", [1, 7, 40])
def test_the_number_of_positives_varies_no_more_than_a_binomial(copies):
    rng = np.random.default_rng(1)
    clusters = np.repeat(np.arange(400 // copies + 1), copies)[:400]
    positive = (clusters % 5 == 0) ^ (rng.random(400) < 0.1)
    counts = []
    for _ in range(4_000):
        order = line_order(clusters, rng)
        counts.append(positive[order[draw_on_line(np.ones(400), 25, rng)]].sum())
    share = positive.mean()
    assert np.mean(counts) == pytest.approx(25 * share, abs=0.15)
    assert np.var(counts) <= 1.06 * 25 * share * (1 - share)
    few = int(binom.ppf(0.02, 25, share))
    assert np.mean(np.array(counts) <= few) <= binom.cdf(few, 25, share) + 0.006


def test_a_mixed_line_serves_adverts_and_views():
    views = np.array([0.0, 10.0, 1000.0, 5.0])
    lengths = mixed_sizes(views)
    assert lengths.sum() == pytest.approx(1)
    assert (1 / lengths).max() <= 2 * 4
    assert (views / lengths).max() <= 2 * views.sum()
    assert mixed_sizes(np.zeros(4)) == pytest.approx(0.25)


def test_draws_without_replacement_differ():
    drawn = draw_adverts(9, 9, np.random.default_rng(0))
    assert list(drawn) == list(range(9))
    with pytest.raises(ValueError, match="cannot draw 10 of 9"):
        draw_adverts(9, 10, np.random.default_rng(0))


def test_lines_without_length_are_refused():
    rng = np.random.default_rng(0)
    for sizes in ([], [0.0, 0.0], [1.0, -1.0, 3.0]):
        with pytest.raises(ValueError, match="at least 0, and one of them above"):
            draw_on_line(sizes, 3, rng)
    with pytest.raises(ValueError, match="views must be at least 0"):
        mixed_sizes([-1.0])
    assert len(line_order([], rng)) == 0
