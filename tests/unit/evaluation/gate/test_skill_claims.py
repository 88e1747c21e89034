"""A model passes only where the adverts show that it is better than knowing nothing."""

import dataclasses

import pytest
from gate_examples import AP, MANY, asked, estimate, facts, gate, report

from adverts.config.gate import Lift
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.planned_figures import BASELINE, MAJORITY, Comparison, ModelFigures
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.evaluation.statistics.bootstrap import Estimate

pytestmark = pytest.mark.promise

OVER_NOTHING = asked(Lift, figure=AP, over=MAJORITY, above=0.0)
OVER_TFIDF = asked(Lift, figure=AP, over=BASELINE, above=-0.01)


def beside(gap, *, reference=MAJORITY, figure=AP, evidence=MANY):
    """Return a report in which the model differs from a reference by ``gap``."""
    given = report({figure: estimate(0.9)}, evidence=evidence)
    [task] = given.evaluation.reviewed.tasks
    task = dataclasses.replace(
        task,
        models=(*task.models, ModelFigures(reference, {figure: estimate(0.87)})),
        comparisons=(Comparison(figure, "text", reference, gap, "undecided"),),
    )
    reviewed = dataclasses.replace(given.evaluation.reviewed, tasks=(task,))
    evaluation = dataclasses.replace(given.evaluation, reviewed=reviewed)
    return dataclasses.replace(given, evaluation=evaluation)


def judged(condition, given, known=None):
    record = judge_conditions(given, known or facts(), gate(one=condition))
    [result] = record.results
    return record.verdict, result


def test_a_lift_whose_whole_interval_is_above_nothing_passes():
    verdict, result = judged(OVER_NOTHING, beside(estimate(0.03, 0.01)))
    assert (verdict, result.outcome) == ("passed", "passed")
    assert result.found.startswith("+0.030 [+0.010 to +0.050]: 0.900 against 0.870")


def test_a_high_figure_without_a_lift_is_never_passed():
    verdict, result = judged(OVER_NOTHING, beside(estimate(0.017, 0.01)))
    assert verdict == "could not judge"
    assert "is not entirely above 0.000" in result.message
    assert "about 21,728 adverts like these would show it" in result.message


def test_a_model_that_is_shown_to_be_worse_than_the_reference_fails():
    verdict, result = judged(OVER_NOTHING, beside(estimate(-0.03, 0.01)))
    assert verdict == "failed"
    assert "no better than what it is compared with" in result.message


def test_a_lift_that_no_resample_doubts_needs_independent_adverts_too():
    sure = Estimate(0.03, 0.03, 0.03)
    few = Evidence(8000, 60, 4000, 30, 30)
    assert judged(OVER_NOTHING, beside(sure))[0] == "passed"
    assert judged(OVER_NOTHING, beside(sure, evidence=few))[0] == "could not judge"


def test_an_interval_that_is_narrower_than_copies_allow_says_what_the_copies_are_worth():
    copies = Evidence(392, 276, 201, 93, 183, worth=4.3)  # one campaign is most of the positives
    verdict, result = judged(OVER_NOTHING, beside(Estimate(0.484, 0.29, 0.698), evidence=copies))
    assert verdict == "could not judge"
    begins = "the interval for so few adverts, which begins at −0.336, is not entirely above 0.000"
    assert begins in result.message
    assert (
        "equivalent to only 4.3 independent adverts, since copies are no new evidence"
        in result.message
    )
    assert "adverts like these" not in result.message


def test_the_border_is_the_end_of_the_interval_and_never_a_wider_one():
    assert judged(OVER_NOTHING, beside(estimate(0.0197, 0.01)))[0] == "passed"
    assert judged(OVER_NOTHING, beside(estimate(0.0195, 0.01)))[0] == "could not judge"
    skewed = Estimate(0.03, -0.001, 0.04)
    assert judged(OVER_NOTHING, beside(skewed))[0] == "could not judge"


def test_a_little_worse_than_tfidf_is_tolerated_where_the_interval_says_no_more():
    tolerated = beside(estimate(-0.003, 0.002), reference=BASELINE)
    assert judged(OVER_TFIDF, tolerated)[0] == "passed"
    unsure = beside(estimate(-0.003, 0.005), reference=BASELINE)
    assert judged(OVER_TFIDF, unsure)[0] == "could not judge"
    worse = beside(estimate(-0.03, 0.005), reference=BASELINE)
    assert judged(OVER_TFIDF, worse)[0] == "failed"


def test_without_tfidf_nobody_can_judge_and_the_command_is_named():
    known = facts(no_baseline="no tf-idf stands here; adverts train model=tfidf")
    verdict, result = judged(OVER_TFIDF, beside(estimate(0.3)), known)
    assert verdict == "could not judge"
    assert result.message == "no tf-idf stands here; adverts train model=tfidf"


def test_a_tfidf_that_answers_another_task_alone_is_not_called_missing():
    given, other = beside(estimate(0.3)), beside(estimate(0.3), reference=BASELINE)
    [here], [there] = given.evaluation.reviewed.tasks, other.evaluation.reviewed.tasks
    there = dataclasses.replace(there, task=dataclasses.replace(there.task, name="other"))
    reviewed = dataclasses.replace(given.evaluation.reviewed, tasks=(here, there))
    evaluation = dataclasses.replace(given.evaluation, reviewed=reviewed)
    known = facts(no_baseline="no tf-idf stands here")
    _, result = judged(OVER_TFIDF, dataclasses.replace(given, evaluation=evaluation), known)
    assert result.message == "tf-idf does not answer this task with the same labels"


def test_tfidf_is_not_held_against_itself():
    condition = gate(over_nothing=OVER_NOTHING, over_tfidf=OVER_TFIDF)
    record = judge_conditions(beside(estimate(0.3)), facts(is_tfidf=True), condition)
    assert record.verdict == "passed"
    by_name = {one.name: one for one in record.results}
    assert by_name["over_tfidf"].outcome == "reported"
    assert "is tf-idf itself" in by_name["over_tfidf"].found


def test_a_tfidf_that_nothing_holds_against_the_majority_class_is_not_excused():
    without = beside(estimate(0.3), reference=BASELINE)
    verdict, result = judged(OVER_NOTHING, without, facts(is_tfidf=True))
    assert (verdict, result.outcome) == ("could not judge", "insufficient")


def test_a_tfidf_that_is_held_against_another_one_is_judged():
    worse = beside(estimate(-0.3), reference=BASELINE)
    assert judged(OVER_TFIDF, worse, facts(is_tfidf=True))[0] == "failed"


def test_a_figure_that_should_be_low_is_better_where_it_falls():
    condition = asked(Lift, figure="log_loss", over=MAJORITY, above=0.0)
    better, worse = (beside(estimate(value, 0.01), figure="log_loss") for value in (-0.03, 0.03))
    assert judged(condition, better)[0] == "passed"
    assert judged(condition, worse)[0] == "failed"


@pytest.mark.parametrize("over", [MAJORITY, BASELINE])
def test_a_figure_that_the_task_has_not_is_named(over):
    condition = asked(Lift, figure="averge_precision", over=over, above=0.0)
    verdict, result = judged(condition, beside(estimate(0.3), reference=over))
    assert verdict == "could not judge"
    assert "no figure 'averge_precision'; it has average_precision" in result.message


def test_a_reference_that_was_not_asked_the_task_cannot_be_judged():
    verdict, result = judged(OVER_TFIDF, beside(estimate(0.3)))
    assert verdict == "could not judge"
    assert "does not answer this task" in result.message


def test_a_difference_without_an_interval_is_no_lift():
    nothing = Estimate(None, reason="3 positive clusters, wanted 10")
    verdict, result = judged(OVER_NOTHING, beside(nothing))
    assert verdict == "could not judge"
    assert result.message == "3 positive clusters, wanted 10"


def test_a_task_without_a_judged_advert_shows_no_lift():
    condition = OVER_NOTHING.model_copy(update={"task": "risk"})
    assert judged(condition, beside(estimate(0.3)))[0] == "could not judge"
