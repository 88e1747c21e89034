"""Standard errors and the smallest visible breach, worked by hand and by scipy."""

import numpy as np
import pytest
from gate_examples import AP, MANY, at_least, estimate, facts, not_worse, report
from scipy import stats

from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.gate.claims import Claim, QueueBar, spread_of, standard_error
from adverts.evaluation.gate.statistical_conditions import claims_of
from adverts.evaluation.statistics.bootstrap import Estimate

pytestmark = pytest.mark.promise


def claim(**changes):
    facts = {
        "name": "n",
        "condition": not_worse(),
        "scope": "refer",
        "wanted": "",
        "found": "",
        "standard_error": 0.01,
        "slack": 0.005,
        "must_see": 0.03,
        "adverts": 1000,
    }
    return Claim(**{**facts, **changes})


def test_the_standard_error_is_a_quarter_of_the_interval():
    assert standard_error(estimate(0.8, 0.02), independent=10_000) == pytest.approx(0.02)


def test_no_spread_is_never_taken_for_certainty():
    # 60 clusters without an error allow up to 3/60 of them
    spread = standard_error(Estimate(1.0, 1.0, 1.0), independent=60)
    assert 1.645 * spread == pytest.approx(3 / 60, rel=0.02)


def test_without_an_interval_or_a_cluster_there_is_no_standard_error():
    assert standard_error(Estimate(0.8), independent=100) is None
    assert standard_error(estimate(0.8), independent=0) is None


def test_the_spread_of_resamples_leaves_out_undefined_ones():
    samples = np.array([0.1, 0.3, np.nan, 0.2])
    assert spread_of(samples, independent=10_000) == pytest.approx(0.1)
    assert spread_of(np.array([np.nan, 0.1]), independent=100) is None


def test_the_rarer_label_counts_the_independent_observations():
    assert MANY.independent == 1000
    assert Evidence(100, 90, 80, 70, 20).independent == 20
    assert Evidence(100, 90, None, None, None).independent == 90


def test_the_visible_breach_is_caught_with_the_stated_power():
    visible = claim().visible(level=0.02, power=0.8)
    rejected_below = -0.005 + stats.norm.ppf(0.02) * 0.01  # the difference that is refuted
    assert stats.norm.cdf(rejected_below, loc=-visible, scale=0.01) == pytest.approx(0.8)


def test_as_many_adverts_as_are_asked_for_show_the_wanted_breach():
    needed = claim().adverts_needed(level=0.05, power=0.8)
    enough = claim(standard_error=0.01 * (1000 / needed) ** 0.5)
    assert enough.visible(0.05, 0.8) == pytest.approx(0.03, rel=1e-3)


def test_a_claim_over_many_pairs_sees_less_than_one_over_a_single_pair():
    assert claim(tests=10).visible(0.05, 0.8) > claim().visible(0.05, 0.8)


def test_a_figure_without_an_error_needs_adverts_in_proportion_to_the_rule_of_three():
    bound = claim(standard_error=1.8 / 60, independent=60.0, slack=0.0)
    times = bound.visible(0.05, 0.8) / 0.03
    assert bound.adverts_needed(0.05, 0.8) == np.ceil(1000 * times)
    spread = claim(standard_error=1.8 / 60, independent=70.0, slack=0.0)
    assert spread.adverts_needed(0.05, 0.8) == np.ceil(1000 * times**2)
    assert "equivalent to only 60 independent adverts" in bound.few
    assert spread.few == claim().few == ""


@pytest.mark.parametrize(
    ("share", "bar"), [(None, 0.6), (0.0, 0.6), (0.25, 0.6), (0.5, 2 / 3), (0.75, 6 / 7), (1, 1)]
)
def test_a_bar_on_average_precision_is_above_random_ordering(share, bar):
    assert QueueBar(0.6, share).value == pytest.approx(bar)


def test_a_bar_that_was_raised_says_why():
    assert QueueBar(0.6, 0.25).words == "0.600"
    assert QueueBar(0.6, 0.75).words == (
        "0.857 (0.600 says little where random ordering has 0.750)"
    )
    assert QueueBar(0.9, 0.75).words == "0.900"


def test_a_ranking_hardly_better_than_the_majority_does_not_pass_where_most_are_positive():
    mostly = Evidence(8000, 5000, 6000, 3000, 2000)
    condition = at_least(0.6)
    for evidence, figure, holds in ((mostly, 0.805, False), (mostly, 0.9, True), (MANY, 0.7, True)):
        made = report({AP: estimate(figure)}, evidence=evidence)
        (found,) = claims_of("ranks_well", condition, made, facts(), None)
        assert (found.p_value > 0.05) == holds, (figure, found.wanted)
