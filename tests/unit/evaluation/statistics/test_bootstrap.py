"""Resamples of whole clusters: the same as drawing them by hand, and paired across statistics."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, cohen_kappa_score, f1_score, roc_auc_score

from adverts.advert import Task
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.statistics.bootstrap import Bench, Resampled, difference, estimate, resample
from adverts.evaluation.truth import judge

QUEUE = Task("refer", "single", ("no", "yes"), "yes")
LEVELS = Task("risk", "ordinal", ("0", "1", "2", "3"))


def adverts(n=120, seed=0, decimals=2):
    rng = np.random.default_rng(seed)
    score = rng.random(n).round(decimals)
    positive = rng.random(n) < score
    clusters = [f"c{i}" for i in rng.integers(0, n // 3, n)]
    return score, positive, clusters


def queue_figures(score, positive):
    targets = np.stack([~positive, positive], axis=1).astype(np.float32)
    return FigureSet(judge(QUEUE, targets), np.stack([1 - score, score], axis=1), precision=0.7)


class Weights:
    """A statistic that is the weighting itself."""

    def __call__(self, weights_RN):
        return weights_RN.astype(float)


def drawn(clusters, resamples=50, seed=0):
    return resample([Weights()], clusters, resamples=resamples, seed=seed)[0].samples


def test_every_resample_draws_whole_clusters_and_as_many_as_there_are():
    _, _, clusters = adverts()
    names = np.array(clusters)
    for weights in drawn(clusters):
        counts = [set(weights[names == name]) for name in set(clusters)]
        assert all(len(count) == 1 for count in counts)
        assert sum(count.pop() for count in counts) == len(counts)


def test_clusters_are_drawn_uniformly():
    weights = drawn(["a", "b", "c", "d"], resamples=4000)
    np.testing.assert_allclose(weights.mean(axis=0), 1.0, atol=0.06)
    np.testing.assert_allclose((weights == 0).mean(axis=0), (3 / 4) ** 4, atol=0.03)


@pytest.mark.parametrize("decimals", [1, 6], ids=["many-ties", "few-ties"])
def test_a_weighting_gives_the_metrics_of_the_repeated_adverts(decimals):
    score, positive, clusters = adverts(decimals=decimals)
    weightings = drawn(clusters, resamples=20)
    found = queue_figures(score, positive)(weightings.astype(np.float32))
    for weights, figures in zip(weightings, found, strict=True):
        rows = np.repeat(np.arange(len(score)), weights.astype(int))
        truth, said = positive[rows], score[rows]
        decided = said > 0.5
        expected = [
            average_precision_score(truth, said),
            roc_auc_score(truth, said),
            f1_score(truth, decided, average="macro"),
            (truth == decided).mean(),
        ]
        np.testing.assert_allclose(figures[[0, 1, 3, 4]], expected)


def test_a_weighting_gives_the_ordinal_metrics_of_the_repeated_adverts():
    rng = np.random.default_rng(1)
    labels = rng.integers(0, 4, 90)
    said = rng.dirichlet(np.ones(4), 90)
    clusters = [f"c{i}" for i in rng.integers(0, 30, 90)]
    weightings = drawn(clusters, resamples=10)
    figures = FigureSet(judge(LEVELS, np.eye(4, dtype=np.float32)[labels]), said, precision=0.9)
    decided = (np.cumsum(said, axis=1) >= 0.5).argmax(axis=1)
    for weights, (kappa, mae, macro_f1, *_) in zip(
        weightings, figures(weightings.astype(np.float32)), strict=True
    ):
        rows = np.repeat(np.arange(90), weights.astype(int))
        expected = cohen_kappa_score(
            labels[rows], decided[rows], labels=range(4), weights="quadratic"
        )
        by_level = [
            np.abs(decided[rows] - level)[labels[rows] == level].mean()
            for level in set(labels[rows])
        ]
        assert kappa == pytest.approx(expected)
        assert mae == pytest.approx(np.mean(by_level))
        assert macro_f1 == pytest.approx(
            f1_score(labels[rows], decided[rows], average="macro", labels=range(4))
        )


def test_a_resample_without_a_positive_is_undefined_not_zero():
    figures = queue_figures(np.array([0.9, 0.1]), np.array([True, False]))
    assert np.isnan(figures(np.array([[0, 2]], dtype=np.float32))[0, 0])


def test_the_draws_depend_on_the_seed_alone():
    score, positive, clusters = adverts()
    alone = resample([Weights()], clusters, resamples=30, seed=3)[0]
    beside = resample([queue_figures(score, positive), Weights()], clusters, resamples=30, seed=3)[
        1
    ]
    np.testing.assert_array_equal(alone.samples, beside.samples)
    assert not np.array_equal(alone.samples, drawn(clusters, resamples=30, seed=4))


def test_the_number_of_adverts_at_once_changes_nothing(monkeypatch):
    _, _, clusters = adverts()
    whole = drawn(clusters, resamples=30)
    monkeypatch.setattr("adverts.evaluation.statistics.bootstrap._CHUNK_WEIGHTS", 7 * len(clusters))
    np.testing.assert_array_equal(drawn(clusters, resamples=30), whole)


def test_the_difference_of_a_model_and_itself_is_zero_throughout():
    score, positive, clusters = adverts()
    first, second = resample(
        [queue_figures(score, positive), queue_figures(score, positive)],
        clusters,
        resamples=200,
        seed=0,
    )
    gap = difference(first, second, 0)
    assert (gap.value, gap.low, gap.high) == (0.0, 0.0, 0.0)


def test_a_paired_difference_is_narrower_than_two_intervals_suggest():
    score, positive, clusters = adverts(n=300)
    nearly = np.clip(score + np.random.default_rng(5).normal(0, 0.02, 300), 0, 1)
    first, second = resample(
        [queue_figures(score, positive), queue_figures(nearly, positive)],
        clusters,
        resamples=400,
        seed=0,
    )
    gap = difference(first, second, 0)
    alone = estimate(first.point[0], first.samples[:, 0])
    assert gap.high - gap.low < 0.5 * (alone.high - alone.low)


def test_posts_of_one_campaign_do_not_narrow_the_interval():
    score, positive, _ = adverts(n=60, decimals=6)
    names = [f"c{i}" for i in range(60)]
    once = resample([queue_figures(score, positive)], names, resamples=400, seed=0)[0]
    copies = np.repeat(np.arange(60), 5)
    many = resample(
        [queue_figures(score[copies], positive[copies])],
        [names[i] for i in copies],
        resamples=400,
        seed=0,
    )[0]
    widths = [np.ptp(np.quantile(r.samples[:, 0], [0.025, 0.975])) for r in (once, many)]
    assert widths[1] == pytest.approx(widths[0], rel=0.15)


def test_the_interval_of_a_mean_agrees_with_the_textbook():
    values = np.random.default_rng(0).normal(0, 1, 400)
    samples = drawn([str(i) for i in range(400)], resamples=2000) @ values / 400
    found = estimate(values.mean(), samples)
    half = 1.96 * values.std() / 20
    assert found.low == pytest.approx(values.mean() - half, abs=0.02)
    assert found.high == pytest.approx(values.mean() + half, abs=0.02)


def test_the_interval_holds_the_middle_95_percent_of_the_resamples():
    found = estimate(0.5, np.linspace(0, 1, 1001))
    assert (found.low, found.high) == (pytest.approx(0.025), pytest.approx(0.975))


def test_resamples_that_differ_by_rounding_alone_still_have_their_middle_inside():
    noise = 0.5 + 1e-13 * np.linspace(0, 1, 1001)
    found = estimate(0.5, noise)
    assert found.low < np.median(noise) < found.high


def test_an_undefined_figure_has_no_value_and_says_why():
    found = estimate(float("nan"), np.full(10, np.nan))
    assert found.value is None
    assert "undefined" in found.reason


def test_a_figure_that_is_often_undefined_has_no_interval():
    found = estimate(0.5, np.array([0.5] * 9 + [np.nan]))
    assert (found.value, found.low) == (0.5, None)
    assert "10%" in found.reason


def test_one_cluster_gives_an_interval_without_width_and_says_so():
    score, positive, _ = adverts()
    found = resample([queue_figures(score, positive)], ["one"] * 120, resamples=50, seed=0)[0]
    one = estimate(found.point[0], found.samples[:, 0])
    assert one.low == one.high
    assert "no resample differs" in one.reason


def test_a_result_is_not_there_before_the_bench_has_run():
    result = Bench().add(Weights())
    with pytest.raises(RuntimeError, match=r"Bench\.run"):
        _ = result.value


def test_nothing_to_resample_is_refused():
    with pytest.raises(ValueError, match="no advert"):
        resample([], [], resamples=10, seed=0)


def test_progress_counts_every_resample_also_where_they_are_many_at_a_time():
    done = []
    resample([], ["a", "b"] * 5000, resamples=123, seed=0, progress=done.append)
    assert done == [40, 40, 40, 3]


def test_difference_subtracts_the_reference():
    better = Resampled(np.array([0.9]), np.array([[0.9], [0.8]]))
    worse = Resampled(np.array([0.5]), np.array([[0.5], [0.6]]))
    assert difference(better, worse, 0).value == pytest.approx(0.4)


@pytest.mark.slow
def test_two_thousand_resamples_of_a_hundred_thousand_adverts_are_feasible():
    score, positive, clusters = adverts(n=100_000, decimals=9)
    found = resample([queue_figures(score, positive)], clusters, resamples=2000, seed=0)[0]
    assert np.isfinite(found.samples).all()


def test_a_long_tail_below_moves_both_ends_down():
    tail = 1 - np.random.default_rng(0).exponential(0.1, 20_000)
    found = estimate(0.9, tail)
    plain = np.quantile(tail, [0.025, 0.975])
    assert found.low < plain[0]
    assert found.high < plain[1]


def test_the_ends_agree_with_scipy_where_scipy_is_given_the_acceleration():
    from scipy.stats import norm, skew

    samples = np.random.default_rng(1).gamma(16, size=5000)
    found = estimate(float(samples.mean()), samples)
    reach, bend = norm.ppf([0.025, 0.975]), skew(samples) / 6
    expected = np.quantile(samples, norm.cdf(reach / (1 - bend * reach)))
    assert (found.low, found.high) == pytest.approx(tuple(expected))
