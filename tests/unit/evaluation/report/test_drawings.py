"""Bars, shades and plots: numbers at their place, text that can be read on any shade."""

import re

import evaluation_examples as examples
import pytest
import report_examples

from adverts.evaluation.report import bars, charts
from adverts.evaluation.statistics.bootstrap import Estimate


def colours(style):
    return [
        tuple(int(value[i : i + 2], 16) for i in (0, 2, 4))
        for value in re.findall("#([0-9a-f]{6})", style)
    ]


def test_contrast_is_that_of_the_guidelines():
    assert bars.contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert bars.contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("harm", [-1.0, 0.0, *(step / 40 for step in range(41)), 2.0])
def test_text_of_a_cell_can_be_read_on_every_shade(harm):
    ground, ink = colours(bars.heat_style(harm))
    assert bars.contrast(ground, ink) >= 4.5


def test_more_harm_is_darker_so_that_no_eye_needs_the_colour():
    grounds = [colours(bars.heat_style(step / 20))[0] for step in range(21)]
    light = [bars.contrast(ground, (0, 0, 0)) for ground in grounds]
    assert light == sorted(light, reverse=True)


def test_the_dot_of_a_bar_stands_at_its_value_and_within_its_interval():
    drawn = bars.interval_bar(Estimate(0.5, 0.4, 0.6), whole=0.7)
    assert 'cx="155.0"' in drawn
    assert 'd="M124.0 11.0H186.0"' in drawn
    assert 'd="M217.0 0V22"' in drawn


@pytest.mark.parametrize("nothing", [Estimate(None), Estimate(0.3)])
def test_a_figure_without_an_interval_has_no_reach(nothing):
    assert "reach" not in bars.interval_bar(nothing)
    assert "reach" not in bars.difference_bar(nothing, end=1.0)


def test_a_difference_of_nothing_stands_in_the_middle_and_what_matters_on_both_sides():
    drawn = bars.difference_bar(Estimate(0.0, -0.1, 0.1), end=0.1, relevant=0.05)
    assert 'cx="155.0"' in drawn
    assert 'd="M0.0 11.0H310.0"' in drawn
    assert 'x="77.5" y="2" width="155.0"' in drawn


def test_reviews_run_to_the_end_of_the_curve_and_the_budget_is_marked():
    drawn = charts.budget_chart(report_examples.BUDGETS[:2])
    ticks = re.findall(r'class="tick" [^>]*>([^<]+)<', drawn)
    assert ticks[::2] == ["0", "200", "400", "600", "800"]
    assert "200 reviews find 0.630" in drawn


def test_names_in_a_plot_are_escaped():
    curve = examples.plain_evaluation().reviewed.tasks[0].roc[0]
    hostile = type(curve)("<b>", *(getattr(curve, one) for one in curve.__slots__[1:]))
    assert "<b>" not in charts.roc_chart([hostile])
