"""What a desk finds with its budget: worked by hand, played through day by day, and refused."""

import dataclasses

import evaluation_examples as examples
import numpy as np
import pytest

from adverts.evaluation.figures.budgets import Desk, budget_figures
from adverts.evaluation.figures.review_queue import Queue, collapsed, posts

ALL = Desk("all", (), daily_adverts=200, prevalence=0.4, reviews=40)


def figures(desk=ALL, said=None, wanted=None, least=10):
    return budget_figures(
        examples.predictions() if said is None else said,
        examples.targets() if wanted is None else wanted,
        (desk,),
        task="refer",
        min_positive_clusters=least,
        resamples=200,
        seed=0,
    )


def at(items, reviews, daily=100, prevalence=0.5, weights=None):
    queue = Queue(items, daily_adverts=daily, prevalence=prevalence, reviews=[reviews])
    rows = np.ones((1, int(items.rows.max()) + 1), np.float32)
    return queue(rows if weights is None else weights)[0]


def four(scores=(0.9, 0.8, 0.7, 0.1)):
    return posts(np.array(scores), np.array([True, False, True, False]), np.arange(4))


@pytest.mark.parametrize(
    ("reviews", "precision", "recall"),
    [
        (25, 1.0, 0.5),  # each of the four stands for 25 adverts of the day
        (50, 0.5, 0.5),
        (75, 2 / 3, 1.0),
        (100, 0.5, 1.0),
        (10, 1.0, 0.2),
        (60, 35 / 60, 0.7),
        (1000, 0.5, 1.0),
    ],
)
def test_a_day_of_four_kinds_of_adverts_worked_by_hand(reviews, precision, recall):
    np.testing.assert_allclose(at(four(), reviews), [precision, recall])


def test_equal_scores_at_the_cut_are_looked_at_in_random_order():
    np.testing.assert_allclose(at(four((0.5, 0.5, 0.5, 0.5)), 20), [0.5, 0.2])


def test_prevalence_weighs_the_answers():
    # of 1,000 a day 10 are positive: 5 above the first negative, which stands for 495 adverts
    np.testing.assert_allclose(at(four(), 500, daily=1000, prevalence=0.01), [5 / 500, 0.5])


def test_a_weighting_is_a_set_of_repeated_adverts():
    rng = np.random.default_rng(0)
    scores, positive = rng.random(60).round(1), rng.random(60) < 0.3
    counts = rng.integers(0, 4, 60)
    rows = np.repeat(np.arange(60), counts)
    repeated = posts(scores[rows], positive[rows], np.arange(len(rows)))
    found = at(posts(scores, positive, np.arange(60)), 33, weights=counts[None].astype(np.float32))
    np.testing.assert_allclose(found, at(repeated, 33))


def test_a_played_day_finds_what_is_expected():
    rng = np.random.default_rng(1)
    positive = rng.random(4000) < 0.3
    scores = (rng.normal(size=4000) + positive).round(1)
    days = []
    for _ in range(2000):
        yes = rng.choice(np.flatnonzero(positive), 20)
        no = rng.choice(np.flatnonzero(~positive), 380)
        day = np.concatenate([yes, no])
        top = day[np.lexsort((rng.random(400), -scores[day]))[:40]]
        days.append(positive[top].sum())
    expected = at(posts(scores, positive, np.arange(4000)), 40, daily=400, prevalence=0.05)
    assert expected[0] == pytest.approx(np.mean(days) / 40, abs=0.01)
    assert expected[1] == pytest.approx(np.mean(days) / 20, abs=0.02)


def test_a_cluster_is_looked_at_once_at_its_best_score_and_finds_all_its_positives():
    items = collapsed(
        np.array([0.9, 0.2, 0.5, 0.4]),
        np.array([True, True, False, True]),
        ["a", "a", "b", "c"],
        np.array([3, 5, 6, 8]),
    )
    np.testing.assert_array_equal(items.scores, [0.9, 0.5, 0.4])
    np.testing.assert_array_equal(items.positives, [2, 0, 1])
    np.testing.assert_array_equal(items.rows, [3, 6, 8])
    # 75 positive posts a day, 25 for each; the first 25 reviews find both posts of cluster a
    np.testing.assert_allclose(at(items, 25, prevalence=0.75), [1.0, 2 / 3])


def test_collapsing_copies_spares_reviews():
    scores, positive = (
        np.array([0.9, 0.9, 0.9, 0.5, 0.4]),
        np.array([True, True, True, False, True]),
    )
    once = collapsed(scores, positive, ["a", "a", "a", "b", "c"], np.arange(5))
    each = posts(scores, positive, np.arange(5))
    assert at(once, 40, prevalence=0.8)[1] == pytest.approx(0.75)
    assert at(each, 40, prevalence=0.8)[1] == pytest.approx(0.5)


def test_a_resample_without_one_of_the_answers_is_undefined():
    found = at(four(), 25, weights=np.array([[1, 0, 1, 0]], np.float32))
    assert np.isnan(found).all()


def test_the_threshold_is_the_score_of_the_last_one_looked_at():
    queue = Queue(four(), daily_adverts=100, prevalence=0.5, reviews=[60])
    assert queue.threshold() == 0.7


def test_a_desk_has_figures_of_posts_and_of_clusters_with_intervals():
    post, cluster = figures()
    assert (post.unit, cluster.unit) == ("post", "cluster")
    for one in (post, cluster):
        assert one.precision.low <= one.precision.value <= one.precision.high
        assert one.recall.low <= one.recall.value <= one.recall.high
        assert 0 < one.threshold < 1


def test_at_the_prevalence_of_the_set_a_budget_is_the_top_of_its_list():
    said, wanted = examples.predictions(), examples.targets()["refer"]
    known = ~np.isnan(wanted[:, 1])
    truth = wanted[known, 1] == 1
    desk = Desk("all", (), int(known.sum()), float(truth.mean()), 40)
    top = np.argsort(-said.probabilities["refer"][known, 1])[:40]
    post, _ = figures(desk)
    assert post.precision.value == pytest.approx(truth[top].mean())
    assert post.recall.value == pytest.approx(truth[top].sum() / truth.sum())


def test_the_curve_rises_to_everything_and_holds_the_budget():
    post, _ = figures()
    reviews, recalls = zip(*post.curve, strict=True)
    assert len(post.curve) <= 60
    assert list(recalls) == sorted(recalls)
    assert (reviews[-1], recalls[-1]) == (200, 1.0)
    assert recalls[reviews.index(40)] == pytest.approx(post.recall.value, abs=1e-4)


def test_a_desk_judges_the_languages_that_it_reads():
    post, _ = figures(Desk("fr", ("FR",), 100, 0.4, 30), least=5)
    said, known = examples.predictions(), ~np.isnan(examples.targets()["refer"][:, 1])
    assert post.adverts == (np.array(said.langs) == "fr")[known].sum()


def test_where_no_language_is_given_the_identified_one_counts():
    said = examples.predictions(langs=[None] * 240, identified_langs=["fr-CA"] * 240)
    assert figures(Desk("fr", ("fr",), 200, 0.4, 40), said)[0].adverts == 228
    assert figures(Desk("en", ("en",), 200, 0.4, 40), said)[0].adverts == 0


def test_too_few_positive_clusters_give_no_figure_and_say_why():
    post, cluster = figures(least=1000)
    assert post.precision.value is None
    assert post.curve == ()
    assert "wanted 1,000" in post.lack
    assert "wanted 1,000" in cluster.recall.reason


def test_a_rare_alarm_that_the_set_cannot_show_gives_no_figure():
    post, _ = figures(Desk("all", (), 100_000, 0.001, 100))
    assert "wanted 2,997 for 100 reviews a day" in post.lack


def test_a_spotless_list_does_not_promise_a_spotless_day():
    # no false alarm in 400 negatives: 0.92 % of 19,800 a day, 182, cannot be ruled out
    truth = np.arange(550) < 150
    chance = np.linspace(0.99, 0.01, 550)
    said = examples.predictions(
        550, tasks=(examples.REFER,), clusters=[f"c{i}" for i in range(550)]
    )
    said = dataclasses.replace(
        said, probabilities={"refer": np.stack([1 - chance, chance], axis=1)}
    )
    wanted = {"refer": np.stack([~truth, truth], axis=1).astype(np.float32)}
    desk = Desk("all", (), daily_adverts=20_000, prevalence=0.01, reviews=200)
    for one in figures(desk, said, wanted):
        assert one.precision.value == pytest.approx(1.0)
        found = 200 * (0.025 ** (1 / 150))
        alarms = 19_800 * (1 - 0.025 ** (1 / 400))
        assert one.precision.low == pytest.approx(found / (found + alarms), abs=1e-6)
        assert one.recall.low == pytest.approx(one.precision.low)
        assert "0 of 400 negative clusters" in one.precision.reason


def test_unreviewed_adverts_count_in_no_budget():
    said = examples.predictions(reviewed=np.arange(240) < 200)
    known = ~np.isnan(examples.targets()["refer"][:200, 1])
    assert figures(said=said)[0].adverts == known.sum()


@pytest.mark.parametrize("task", ["coarse", "signals", "unheard"])
def test_a_task_without_a_positive_label_has_no_budget(task):
    found = budget_figures(
        examples.predictions(),
        examples.targets(),
        (ALL,),
        task=task,
        min_positive_clusters=10,
        resamples=100,
        seed=0,
    )
    assert found == ()


def test_without_a_judged_advert_there_is_no_budget():
    wanted = {"refer": np.full((240, 2), np.nan, dtype=np.float32)}
    assert figures(wanted=wanted) == ()
    assert figures(said=examples.predictions(reviewed=np.zeros(240, bool))) == ()


def test_steps_say_what_more_or_fewer_reviews_would_find():
    post, _ = figures()
    assert [one.reviews for one in post.steps] == [10, 20, 40, 80, 160]
    own = post.steps[2]
    assert (own.threshold, own.precision, own.recall) == (
        post.threshold,
        post.precision,
        post.recall,
    )
    thresholds = [one.threshold for one in post.steps]
    recalls = [one.recall.value for one in post.steps]
    assert thresholds == sorted(thresholds, reverse=True)
    assert recalls == sorted(recalls)
    assert all(one.recall.low <= one.recall.value <= one.recall.high for one in post.steps)


def test_a_larger_budget_may_be_judged_where_the_own_one_cannot():
    post, _ = figures(Desk("all", (), 1000, 0.2, 10))
    assert "for 10 reviews a day" in post.lack
    assert post.curve == ()
    told = {one.reviews: one.lack for one in post.steps}
    assert told[10] == post.lack
    assert told[40] is None


def test_no_step_exceeds_the_adverts_of_a_day():
    post, _ = figures(Desk("all", (), 200, 0.4, 150))
    assert [one.reviews for one in post.steps] == [38, 75, 150, 200]
    assert post.steps[-1].recall.value == pytest.approx(1.0)


def test_without_evidence_there_is_no_step():
    post, cluster = figures(least=1000)
    assert post.steps == cluster.steps == ()
