"""Pairs to judge: chances are right, rare kinds are there, no campaign fills a sheet."""

from collections import Counter

import numpy as np
import pytest

from adverts_findings.campaigns.edges import EDGE_KINDS, EDGE_STATUSES, Edges
from adverts_findings.campaigns.judgements.which_to_judge import which_to_judge

pytestmark = pytest.mark.promise


def made_edges(first, second, *, kind=0, status=0, probability=0.9):
    """Return edges between rows; one value stands for all of them."""
    count = len(first)
    zeros = np.zeros(count, dtype=np.int64)
    return Edges(
        first=np.array(first, dtype=np.int64),
        second=np.array(second, dtype=np.int64),
        kind=zeros + kind,
        value=("v",) * count,
        adverts=zeros + 3,
        accounts=zeros + 2,
        silence=np.zeros(count),
        across=zeros.astype(bool),
        also=zeros,
        weight=np.zeros(count),
        probability=np.zeros(count) + probability,
        status=zeros + status,
        reason=("",) * count,
    )


def some_edges(count=300, rows=200, seed=0):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, rows, count)
    return made_edges(
        first,
        (first + rng.integers(1, 10, count)) % rows,
        kind=rng.choice(4, count, p=[0.6, 0.3, 0.07, 0.03]),
        status=rng.choice(3, count, p=[0.7, 0.05, 0.25]),
        probability=rng.beta(2, 0.5, count),
    )


ROOTS = np.arange(200) // 5 * 5


def draw(edges, *, roots=ROOTS, bridges=(), judged=(), budget=40, seed=0):
    return which_to_judge(
        edges, roots=roots, bridges=bridges, judged=judged, budget=budget, seed=seed
    )


def pairs(edges, drawn):
    return [frozenset((int(edges.first[one.edge]), int(edges.second[one.edge]))) for one in drawn]


def test_the_same_seed_draws_the_same_and_another_one_others():
    edges = some_edges()
    assert draw(edges, seed=5) == draw(edges, seed=5) != draw(edges, seed=6)


def test_a_quarter_is_drawn_at_random_and_the_budget_is_kept():
    for seed in range(20):
        drawn = draw(some_edges(), seed=seed)
        assert sum(one.drawn == "random" for one in drawn) == 10
        assert 30 <= len(drawn) <= 40


@pytest.mark.slow
def test_chances_are_those_of_two_thousand_draws():
    edges = some_edges()
    counts, chances = Counter(), {}
    for seed in range(2_000):
        for one in draw(edges, bridges=[1, 2], seed=seed):
            counts[one.edge] += 1
            assert chances.setdefault(one.edge, one.chance) == one.chance
    scores = [
        (counts[edge] - 2_000 * chance) / np.sqrt(2_000 * chance * (1 - chance))
        for edge, chance in chances.items()
        if chance < 1
    ]
    assert len(scores) > 250
    assert max(map(abs, scores)) < 4.5
    assert np.std(scores) < 1.2


def test_a_weighted_share_of_all_drawn_pairs_is_without_bias():
    edges = some_edges()
    everything = draw(edges, budget=10_000)
    truth = np.mean([edges.probability[one.edge] for one in everything])
    shares = []
    for seed in range(400):
        drawn = draw(edges, seed=seed)
        weights = [1 / one.chance for one in drawn]
        shares.append(np.average([edges.probability[one.edge] for one in drawn], weights=weights))
    assert np.mean(shares) == pytest.approx(truth, abs=0.01)


def test_a_budget_for_all_asks_for_all_with_certainty():
    edges = some_edges()
    drawn = draw(edges, budget=10_000)
    assert len(drawn) == len(set(zip(*np.sort([edges.first, edges.second], axis=0), strict=True)))
    assert all(one.chance == pytest.approx(1) for one in drawn)


@pytest.mark.parametrize("budget", [1, 2, 3, 150, 299])
def test_any_budget_is_kept(budget):
    assert 1 <= len(draw(some_edges(), budget=budget)) <= budget


def test_without_edges_or_budget_nothing_is_asked():
    assert draw(made_edges([], [])) == draw(some_edges(), budget=0) == ()


def test_a_pair_with_several_edges_is_asked_once_by_the_likeliest():
    edges = made_edges([0, 1, 0], [1, 0, 1], kind=[0, 1, 2], probability=[0.2, 0.8, np.nan])
    (one,) = draw(edges, budget=5)
    assert one.edge == 1


def test_pairs_that_were_judged_are_left_out_whichever_row_comes_first():
    edges = made_edges([0, 2, 4], [1, 3, 5])
    assert [one.edge for one in draw(edges, judged=[(1, 0), (2, 3)], budget=9)] == [2]


def test_a_persons_own_word_is_not_asked_about():
    edges = made_edges([0, 2], [1, 3], kind=[EDGE_KINDS.index("judged"), 0])
    assert [one.edge for one in draw(edges, budget=9)] == [1]


def test_edges_that_are_not_weighed_can_be_drawn():
    assert len(draw(made_edges([0, 2], [1, 3], probability=np.nan), budget=9)) == 2


def many_edges():
    """Return 20,000 sure edges of one campaign each, 40 for review and 40 rejected ones."""
    count = 20_080
    status = np.zeros(count, dtype=np.int64)
    status[20_000:20_040] = EDGE_STATUSES.index("review")
    status[20_040:] = EDGE_STATUSES.index("rejected")
    first = 2 * np.arange(count)
    return made_edges(first, first + 1, status=status, probability=0.99), first.max() + 2


def test_rare_statuses_are_among_the_random_ones():
    edges, rows = many_edges()
    for seed in range(5):
        drawn = draw(edges, roots=np.arange(rows) // 2 * 2, budget=200, seed=seed)
        at_random = [edges.status[one.edge] for one in drawn if one.drawn == "random"]
        assert set(at_random) == {0, 1, 2}


def test_doubtful_pairs_are_asked_more_than_sure_ones():
    count = 2_000
    first = 2 * np.arange(count)
    probability = np.where(np.arange(count) < 100, 0.5, 0.99)
    edges = made_edges(first, first + 1, probability=probability)
    drawn = draw(edges, roots=np.arange(2 * count) // 2 * 2, budget=80)
    doubtful = [one.edge < 100 for one in drawn if one.drawn == "informative"]
    assert np.mean(doubtful) > 0.9


def test_bridges_are_asked_more_than_other_sure_pairs():
    count = 2_000
    first = 2 * np.arange(count)
    edges = made_edges(first, first + 1, probability=0.99)
    drawn = draw(edges, roots=np.arange(2 * count) // 2 * 2, bridges=range(100), budget=80)
    assert np.mean([one.edge < 100 for one in drawn if one.drawn == "informative"]) > 0.8


def test_one_large_campaign_does_not_fill_the_sheet():
    large = np.arange(1_000)
    small = 2_000 + 2 * np.arange(300)
    edges = made_edges([*large, *small], [*(large + 1), *(small + 1)], probability=0.5)
    roots = np.concatenate([np.zeros(2_000, dtype=np.int64), 2_000 + np.arange(600) // 2 * 2])
    for seed in range(10):
        drawn = draw(edges, roots=roots, budget=40, seed=seed)
        of_large = [one for one in drawn if one.edge < 1_000 and one.drawn == "informative"]
        assert len(of_large) <= 2
        assert len(drawn) >= 38


def test_if_there_is_one_campaign_alone_its_pairs_fill_the_sheet():
    rows = np.arange(1_000)
    edges = made_edges(rows, rows + 1, probability=0.5)
    assert len(draw(edges, roots=np.zeros(1_001, dtype=np.int64), budget=40)) > 30
