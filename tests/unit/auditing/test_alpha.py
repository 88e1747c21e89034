"""Krippendorff's alpha, against the worked examples of its author."""

import numpy as np
import pytest
from audit_examples import ones

from adverts.auditing.annotator_agreement import Alpha

# Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011: four observers, missing values.
FOUR = """
1 2 3 3 2 1 4 1 2 . . .
1 2 3 3 2 2 4 1 2 5 . 3
. 3 3 3 2 3 4 2 2 5 1 .
1 2 3 3 2 4 4 1 2 5 1 .
"""
MEG_AND_OWEN = """
0 1 0 0 0 0 0 0 1 0
1 1 1 0 0 1 0 0 0 0
"""
BEN_AND_GERRY = """
a a b b d c c c e d d a
b a b b b c c c e d d d
"""


def units(table):
    lines = [line.split() for line in table.strip().splitlines()]
    names = sorted({value for line in lines for value in line} - {"."})
    return [
        [names.index(value) for value in unit if value != "."] for unit in zip(*lines, strict=True)
    ], len(names)


def alpha(table, level):
    values, size = units(table)
    return Alpha(values, size, level)(ones(len(values)))[0, 0]


@pytest.mark.parametrize(
    ("table", "level", "published"),
    [
        (MEG_AND_OWEN, "nominal", 0.095),
        (BEN_AND_GERRY, "nominal", 0.692),
        (FOUR, "nominal", 0.743),
        (FOUR, "ordinal", 0.815),
    ],
)
def test_the_published_examples_come_out(table, level, published):
    assert alpha(table, level) == pytest.approx(published, abs=0.0006)


def test_full_agreement_is_one_and_chance_is_about_zero():
    draw = np.random.default_rng(0)
    same = [[value, value] for value in draw.integers(0, 3, 400)]
    chance = draw.integers(0, 3, (4000, 2)).tolist()
    assert Alpha(same, 3, "nominal")(ones(400))[0, 0] == 1
    assert Alpha(chance, 3, "nominal")(ones(4000))[0, 0] == pytest.approx(0, abs=0.04)


def test_it_is_undefined_where_only_one_value_was_ever_given():
    assert np.isnan(Alpha([[1, 1], [1, 1]], 2, "nominal")(ones(2))[0, 0])
    assert np.isnan(Alpha([[1], [0]], 2, "nominal")(ones(2))[0, 0])


def test_a_weight_of_two_is_a_unit_that_stands_twice():
    values, size = units(FOUR)
    weights = np.arange(len(values), dtype=np.float32)[None] % 3
    repeated = [
        unit for unit, weight in zip(values, weights[0], strict=True) for _ in range(int(weight))
    ]
    for level in ("nominal", "ordinal"):
        found = Alpha(values, size, level)(weights)
        assert found == pytest.approx(Alpha(repeated, size, level)(ones(len(repeated))))


def test_a_near_miss_costs_less_on_levels_than_on_names():
    values = [[0, 1], [1, 2], [2, 3], [3, 4], [4, 4], [0, 0]]
    nominal = Alpha(values, 5, "nominal")(ones(6))[0, 0]
    assert Alpha(values, 5, "ordinal")(ones(6))[0, 0] > nominal + 0.3
