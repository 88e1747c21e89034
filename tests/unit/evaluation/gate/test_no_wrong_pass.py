"""What must not pass the shipped gates, and what must; the full table is experiment 0017."""

import sys
from functools import partial
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[4] / "experiments" / "0017-no-wrong-pass"))

import no_skill

pytestmark = pytest.mark.promise


def passes(judge, draws=6):
    return sum(judge(seed).verdict == "passed" for seed in range(draws))


@pytest.mark.parametrize("prevalence", [0.5, 0.87, 0.99])
def test_a_model_that_learned_nothing_does_not_pass(prevalence):
    assert passes(partial(no_skill.no_skill, prevalence)) <= 1


def test_a_model_that_learned_something_passes():
    assert passes(partial(no_skill.skill_alone, 0.87, 1.5), draws=4) == 4


def test_a_model_behind_tfidf_does_not_pass_and_one_ahead_does():
    behind, ahead = no_skill.Beside(0.5, 2.5, -0.15), no_skill.Beside(0.5, 2.5, 0.3)
    assert passes(partial(no_skill.beside, behind), draws=4) == 0
    assert passes(partial(no_skill.beside, ahead), draws=4) == 4
