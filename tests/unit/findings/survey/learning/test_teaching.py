"""Choosing adverts: unsure ones first, of many clusters, and never by the model alone."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from adverts_findings.survey.learning.teaching import TeachingPool, choose_adverts

NAN = float("nan")


def pool_of(probabilities, *, clusters=None, languages=None, modalities=None, labels=((0, 0, 0),)):
    chances = np.array(probabilities, dtype=np.float64)
    zeros = np.zeros(len(chances), dtype=np.int64)
    codes = np.arange(len(chances)) if clusters is None else np.array(clusters)
    return TeachingPool(
        probabilities=chances,
        clusters=codes,
        languages=zeros if languages is None else np.array(languages),
        modalities=zeros if modalities is None else np.array(modalities),
        is_labelled=np.zeros(codes.max(initial=-1) + 1, dtype=bool),
        labels_so_far=np.array(labels),
    )


def chosen(pool, budget, *, seed=0, **settings):
    return choose_adverts(pool, budget, np.random.default_rng(seed), **settings)


def places(found, *reasons):
    return [one.place for one in found if not reasons or one.reason in reasons]


@pytest.fixture(scope="module")
def spread():
    """10,000 adverts with probabilities from 0 to 1 in order, each a cluster of its own."""
    return pool_of(np.linspace(0, 1, 10_000))


def test_a_batch_has_a_part_of_the_model_and_one_at_random(spread):
    found = Counter(one.reason for one in chosen(spread, 100))
    assert found == {"uncertain": 90, "at random": 10}


def test_what_is_covered_takes_a_fifth_of_a_batch_at_most(spread):
    languages = np.arange(10_000) % 2
    pool = replace(spread, languages=languages, labels_so_far=np.array([[900], [0]]))
    found = Counter(one.reason for one in chosen(pool, 100))
    assert found == {"uncertain": 70, "cover": 20, "at random": 10}


def test_most_of_the_models_part_lies_around_its_decision(spread):
    found = spread.probabilities[places(chosen(spread, 100), "uncertain")]
    assert np.quantile(np.abs(found - 0.5), 0.5) < 0.01


def test_the_models_part_is_drawn_by_chance_and_not_the_very_first(spread):
    found = spread.probabilities[places(chosen(spread, 100), "uncertain")]
    first = np.sort(np.abs(spread.probabilities - 0.5))[:70]
    assert not set(np.abs(found - 0.5)) <= set(first)


def test_where_all_are_improbable_the_top_of_the_list_is_labelled():
    rare = pool_of(np.linspace(0, 0.02, 10_000))
    found = rare.probabilities[places(chosen(rare, 100), "uncertain")]
    assert np.quantile(found, 0.5) > 0.0195


@pytest.mark.slow
def test_chances_fall_with_the_square_of_the_rank():
    pool = pool_of([0.5, 0.4, 0.3, 0.2])
    firsts = Counter(
        chosen(pool, 1, seed=seed, at_random=0.0, covering=0.0)[0].place for seed in range(8_000)
    )
    weights = 1 / np.arange(1, 5) ** 2
    expected = weights / weights.sum()
    assert [firsts[i] / 8_000 for i in range(4)] == pytest.approx(expected, abs=0.02)


def test_adverts_near_each_threshold_are_labelled(spread):
    found = chosen(spread, 100, thresholds=[0.1, 0.9], at_random=0.0, covering=0.0)
    near = spread.probabilities[places(found, "near a threshold")]
    assert len(near) == 50
    assert np.quantile(np.minimum(np.abs(near - 0.1), np.abs(near - 0.9)), 0.8) < 0.01
    assert (near < 0.5).sum() == 25


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_that_nothing_reaches_or_all_pass_still_ranks(spread, threshold):
    found = chosen(spread, 100, thresholds=[threshold])
    near = spread.probabilities[places(found, "near a threshold")]
    assert np.quantile(np.abs(near - threshold), 0.5) < 0.01


def test_no_cluster_is_taken_twice():
    pool = pool_of(np.linspace(0, 1, 3_000), clusters=np.arange(3_000) % 150)
    found = places(chosen(pool, 120, thresholds=[0.3]))
    assert len(set(pool.clusters[found].tolist())) == len(found) == 120


def test_a_template_posted_thousands_of_times_is_labelled_once():
    copies = pool_of(
        np.append(np.full(5_000, 0.5), np.linspace(0.1, 0.4, 100)),
        clusters=np.append(np.zeros(5_000, int), np.arange(1, 101)),
    )
    found = places(chosen(copies, 50))
    assert sum(place < 5_000 for place in found) == 1


def test_a_cluster_with_a_label_is_not_labelled_again():
    pool = pool_of(np.linspace(0, 1, 400), clusters=np.arange(400) // 4)
    pool = replace(pool, is_labelled=np.arange(100) < 60)
    assert pool.clusters[places(chosen(pool, 40))].min() >= 60


def test_fewer_come_back_only_when_every_cluster_has_a_label():
    pool = pool_of([0.1, 0.5, NAN, 0.9, 0.5], clusters=[0, 1, 2, 3, 1])
    assert sorted(pool.clusters[places(chosen(pool, 50))]) == [0, 1, 2, 3]
    assert chosen(replace(pool, is_labelled=np.ones(4, dtype=bool)), 5) == ()


def test_an_empty_pool_gives_nothing():
    assert chosen(pool_of([]), 5) == ()


@pytest.mark.parametrize("scores", [NAN, 0.0, 0.3])
def test_where_no_score_tells_adverts_apart_they_are_spread_over_clusters(scores):
    clusters = np.append(np.zeros(900, int), np.arange(1, 101))
    pool = pool_of(np.full(1_000, scores), clusters=clusters)
    found = chosen(pool, 60)
    assert {one.reason for one in found} == {"cover", "at random"}
    assert len(set(clusters[places(found)].tolist())) == 60


def test_a_cold_start_covers_small_languages_and_pictures():
    languages = np.append(np.zeros(9_900, int), np.ones(100, int))
    modalities = np.append(np.arange(9_900) % 2, np.full(100, 2))
    pool = pool_of(
        np.full(10_000, NAN),
        languages=languages,
        modalities=modalities,
        labels=np.zeros((2, 3), int),
    )
    found = places(chosen(pool, 100))
    # By square roots: 70, 70 and 10 of 150 of the half that is promised, so 3 of the smallest.
    assert (languages[found] == 1).sum() >= 3


def test_a_language_without_labels_gets_its_floor_round_by_round():
    languages = np.append(np.zeros(2_000, int), np.ones(200, int))
    pool = pool_of(
        np.append(np.linspace(0, 1, 2_000), np.zeros(200)),
        languages=languages,
        labels=((300, 0, 0), (0, 0, 0)),
    )
    found = places(chosen(pool, 50), "cover")
    assert len(found) == 10
    assert (languages[found] == 1).all()
    enough = replace(pool, labels_so_far=np.array([[300, 0, 0], [100, 0, 0]]))
    assert places(chosen(enough, 50), "cover") == []


def test_a_language_that_occurs_only_inside_a_large_cluster_is_covered():
    clusters = np.append(np.zeros(1_000, int), np.arange(1, 501))
    languages = np.zeros(1_500, int)
    languages[7] = 1
    pool = pool_of(
        np.append(np.zeros(1_000), np.linspace(0, 1, 500)),
        clusters=clusters,
        languages=languages,
        labels=((500, 0, 0), (0, 0, 0)),
    )
    found = [7 in places(chosen(pool, 50, seed=seed), "cover") for seed in range(20)]
    assert all(found)


def test_within_a_language_cover_takes_what_the_model_is_least_sure_of():
    languages = np.append(np.zeros(2_000, int), np.ones(1_000, int))
    chances = np.append(np.linspace(0, 1, 2_000), np.linspace(0, 1e-3, 1_000))
    pool = pool_of(chances, languages=languages, labels=((300, 0, 0), (0, 0, 0)))
    found = places(chosen(pool, 100), "cover")
    assert (languages[found] == 1).all()
    assert np.quantile(chances[found], 0.5) > 0.9e-3


def test_adverts_without_a_score_are_not_forgotten():
    pool = pool_of(np.append(np.linspace(0, 1, 500), np.full(500, NAN)))
    found = [place for seed in range(20) for place in places(chosen(pool, 50, seed=seed))]
    assert 20 < sum(place >= 500 for place in found) < 200
    pictures = replace(pool, modalities=np.repeat([0, 1], 500))
    assert sum(place >= 500 for place in places(chosen(pictures, 100), "cover")) >= 15


def test_a_model_that_is_surely_wrong_cannot_keep_adverts_from_people():
    wrong = pool_of(np.append(np.linspace(0.2, 0.8, 5_000), np.zeros(5_000)))
    found = [place for seed in range(10) for place in places(chosen(wrong, 100, seed=seed))]
    assert 25 <= sum(place >= 5_000 for place in found) <= 100


def test_one_label_is_drawn_at_random(spread):
    assert [one.reason for one in chosen(spread, 1)] == ["at random"]


def test_the_same_seed_gives_the_same_adverts_and_another_does_not(spread):
    assert chosen(spread, 50, seed=3) == chosen(spread, 50, seed=3)
    assert chosen(spread, 50, seed=3) != chosen(spread, 50, seed=4)


def test_the_pool_is_left_as_it_was(spread):
    chosen(spread, 50)
    assert not spread.is_labelled.any()
    assert spread.labels_so_far.sum() == 0


@pytest.mark.parametrize(
    ("budget", "settings"),
    [
        (0, {}),
        (-5, {}),
        (5, {"covering": 0.8, "at_random": 0.3}),
        (5, {"at_random": -0.1}),
        (5, {"thresholds": [1.5]}),
        (5, {"thresholds": [NAN]}),
        (5, {"covering": NAN}),
    ],
)
def test_what_makes_no_sense_is_refused(spread, budget, settings):
    with pytest.raises(ValueError, match=r"want a budget|thresholds must be"):
        chosen(spread, budget, **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"probabilities": [0.5, 1.5]},
        {"probabilities": [0.5, -0.1]},
        {"probabilities": [0.5, 0.5], "clusters": [0, 1, 2]},
        {"probabilities": [0.5, 0.5], "clusters": [0, -1]},
        {"probabilities": [0.5, 0.5], "languages": [0, 1]},
        {"probabilities": [0.5, 0.5], "modalities": [0, 3]},
    ],
)
def test_a_pool_of_wrong_codes_or_probabilities_is_refused(settings):
    with pytest.raises(ValueError, match="must be"):
        pool_of(**settings)
