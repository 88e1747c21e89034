"""McNemar's test: p-values worked by hand, copies that count once, thresholds of languages."""

import numpy as np
import pytest
from evaluation_examples import REFER, RISK, SIGNALS, predictions, targets

from adverts.evaluation.comparison.mcnemar import (
    compare_decisions,
    discordant_clusters,
    flagged,
    p_value,
)
from adverts.evaluation.comparison.pairing import pair
from adverts.evaluation.truth import true_labels
from adverts.runtime.rules.thresholds import Threshold, Thresholds


def threshold(value=0.5, *, task="refer", label="yes", purpose="precision", language=None):
    return Threshold(task, label, purpose, 0.9, value, language=language)


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (5, 0, 2 / 2**5),
        (0, 6, 2 / 2**6),
        (8, 2, 2 * (1 + 10 + 45) / 2**10),
        (3, 3, 1.0),
    ],
)
def test_the_p_value_is_that_of_the_sign_test_worked_by_hand(first, second, wanted):
    assert p_value(first, second) == pytest.approx(wanted)


def test_a_campaign_of_many_copies_counts_once():
    right = np.array([True] * 5 + [False, True])
    wrong = ~right
    assert discordant_clusters(right, wrong, ["a"] * 5 + ["b", "c"]) == (2, 1)


def test_a_cluster_in_which_both_win_equally_often_speaks_for_neither():
    first, second = np.array([True, False, True]), np.array([False, True, True])
    assert discordant_clusters(first, second, ["a", "a", "b"]) == (0, 0)


def test_one_cluster_is_one_observation():
    right = np.ones(50, dtype=bool)
    assert discordant_clusters(right, ~right, ["a"] * 50) == (1, 0)


def test_no_advert_tells_nothing():
    none = np.zeros(0, dtype=bool)
    assert discordant_clusters(none, none, []) == (0, 0)


def test_an_advert_at_the_threshold_is_flagged():
    said = predictions(n=3, tasks=(REFER,))
    said.probabilities["refer"][:, 1] = [0.4999, 0.5, 0.9]
    assert flagged(said, Thresholds((threshold(0.5),)), threshold()).tolist() == [False, True, True]


def test_each_advert_meets_the_threshold_of_its_language():
    said = predictions(n=3, tasks=(REFER,), langs=["en", "fr", None])
    said.probabilities["refer"][:, 1] = 0.6
    both = Thresholds((threshold(0.7), threshold(0.5, language="fr")))
    assert flagged(said, both, threshold()).tolist() == [False, True, False]


@pytest.mark.parametrize("shipped", [(), (threshold(None),), (threshold(purpose="recall"),)])
def test_without_a_threshold_of_that_purpose_nothing_is_decided(shipped):
    assert flagged(predictions(tasks=(REFER,)), Thresholds(shipped), threshold()) is None


def test_a_level_is_flagged_by_the_probability_of_that_level_or_a_higher_one():
    said = predictions(n=2, tasks=(RISK,))
    said.probabilities["risk"][:] = [[0.6, 0.1, 0.2, 0.1], [0.1, 0.7, 0.1, 0.1]]
    level = threshold(0.3, task="risk", label="2")
    assert flagged(said, Thresholds((level,)), level).tolist() == [True, False]


def test_levels_and_signals_are_compared_where_they_are_judged():
    both = pair(predictions(skill=4.0), predictions(skill=0.2, seed=9), targets())
    shipped = Thresholds(
        (threshold(task="risk", label="2"), threshold(0.6, task="signals", label="price"))
    )
    (level,) = compare_decisions(both, RISK, shipped, shipped)
    (signal,) = compare_decisions(both, SIGNALS, shipped, shipped)
    assert level.only_candidate_right > 2 * level.only_champion_right
    assert signal.only_candidate_right > 2 * signal.only_champion_right
    unknown = Thresholds((threshold(task="signals", label="weather"),))
    assert compare_decisions(both, SIGNALS, unknown, unknown) == []


def test_each_model_is_held_to_its_own_threshold():
    good, poor = predictions(skill=4.0), predictions(skill=0.2, seed=9)
    both = pair(good, poor, targets())
    found = compare_decisions(
        both, REFER, Thresholds((threshold(0.5),)), Thresholds((threshold(0.4),))
    )
    truth = true_labels(REFER, targets()["refer"])
    ours = (good.probabilities["refer"][:, 1] >= 0.5) == (truth == 1)
    theirs = (poor.probabilities["refer"][:, 1] >= 0.4) == (truth == 1)
    balance = {}
    for cluster, a, b, label in zip(good.clusters, ours, theirs, truth, strict=True):
        balance[cluster] = balance.get(cluster, 0) + (int(a) - int(b)) * (label != -1)
    assert [(one.only_candidate_right, one.only_champion_right) for one in found] == [
        (sum(v > 0 for v in balance.values()), sum(v < 0 for v in balance.values()))
    ]
    assert found[0].p_value < 1e-6


@pytest.mark.parametrize("missing", [None, Thresholds()])
def test_a_model_without_thresholds_decides_nothing_that_could_be_compared(missing):
    both = pair(predictions(), predictions(seed=9), targets())
    assert compare_decisions(both, REFER, Thresholds((threshold(),)), missing) == []
