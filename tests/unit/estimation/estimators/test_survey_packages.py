"""Totals, shares and standard errors are those of two programs, R's survey and svy."""

import json
from pathlib import Path

import numpy as np
import pytest

from adverts.estimation.designs.strata import advert_draws, cluster_draws
from adverts.estimation.estimators.horvitz_thompson import (
    ClusterSample,
    hansen_hurwitz_total,
    korn_graubard,
    two_stage_share,
    two_stage_total,
)

ORACLES = Path(__file__).parent / "oracles"
R = json.loads((ORACLES / "survey.json").read_text())
SVY = json.loads((ORACLES / "svy.json").read_text())


def rows(*values):
    return [np.array(one, dtype=float) for one in values]


TWO_STAGE = [
    ClusterSample(20, np.array([5.0, 4, 9]), rows([1, 0, 0], [0, 1], [1, 1, 0, 1])),
    ClusterSample(7, np.array([2.0, 30, 3]), rows([0, 0], [1, 1, 0], [1])),
]


def close(value):
    return pytest.approx(value, rel=1e-6)


def test_a_total_of_two_stages_counts_both_variances():
    found = two_stage_total(TWO_STAGE)
    assert [found.value, found.standard_error] == close(SVY["two_stage_total"])
    assert [found.value, found.standard_error] == close(
        [R["two_stage_total"], R["two_stage_total_error"]]
    )


def test_a_share_of_two_stages():
    found = two_stage_share(TWO_STAGE)
    assert [found.value, found.standard_error] == close(SVY["two_stage_share"])
    assert [found.value, found.standard_error] == close(
        [R["two_stage_share"], R["two_stage_share_error"]]
    )


def test_the_interval_of_korn_and_graubard():
    share = two_stage_share(TWO_STAGE)
    assert korn_graubard(share, 15, degrees=4, level=0.95) == close(
        (R["korn_graubard_low"], R["korn_graubard_high"])
    )


def test_a_total_of_independent_draws():
    found = hansen_hurwitz_total(rows([120, 0, 75.5, 0, 0], [10, 10, 0, 42]))
    assert [found.value, found.standard_error] == close(SVY["draws_total"])
    assert [found.value, found.standard_error] == close([R["draws_total"], R["draws_total_error"]])


def test_adverts_drawn_one_by_one_and_a_stratum_taken_whole():
    ones = [[1], [0], [0], [0], [0], [1], [0], [0]]
    found = two_stage_total(
        [
            ClusterSample(80, np.ones(8), rows(*ones)),
            ClusterSample(12, np.ones(12), rows(*[[1]] * 7, *[[0]] * 5)),
        ]
    )
    assert [found.value, found.standard_error] == close(SVY["adverts_total"])
    assert [found.value, found.standard_error] == close(
        [R["adverts_total"], R["adverts_total_error"]]
    )


def test_the_values_of_draws_give_the_same_total():
    clusters = [
        cluster_draws("a", TWO_STAGE[0].values, [5, 4, 9], clusters=20, largest_cluster=9),
        cluster_draws("b", TWO_STAGE[1].values, [2, 30, 3], clusters=7, largest_cluster=30),
    ]
    assert sum(one.estimate for one in clusters) == close(R["two_stage_total"])
    adverts = [
        advert_draws("a", [1, 0, 0, 0, 0, 1, 0, 0], 80),
        advert_draws("b", [1] * 7 + [0] * 5, 12),
    ]
    assert sum(one.estimate for one in adverts) == close(R["adverts_total"])
