"""Precision where the model will work: judged where a prevalence is stated, and never by luck."""

import dataclasses

import pytest
from gate_examples import AP, against, asked, at_least, estimate, facts, gate, report

from adverts.config.gate import InServiceQueue
from adverts.config.shipped_gates import shipped_gate
from adverts.evaluation.figures.planned_figures import EvaluationSettings
from adverts.evaluation.figures.service_figures import InService, QueueFigures
from adverts.evaluation.gate.judge_conditions import judge_conditions

pytestmark = pytest.mark.promise

RECALL = "recall_at_precision"
STATED = 0.005


def condition(figure=RECALL, bar=None, **changes):
    given = {"tolerated": 0.0 if bar is not None else 0.02, "must_see": 0.1, **changes}
    return asked(InServiceQueue, figure=figure, at_least=bar, **given)


def queue(seen=0.7, *, low=0.6, unseen=0.68, negatives=20_000.0):
    figures = [QueueFigures(one, one) for one in (seen, low, unseen)]
    return InService(STATED, 0.9, negatives, 25_000, *figures)


def compared(difference, *, ours=None, theirs=None, error=0.01, prevalence=STATED, figure=RECALL):
    there = against(difference, error=error, figure=f"{figure}_at_prevalence", candidate=0.7)
    queues = (ours or queue(), theirs or queue())
    return dataclasses.replace(there, prevalence=prevalence, in_service=queues)


def judged(asked, given):
    record = judge_conditions(given, facts(), gate(one=asked))
    assert len(record.results) == 1
    return record.verdict, record.results[0]


def test_a_model_as_precise_in_service_as_its_champion_passes():
    verdict, result = judged(condition(), report(comparison=compared(-0.005)))
    assert verdict == "passed"
    assert "where 0.5 % are positive not more than 0.020 worse" in result.wanted


def test_a_model_that_loses_precision_in_service_fails_though_the_test_set_shows_none():
    same_here = against(0.0)
    there = compared(-0.6, ours=queue(0.1, low=0.0, unseen=0.05))
    both = dataclasses.replace(there, figures=(*same_here.figures, *there.figures))
    record = judge_conditions(
        report(comparison=both), facts(), gate(ranks=at_least(), in_service=condition())
    )
    assert record.verdict == "failed"
    assert [one.name for one in record.results if one.outcome == "failed"] == ["in_service"]


def test_too_few_negatives_cannot_judge_and_say_how_many_are_missing():
    few = queue(negatives=3_000.0)
    verdict, result = judged(condition(), report(comparison=compared(0.0, ours=few, theirs=few)))
    assert verdict == "could not judge"
    assert "takes 7,664 without a false alarm" in result.message


def test_a_drop_that_too_few_negatives_prove_still_fails():
    few = queue(negatives=3_000.0)
    there = compared(-0.6, ours=queue(0.1, low=0.0, unseen=0.05), theirs=few)
    assert judged(condition(), report(comparison=there))[0] == "failed"


def test_resamples_that_never_differ_are_not_taken_for_certainty():
    flat = compared(0.0, error=0.0, ours=queue(unseen=0.4))
    verdict, result = judged(condition(), report(comparison=flat))
    assert verdict == "could not judge"
    assert "could cost 0.300, where 0.100 must be seen" in result.message
    assert "about 50,000 more negative clusters" in result.message


def silent(condition, *, holds=(), reason=None, **changes):
    """Judge a good model for which no prevalence is stated, with queues at ever smaller shares."""
    pairs = tuple(
        (dataclasses.replace(queue(seen), prevalence=share), queue()) for share, seen in holds
    )
    none = dataclasses.replace(against(0.0), prevalence=None, by_share=pairs)
    asked = dataclasses.replace(gate(ranks=at_least(), there=condition), no_prevalence=reason)
    record = judge_conditions(report(comparison=none), facts(), asked)
    return record.verdict, next(one for one in record.results if one.name == "there")


def test_silence_about_prevalence_never_passes_though_all_else_does():
    verdict, result = silent(condition())
    assert (verdict, result.outcome) == ("could not judge", "insufficient")
    assert "decisions.operating_prevalence=" in result.message
    assert "accept_no_prevalence=WHY" in result.message


def test_a_reason_for_silence_lets_the_other_conditions_decide():
    verdict, result = silent(condition(), reason="nobody has counted yet")
    assert (verdict, result.outcome) == ("passed", "reported")
    assert result.message == "accepted: nobody has counted yet"


def test_a_gate_of_ones_own_may_only_report_what_nobody_stated():
    verdict, result = silent(condition(if_insufficient="report"))
    assert (verdict, result.outcome) == ("passed", "reported")


@pytest.mark.parametrize(
    ("holds", "told"),
    [
        ([(0.5, 0.7), (0.2, 0.69), (0.1, 0.6)], "no longer hold where 10 % are positive"),
        ([(0.5, 0.7), (0.2, 0.69), (0.1, 0.6)], "it does at 20 %"),
        ([(0.5, 0.6), (0.2, 0.5)], "would not hold where 50 % or fewer are positive"),
        ([(0.5, 0.7), (0.2, 0.7)], "holds down to 20 % positive"),
        ([], "was not measured"),
    ],
)
def test_silence_says_at_which_share_the_model_would_no_longer_hold(holds, told):
    assert told in silent(condition(), holds=holds)[1].found


def test_the_share_at_which_a_bar_no_longer_holds_is_told():
    by_share = tuple(
        dataclasses.replace(queue(seen), prevalence=share)
        for share, seen in [(0.5, 0.9), (0.2, 0.6), (0.1, 0.4), (0.05, 0.6)]
    )
    given = with_prevalence({}, None, stated=None, by_share=by_share)
    verdict, result = judged(condition(AP, 0.5), given)
    assert verdict == "could not judge"
    assert "no longer hold where 10 % are positive (it does at 20 %)" in result.found


def with_prevalence(figures, queue_of, *, stated=STATED, by_share=()):
    given = report({AP: estimate(0.95), **figures})
    settings = EvaluationSettings(precision=0.9, resamples=1000, seed=0, prevalence=stated)
    (first,) = given.evaluation.reviewed.tasks
    task = dataclasses.replace(first, in_service=queue_of, by_share=by_share)
    reviewed = dataclasses.replace(given.evaluation.reviewed, tasks=(task,))
    evaluation = dataclasses.replace(given.evaluation, settings=settings, reviewed=reviewed)
    return dataclasses.replace(given, evaluation=evaluation)


@pytest.mark.parametrize(
    ("value", "of", "verdict"),
    [
        (0.8, queue(0.8, low=0.75), "passed"),
        (0.3, queue(0.3, low=0.25), "failed"),
        (0.8, queue(0.8, low=0.1), "could not judge"),
        (0.8, queue(0.8, low=0.75, negatives=2_000.0), "could not judge"),
        (0.8, None, "could not judge"),
    ],
    ids=["above", "below", "the-exact-bound-is-far", "too-few-negatives", "one-class"],
)
def test_a_bar_in_service_is_held_by_the_exact_bound(value, of, verdict):
    given = with_prevalence({"average_precision_at_prevalence": estimate(value, 0.02)}, of)
    assert judged(condition(AP, 0.5), given)[0] == verdict


def test_a_model_that_was_not_compared_in_service_cannot_be_judged():
    given = with_prevalence({}, queue())
    assert judged(condition(), given)[0] == "could not judge"
    unseen = dataclasses.replace(against(0.0), prevalence=STATED, in_service=(queue(), queue()))
    assert judged(condition(), report(comparison=unseen))[0] == "could not judge"


def test_a_champion_that_finds_nothing_in_service_shows_nothing():
    nothing = queue(0.0, low=0.0, unseen=0.0)
    verdict, result = judged(
        condition(), report(comparison=compared(0.0, ours=nothing, theirs=nothing))
    )
    assert verdict == "could not judge"
    assert "no threshold finds anything" in result.message


@pytest.mark.parametrize("stated", [None, STATED])
def test_a_headline_that_has_no_queue_is_told_so_and_not_that_nothing_is_stated(stated):
    whole = report()
    summary = whole.evaluation.reviewed.tasks[0]
    several = dataclasses.replace(summary, task=dataclasses.replace(summary.task, kind="multi"))
    evaluation = dataclasses.replace(
        whole.evaluation,
        settings=dataclasses.replace(whole.evaluation.settings, prevalence=stated),
        reviewed=dataclasses.replace(whole.evaluation.reviewed, tasks=(several,)),
    )
    verdict, result = judged(condition(bar=0.3), dataclasses.replace(whole, evaluation=evaluation))
    assert (verdict, result.outcome) == ("could not judge", "insufficient")
    assert "is of kind multi" in result.message
    assert "operating_prevalence" not in result.message


@pytest.mark.parametrize(("value", "verdict"), [(0.1, "failed"), (0.6, "passed")])
def test_no_release_ranks_badly_in_service_because_its_champion_does(value, verdict):
    conditions = shipped_gate("release").conditions
    asked = {name: one for name, one in conditions.items() if one.kind == "in_service"}
    assert len(asked) == 3
    own = with_prevalence({f"{AP}_at_prevalence": estimate(value)}, queue())
    equal = compared(0.0, figure=AP)
    both = dataclasses.replace(equal, figures=(*equal.figures, *compared(0.0).figures))
    record = judge_conditions(dataclasses.replace(own, comparison=both), facts(), gate(**asked))
    assert record.verdict == verdict
    told = [one.name for one in record.results if one.outcome != "passed"]
    assert told == (["ranks_well_in_service"] if verdict == "failed" else [])
