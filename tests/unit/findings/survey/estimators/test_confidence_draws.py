"""Bounds are those of Clopper and Pearson, and of the hypergeometric; sums pay for all strata."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binom, gamma, hypergeom

from adverts_findings.survey.designs.strata import (
    StratumDraws,
    advert_draws,
    line_draws,
    whole_draws,
)
from adverts_findings.survey.estimators.by_design import ends
from adverts_findings.survey.estimators.confidence_draws import possible_totals


def binary(hits, labels):
    return np.array([1.0] * hits + [0.0] * (labels - hits))


def on_a_line(hits, labels, adverts, name="one"):
    return line_draws(name, binary(hits, labels), 1.0, 1 / adverts, adverts)


@pytest.mark.parametrize("hits", [0, 1, 7, 39, 40])
def test_one_stratum_of_independent_draws_has_the_bounds_of_clopper_and_pearson(hits):
    found = possible_totals([on_a_line(hits, 40, 1000)], draws=200_000)
    low = beta.ppf(0.025, hits, 41 - hits) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, 40 - hits) if hits < 40 else 1.0
    assert np.quantile(found.low, 0.025) == pytest.approx(1000 * low, rel=0.02)
    assert np.quantile(found.high, 0.975) == pytest.approx(1000 * high, rel=0.02)


@pytest.mark.parametrize("hits", [0, 1, 5, 11, 12])
def test_adverts_drawn_without_replacement_have_the_exact_bounds(hits):
    found = possible_totals([advert_draws("one", binary(hits, 12), 30)], draws=200_000)
    totals = np.arange(hits, 30 - 12 + hits + 1)
    above = hypergeom.sf(hits - 1, 30, totals, 12)
    below = hypergeom.cdf(hits, 30, totals, 12)
    assert (found.high[:, None] > totals - 0.5).mean(axis=0) == pytest.approx(below, abs=0.005)
    assert (found.low[:, None] < totals + 0.5).mean(axis=0) == pytest.approx(above, abs=0.005)


def test_equal_weights_give_the_bound_of_all_labels_together():
    strata = [
        on_a_line(hits, 500, 50_000, name) for name, hits in zip("abc", (0, 2, 1), strict=True)
    ]
    found = possible_totals(strata, draws=200_000)
    together = 100 * gamma.ppf(0.975, 3 + 1)
    assert np.quantile(found.high, 0.975) == pytest.approx(together, rel=0.02)


def test_values_in_a_range_are_bounded_by_a_phantom_of_the_largest():
    values = np.array([0.0, 0.0, 30.0, 10.0])
    found = possible_totals([StratumDraws("one", values, largest=100.0)], draws=200_000)
    assert found.high.mean() == pytest.approx((40 + 100) / 5, rel=0.01)
    assert found.low.mean() == pytest.approx(40 / 5, rel=0.01)


def test_what_is_taken_whole_is_certain():
    found = possible_totals([whole_draws("one", 37.0)])
    assert (found.low == 37.0).all()
    assert (found.high == 37.0).all()
    everything = possible_totals([advert_draws("one", binary(3, 9), 9)])
    assert everything.low == pytest.approx(3.0)
    assert everything.high == pytest.approx(3.0)


def test_without_a_stratum_there_is_nothing():
    assert not possible_totals([]).high.any()


def test_many_values_have_the_spread_of_few_alike():
    rng = np.random.default_rng(0)
    alike = np.array([0.0, 1.0] * 20)
    different = alike + rng.uniform(-1e-6, 1e-6, 40).clip(0)
    few = possible_totals([StratumDraws("one", alike * 200, 200.0, finite=200)], draws=100_000)
    many = possible_totals([StratumDraws("one", different * 200, 201.0, finite=200)], draws=100_000)
    assert np.quantile(many.low, [0.025, 0.975]) == pytest.approx(
        np.quantile(few.low, [0.025, 0.975]), rel=0.02
    )


counts = st.lists(
    st.tuples(st.integers(0, 6), st.integers(6, 30), st.integers(40, 5000)), min_size=1, max_size=4
)


@settings(max_examples=25, deadline=None)
@given(counts, st.randoms(use_true_random=False))
def test_the_order_of_strata_and_labels_changes_nothing(strata, random):
    made = [on_a_line(*one) for one in strata]
    shuffled = [
        line_draws("other", random.sample(list(binary(hits, labels)), labels), 1.0, 1 / n, n)
        for hits, labels, n in strata
    ]
    random.shuffle(shuffled)
    first, second = (possible_totals(one, draws=200) for one in (made, shuffled))
    assert first.low == pytest.approx(second.low)
    assert first.high == pytest.approx(second.high)


@settings(max_examples=25, deadline=None)
@given(counts, st.integers(2, 50))
def test_a_frame_so_many_times_larger_has_bounds_so_many_times_larger(strata, times):
    first = possible_totals([on_a_line(*one) for one in strata], draws=200)
    larger = [on_a_line(hits, labels, n * times) for hits, labels, n in strata]
    second = possible_totals(larger, draws=200)
    assert second.low == pytest.approx(first.low * times)
    assert second.high == pytest.approx(first.high * times)


@settings(max_examples=25, deadline=None)
@given(counts)
def test_a_stratum_without_adverts_adds_nothing(strata):
    made = [on_a_line(*one) for one in strata]
    first = possible_totals(made, draws=200)
    second = possible_totals([*made, whole_draws("none", 0.0)], draws=200)
    assert second.high == pytest.approx(first.high)


def coverage(frame, labels, intervals, probabilities):
    """Return the exact coverage of totals, given the chance of each number of positives."""
    total, found = frame, 0.0
    for hits, (low, high) in intervals.items():
        chance = np.prod([p[x] for p, x in zip(probabilities, hits, strict=True)])
        found += chance * (low - 1e-9 <= total <= high + 1e-9)
    return found


def every_interval(make, labels):
    grid = np.stack(np.meshgrid(*[np.arange(n + 1) for n in labels]), -1).reshape(-1, len(labels))
    return {hits: ends(possible_totals(make(hits), draws=4_000), 0.95) for hits in map(tuple, grid)}


def test_exact_coverage_of_every_frame_of_two_strata_drawn_without_replacement():
    adverts, labels = (24, 10), (7, 4)
    intervals = every_interval(
        lambda hits: [
            advert_draws(str(i), binary(x, n), size)
            for i, (x, n, size) in enumerate(zip(hits, labels, adverts, strict=True))
        ],
        labels,
    )
    worst = min(
        coverage(
            first + second,
            labels,
            intervals,
            [
                hypergeom.pmf(np.arange(n + 1), size, k, n)
                for n, size, k in zip(labels, adverts, (first, second), strict=True)
            ],
        )
        for first in range(25)
        for second in range(11)
    )
    assert worst >= 0.95


@pytest.mark.parametrize(
    "adverts",
    [
        (1000, 100, 10),
        pytest.param((100, 100, 100), marks=pytest.mark.slow),
        pytest.param((90, 60, 700), marks=pytest.mark.slow),
    ],
)
def test_exact_coverage_of_three_strata_of_independent_draws(adverts):
    labels = (6, 4, 3)
    intervals = every_interval(
        lambda hits: [
            on_a_line(x, n, size, str(size + i))
            for i, (x, n, size) in enumerate(zip(hits, labels, adverts, strict=True))
        ],
        labels,
    )
    shares = (0.0, 0.01, 0.1, 0.3, 0.5, 0.8, 0.97, 1.0)
    grid = np.stack(np.meshgrid(shares, shares, shares), -1).reshape(-1, 3)
    worst = min(
        coverage(
            float(np.dot(adverts, share)),
            labels,
            intervals,
            [binom.pmf(np.arange(n + 1), n, p) for n, p in zip(labels, share, strict=True)],
        )
        for share in grid
    )
    assert worst >= 0.95
