"""What a reader is told of a comparison, in the terminal and in Markdown."""

import dataclasses

import numpy as np
import pytest
from evaluation_examples import origin, plain_evaluation, predictions, targets

from adverts.evaluation.comparison.compare import compare
from adverts.evaluation.comparison.compared import ComparedFigure, Contender, DecisionsCompared
from adverts.evaluation.report import comparison_wording as wording
from adverts.evaluation.report.write_report import to_json, to_markdown
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate


def figure(**changes):
    said = ComparedFigure(
        task="refer",
        figure="average_precision",
        slice="",
        candidate=Estimate(0.912, 0.89, 0.93),
        champion=Estimate(0.9, 0.88, 0.92),
        difference=Estimate(0.012, -0.004, 0.029),
        answer="not enough data",
        smallest_visible=0.0352,
        adverts_needed=2274,
        samples=np.zeros(3),
        independent=200,
    )
    return dataclasses.replace(said, **changes)


def comparison():
    return compare(
        Contender("new", predictions(), None),
        Contender("old", predictions(seed=9), None),
        targets(),
        precision=0.8,
        relevant=0.03,
        min_positive_clusters=40,
        resamples=100,
        seed=0,
    )


def test_a_difference_is_told_with_what_could_have_been_seen_and_what_it_would_take():
    assert wording.sentence(figure(), 0.03, 0.9) == (
        "candidate − champion: average precision +0.012 [−0.004 to +0.029], not enough data; "
        "this set can show 0.035 or more; 0.03 would take about 2,300 adverts"
    )


def test_where_the_adverts_are_enough_nothing_more_is_asked_for():
    said = figure(answer="no detectable difference", smallest_visible=0.02, adverts_needed=None)
    assert wording.sentence(said, 0.03, 0.9).endswith(
        "no detectable difference; this set can show 0.020 or more"
    )


def test_what_is_undefined_says_why():
    none = figure(difference=Estimate(None, reason="3 positive clusters, wanted 10"))
    assert wording.sentence(none, 0.03, 0.9) == (
        "candidate − champion: average precision: not enough data (3 positive clusters, wanted 10)"
    )
    bare = figure(difference=Estimate(0.1, reason="no interval: x"), smallest_visible=None)
    assert wording.sentence(bare, 0.03, 0.9).endswith("+0.100, not enough data (no interval: x)")


def test_the_average_precision_of_one_signal_names_it():
    said = wording.sentence(figure(figure="average_precision.boat"), 0.03, 0.9)
    assert "average precision of boat +0.012" in said


@pytest.mark.parametrize(
    ("count", "wanted"),
    [(7, "about 7"), (98, "about 98"), (101, "about 110"), (2274, "about 2,300")],
)
def test_a_number_of_adverts_is_rounded_up_to_two_digits(count, wanted):
    assert wording.about(count) == wanted


def test_decisions_are_told_in_clusters():
    said = wording.decided(DecisionsCompared("refer", "yes", "precision", 12, 1, 0.0034))
    assert said == (
        "at the precision thresholds of refer yes: the candidate alone is right in 12 clusters, "
        "the champion alone in 1 (McNemar, p = 0.003)"
    )
    assert wording.probability(0.0001) == "< 0.001"


def test_the_terminal_shows_the_leading_figures_of_the_headline_task():
    found = dataclasses.replace(
        comparison(),
        decisions=(DecisionsCompared("refer", "yes", "recall", 3, 3, 1.0),),
        notes=("The champion may know these adverts.",),
    )
    shown = wording.lines(found, "refer", 0.8)
    assert shown[0] == "against the champion, old:"
    assert [line.split(":")[1].split("+")[0].split("−")[0].strip() for line in shown[1:4]] == [
        "average precision",
        "recall at precision 0.8",
        "macro-F1",
    ]
    assert shown[4].startswith("  at the recall thresholds of refer yes")
    assert shown[5:] == ["  The champion may know these adverts."]


def test_the_markdown_report_has_a_section_on_the_champion_and_none_without_one():
    report = Report(plain_evaluation(), origin(), comparison=comparison())
    page = to_markdown(report)
    assert "# Against the champion" in page
    assert "Candidate `new`, champion `old`" in page
    assert "| Average precision | 0." in page
    assert "Average precision by part:" in page
    assert "| language ps | – | – | – | not enough data (" in page
    assert "# Against the" not in to_markdown(dataclasses.replace(report, comparison=None))


def test_a_table_of_the_markdown_report_has_no_empty_line_within():
    page = to_markdown(Report(plain_evaluation(), origin(), comparison=comparison()))
    section = page.split("# Against the champion")[1].split("# Where it comes from")[0]
    assert "|\n\n|" not in section


def test_the_json_report_holds_the_comparison_without_its_resamples():
    page = to_json(Report(plain_evaluation(), origin(), comparison=comparison()))
    assert '"champion": "old"' in page
    assert '"samples"' not in page
