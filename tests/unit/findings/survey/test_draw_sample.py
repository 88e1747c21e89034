"""Draws of a sample: known chances, every advert reachable, the same seed the same sample."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from made_frame import made_frame

from adverts.errors import InputError
from adverts_findings.survey.draw_sample import OTHERS, divide, draw, plan_strata

RNG = np.random.default_rng(7)
N = 4_000
CHANCE = RNG.beta(0.05, 2, N)
CLUSTERS = RNG.zipf(1.8, N).clip(max=900)
VIEWS = RNG.pareto(1.2, N) * 100
PLATFORMS = RNG.choice(["x", "y", "z"], N, p=[0.9, 0.08, 0.02])


@pytest.fixture(scope="module")
def frame():
    return made_frame(CHANCE, clusters=CLUSTERS, views=VIEWS, platforms=PLATFORMS)


def drawn(frame, planned, seed=0, second_share=0.1, adjudicated_share=0.1):
    return draw(
        frame,
        planned,
        seed=seed,
        second_share=second_share,
        adjudicated_share=adjudicated_share,
        names=frame.ids,
    )


def weighted_total(frame, planned, found, values):
    """Return the Horvitz-Thompson total of values, written without the package's estimators."""
    total = 0.0
    for place, one in zip(found.places.tolist(), found.draws, strict=True):
        stratum = planned[one.stratum].sealed
        chance = one.probability * (stratum.draws if stratum.kind == "line" else 1)
        total += values[place] * one.times / chance
    return total


@pytest.mark.parametrize("views", [False, True])
@pytest.mark.parametrize("divide_by", [[], ["platform"]])
def test_weights_estimate_any_total_without_bias(frame, views, divide_by):
    planned = plan_strata(frame, 400, views=views, divide_by=divide_by)
    values = (np.arange(N) % 7 == 0).astype(np.float64)
    totals = [
        weighted_total(frame, planned, drawn(frame, planned, seed), values) for seed in range(100)
    ]
    error = np.std(totals) / np.sqrt(len(totals))
    assert abs(np.mean(totals) - values.sum()) < 4 * error


@pytest.mark.parametrize("views", [False, True])
def test_every_advert_of_the_frame_is_in_one_stratum_and_can_be_drawn(frame, views):
    planned = plan_strata(frame, 400, views=views, divide_by=["platform"])
    members = np.concatenate([one.members for one in planned])
    assert sorted(members.tolist()) == list(range(N))
    assert all((one.chances > 0).all() for one in planned)


@pytest.mark.parametrize("budget", [100, 400, 3_999, 4_000, 10_000])
def test_the_budget_is_spent_and_never_exceeded(frame, budget):
    planned = plan_strata(frame, budget)
    found = drawn(frame, planned)
    assert sum(one.sealed.draws for one in planned) == min(budget, N)
    assert sum(one.times for one in found.draws) == min(budget, N)


def test_the_same_seed_draws_the_same_and_another_seed_does_not(frame):
    planned = plan_strata(frame, 400)
    assert drawn(frame, planned, 3).draws == drawn(frame, planned, 3).draws
    assert drawn(frame, planned, 3).draws != drawn(frame, planned, 4).draws


def test_who_gets_a_second_reviewer_does_not_depend_on_the_score(frame):
    planned = plan_strata(frame, 800)
    other = dataclasses.replace(frame, probabilities=frame.probabilities[::-1].copy())
    first = drawn(frame, planned)
    second = drawn(other, planned)
    assert [one.second for one in first.draws] == [one.second for one in second.draws]
    assert sum(one.second for one in first.draws) == -(-len(first.draws) // 10)


def test_the_most_seen_are_taken_whole_where_views_are_counted(frame):
    planned = plan_strata(frame, 400, views=True)
    assert planned[-1].sealed.kind == "whole"
    assert VIEWS[planned[-1].members].min() >= np.sort(VIEWS)[-100]


def test_views_that_are_not_known_are_refused():
    with pytest.raises(InputError, match="views of some adverts is not known"):
        plan_strata(made_frame(CHANCE), 400, views=True)


def test_small_parts_of_a_divided_frame_are_drawn_from_together(frame):
    names = [one.sealed.stratum.name for one in plan_strata(frame, 400, divide_by=["platform"])]
    assert any(name.startswith("platform y, ") for name in names)
    assert any(name.startswith(OTHERS) for name in names)
    assert not any(name.startswith("platform z, ") for name in names)


def test_a_budget_that_is_too_small_for_the_parts_is_refused(frame):
    with pytest.raises(InputError, match="budget=10 leaves too few labels for 3 parts"):
        plan_strata(frame, 10, divide_by=["platform"])


def test_groups_add_up_to_the_frame(frame):
    planned = plan_strata(frame, 400)
    groups = [one for one in divide(frame, planned) if one.field == "platform"]
    assert sum(one.totals["views"] for one in groups) == pytest.approx(VIEWS.sum())
    assert np.sum([one.adverts for one in groups], axis=0).tolist() == [
        len(one.members) for one in planned
    ]
    assert np.sum([one.expected_positives for one in groups]) == pytest.approx(CHANCE.sum())


def test_a_frame_without_any_difference_in_score_is_one_stratum():
    planned = plan_strata(made_frame(np.full(50, 0.2)), 10)
    assert [one.sealed.lowest for one in planned] == [True]


@pytest.mark.parametrize("chances", [[0.2], [0.1, 0.9], [0.1, 0.5, 0.9, 0.05, 0.01]])
@pytest.mark.parametrize("views", [False, True])
def test_a_frame_of_a_few_adverts_is_taken_whole(chances, views):
    frame = made_frame(chances, views=[3] * len(chances))
    planned = plan_strata(frame, 60, views=views)
    assert {one.sealed.kind for one in planned} == {"whole"}
    assert len(drawn(frame, planned).draws) == len(chances)
