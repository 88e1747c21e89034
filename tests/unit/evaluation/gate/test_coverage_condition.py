"""The coverage condition: what a model does not answer may not buy a pass."""

import dataclasses

import pytest
from gate_examples import against, asked, at_least, cell, estimate, facts, gate, report

from adverts.config.gate import CoverageCondition, LeastPromises
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.judged_adverts import Account, Answers
from adverts.evaluation.gate.judge_conditions import judge_conditions
from adverts.runtime.rules.decision_rules import DecisionRules
from adverts.runtime.rules.thresholds import Threshold, Thresholds

pytestmark = pytest.mark.promise

SHARES = {"at_least": 0.8, "tolerated": 0.01}
CONDITION = asked(CoverageCondition, **SHARES)
ALL = Answers(8000, 0, 0, 0)
POSITIVE = Answers(2000, 0, 0, 0)


def account(judged=ALL, positives=POSITIVE):
    return Account("refer", judged.adverts, 0, 0, 0, 0, judged, 0, positives)


def judged(ours, theirs=None, condition=CONDITION, **changes):
    comparison = None
    if theirs is not None:
        comparison = dataclasses.replace(against(0.0), account=theirs)
    given = report(account=ours, comparison=comparison, **changes)
    record = judge_conditions(given, facts(), gate(ranks=at_least(), answers=condition))
    return record, [one for one in record.results if one.name == "answers"]


def test_a_model_that_answers_all_passes_for_all_adverts_and_for_the_positives():
    record, results = judged(account(), account())
    assert record.verdict == "passed"
    assert [one.scope for one in results] == ["refer, all judged adverts", "refer, positives"]
    assert results[0].found == "8,000 of 8,000 (100.0%); the champion 8,000 of 8,000 (100.0%)"


@pytest.mark.parametrize(
    ("split", "without", "unread", "found"),
    [
        (2000, 0, 0, None),
        (2001, 0, 0, "annotators are evenly split on 2,001, of 10,001 (20.0%)"),
        (0, 2000, 0, None),
        (0, 2001, 0, "2,001 have no label, of 10,001 (20.0%)"),
        (0, 0, 2000, None),
        (0, 0, 2001, "nobody reviewed the label of 2,001, of 10,001 (20.0%)"),
        (
            500,
            1000,
            501,
            "1,000 have no label and annotators are evenly split on 500 and nobody reviewed the "
            "label of 501, of 10,001 (20.0%)",
        ),
    ],
)
def test_where_people_left_many_adverts_undecided_the_rest_is_too_easy(
    split, without, unread, found
):
    ours = account()
    ours = dataclasses.replace(
        ours,
        split=ours.split + split + without + unread,
        without_one_answer=split,
        without_label=without,
        not_reviewed=unread,
    )
    record, results = judged(ours)
    assert record.verdict == ("could not judge" if found else "passed")
    open_ones = [one for one in results if one.outcome == "insufficient"]
    assert [one.found for one in open_ones] == ([found] if found else [])


@pytest.mark.parametrize(
    ("adverts", "positives"),
    [
        (Answers(8000, 4000, 0, 0), POSITIVE),
        (Answers(8000, 0, 4000, 0), POSITIVE),
        (ALL, Answers(2000, 500, 0, 0)),
        (ALL, Answers(2000, 250, 250, 0)),
    ],
    ids=["unreadable", "abstained", "positives-unreadable", "positives-of-both-kinds"],
)
def test_a_model_that_leaves_out_more_than_the_bar_fails(adverts, positives):
    record, results = judged(account(adverts, positives))
    assert record.verdict == "failed"
    assert results[0].outcome == "failed"


def test_a_model_that_answers_fewer_than_its_champion_fails_though_it_is_above_the_bar():
    fewer = account(Answers(8000, 100, 0, 0))
    record, results = judged(fewer, account())
    assert record.verdict == "failed"
    assert "1 points fewer than by the champion" in results[0].wanted
    assert judged(fewer)[0].verdict == "passed"


def test_a_model_that_answers_as_few_as_its_champion_is_held_to_the_bar_alone():
    both = account(Answers(8000, 1000, 0, 0))
    assert judged(both, both)[0].verdict == "passed"


@pytest.mark.parametrize(
    ("ours", "theirs", "verdict"),
    [
        (7000, 8000, "failed"),
        (7919, 8000, "failed"),
        (7920, 8000, "passed"),  # exactly one point fewer, as is tolerated
        (7100, 7000, "passed"),
        (8000, 6400, "passed"),
    ],
)
def test_a_model_may_answer_a_little_fewer_and_any_number_more_than_its_champion(
    ours, theirs, verdict
):
    both = [account(Answers(8000, 8000 - answered, 0, 0)) for answered in (ours, theirs)]
    assert judged(*both)[0].verdict == verdict


def test_abstaining_that_is_not_known_is_never_taken_for_answering():
    unknown = account(Answers(8000, 0, None, None))
    record, results = judged(unknown)
    assert record.verdict == "could not judge"
    assert "not known where the model abstains" in results[0].message
    record, results = judged(account(), unknown)
    assert record.verdict == "could not judge"
    assert "where the champion abstains" in results[0].message


def test_a_report_without_an_account_cannot_be_judged():
    assert judged(None)[0].verdict == "could not judge"


def test_a_champion_whose_answers_nobody_counted_cannot_be_judged_against():
    given = report(account=account(), comparison=against(0.0))
    record = judge_conditions(given, facts(), gate(ranks=at_least(), answers=CONDITION))
    assert record.verdict == "could not judge"


def test_answering_alone_makes_no_good_model():
    no_figure = at_least(figure="brier", if_insufficient="report")
    asked = gate(ranks=no_figure, answers=CONDITION)
    record = judge_conditions(report(account=account()), facts(), asked)
    assert record.verdict == "could not judge"


PASHTO = "ps, Arab, image"
EVERYWHERE = at_least(by="language, script and modality", if_insufficient="abstain_slice")


def leaving(adverts, positives, *, unreadable=0, by_cell=True, theirs=None):
    """Judge a model whose slice in Pashto has too little evidence, so that it is left to people."""
    slices = [
        cell("en, Latn, text", {"average_precision": estimate(0.9)}),
        cell(PASHTO, evidence=Evidence(adverts, 30, positives, 8, 22)),
    ]
    counts = [
        Answers(whole, unread, 0, 0, {"en, Latn, text": whole - unread - left, PASHTO: left})
        for whole, left, unread in ((8000, adverts, unreadable), (2000, positives, 0))
    ]
    if not by_cell:
        counts = [dataclasses.replace(one, given_by_cell=None) for one in counts]
    comparison = theirs and dataclasses.replace(against(0.0), account=theirs)
    given = report(account=account(*counts), slices=slices, comparison=comparison)
    asked = gate(ranks=at_least(), everywhere=EVERYWHERE, answers=CONDITION)
    return judge_conditions(given, facts(), asked)


@pytest.mark.parametrize(
    ("adverts", "positives", "verdict"),
    [
        (1600, 0, "passed"),
        (1600, 400, "passed"),
        (1601, 0, "could not judge"),
        (3000, 300, "could not judge"),
        (1000, 900, "could not judge"),  # nearly half of the positives, in few adverts
        (1000, 401, "could not judge"),
    ],
)
def test_what_this_verdict_itself_leaves_to_people_is_not_answered(adverts, positives, verdict):
    record = leaving(adverts, positives)
    assert record.verdict == verdict
    assert [one.language for one in record.abstained] == ["ps"]
    if verdict != "passed":
        bad = next(one for one in record.results if one.outcome == "insufficient")
        assert "leaves 1 slice with too little evidence to people" in bad.message


def test_what_a_model_does_not_read_and_what_a_verdict_leaves_count_together():
    assert leaving(800, 0, unreadable=800).verdict == "passed"
    assert leaving(900, 0, unreadable=800).verdict == "could not judge"


def test_where_nobody_counted_the_answers_of_a_slice_none_counts():
    assert leaving(10, 0, by_cell=False).verdict == "could not judge"


def test_against_a_champion_a_slice_that_nobody_can_judge_costs_no_points():
    assert leaving(1600, 0, theirs=account()).verdict == "passed"


def rules(*thresholds):
    return DecisionRules(thresholds=Thresholds(thresholds))


def lacking(purpose="recall", **more):
    return Threshold("refer", "yes", purpose, 0.95, None, lack="about 84 more are needed", **more)


def shipped(purpose="recall", **more):
    return Threshold("refer", "yes", purpose, 0.95, 0.4, **more)


SILENT = account(Answers(8000, 0, 0, 8000), Answers(2000, 0, 0, 2000))


def test_a_model_that_ships_no_threshold_and_leaves_every_advert_to_people_does_not_pass():
    record, results = judged(SILENT, rules=rules(lacking("precision"), lacking()))
    assert record.verdict == "could not judge"
    assert [one.outcome for one in results] == ["insufficient", "insufficient"]
    assert results[0].found == "0 of 8,000 (0.0%)"
    assert "no threshold ships with the model: about 84 more are needed" in results[0].message


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (rules(shipped("precision"), lacking()), "no recall threshold ships with the model"),
        (rules(shipped(language="fr")), "no recall threshold ships for their language"),
        (rules(), "no threshold ships with the model"),
    ],
    ids=["precision-alone", "one-language-alone", "none-at-all"],
)
def test_thresholds_that_decide_few_adverts_buy_no_pass(given, why):
    few = account(Answers(8000, 0, 0, 7000), Answers(2000, 0, 0, 1000))
    record, results = judged(few, rules=given)
    assert record.verdict == "could not judge"
    assert why in results[0].message


def test_a_gate_that_asks_of_nothing_else_does_not_pass_a_silent_model():
    given = report(account=SILENT, rules=rules(lacking()))
    assert judge_conditions(given, facts(), gate(answers=CONDITION)).verdict == "could not judge"
    told = asked(CoverageCondition, **{**SHARES, "if_insufficient": "report"})
    assert judge_conditions(given, facts(), gate(answers=told)).verdict == "could not judge"


def test_what_thresholds_would_not_cure_fails_a_model_that_ships_none():
    unread = account(Answers(8000, 4000, 0, 4000))
    record, results = judged(unread, rules=rules(lacking()))
    assert record.verdict == "failed"
    assert "judge a model that reads" in results[0].message


def test_a_model_that_is_silent_where_its_champion_answers_does_not_pass():
    easy = asked(CoverageCondition, **{**SHARES, "at_least": 0.0})
    record, _ = judged(SILENT, account(), easy, rules=rules(lacking()))
    assert record.verdict == "could not judge"


def test_a_model_of_which_no_thresholds_are_known_does_not_pass():
    record, results = judged(account(Answers(8000, 0, None, None)))
    assert record.verdict == "could not judge"
    assert "no thresholds are known of it" in results[0].message


def test_no_judged_advert_is_no_evidence_of_an_answer():
    nothing = Answers(0, 0, 0, 0)
    record, results = judged(account(nothing, nothing), rules=rules(shipped()))
    assert record.verdict == "could not judge"
    assert results[0].message == "there is no such advert here"


LEAST = LeastPromises(precision=0.9, recall=0.95, confidence=0.95)


@pytest.mark.parametrize(
    ("weaker", "told"),
    [
        (rules(dataclasses.replace(shipped(), promised=0.2)), "promises recall 0.2"),
        (
            rules(shipped(), dataclasses.replace(shipped("precision"), promised=0.5)),
            "promises precision 0.5",
        ),
        (
            rules(shipped(), dataclasses.replace(shipped(language="fr"), promised=0.94)),
            "promises recall 0.94",
        ),
        (
            DecisionRules(thresholds=Thresholds((shipped(),), confidence=0.51)),
            "confidence of its thresholds is 0.51",
        ),
    ],
    ids=["recall", "precision", "of-one-language", "confidence"],
)
def test_a_weaker_promise_is_no_answer(weaker, told):
    given = report(account=account(), rules=weaker)
    strict = dataclasses.replace(gate(ranks=at_least(), answers=CONDITION), promises=LEAST)
    record = judge_conditions(given, facts(), strict)
    assert record.verdict == "could not judge"
    assert all(
        "a weaker promise is no answer" in one.message and told in one.message
        for one in record.results
        if one.name == "answers"
    )
    any_promise = gate(ranks=at_least(), answers=CONDITION)
    assert judge_conditions(given, facts(), any_promise).verdict == "passed"


def test_a_promise_as_strong_as_the_gate_asks_for_is_an_answer():
    strict = dataclasses.replace(gate(ranks=at_least(), answers=CONDITION), promises=LEAST)
    for given in (rules(shipped(), shipped("precision")), rules(lacking("precision"), shipped())):
        assert (
            judge_conditions(report(account=account(), rules=given), facts(), strict).verdict
            == "passed"
        )
