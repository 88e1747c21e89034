"""Adverts that the model reads, but that no threshold decides."""

from types import SimpleNamespace as Holder

import pytest

from adverts.advert import Task
from adverts.evaluation.figures.judged_adverts import Account, Answers
from adverts.evaluation.report.sentences import account_rows
from adverts.evaluation.undecided import undecided
from adverts.runtime.rules.thresholds import Threshold, Thresholds

TASK = Task(name="refer", kind="single", labels=("no", "yes"), positive="yes")
LACK = "about 20 more positive clusters are needed"


def report_of(*thresholds, undecided=36, task=TASK, has_rules=True):
    unknown = undecided is None
    answers = Answers(40, 1, None if unknown else 3, undecided)
    return Holder(
        task=lambda _: Holder(task=task),
        account=Account("refer", 40, 0, 0, 0, 0, answers, 0),
        rules=Holder(thresholds=Thresholds(thresholds)) if has_rules else None,
    )


def threshold(purpose, value=None, **more):
    lack = None if value else LACK
    return Threshold("refer", "yes", purpose, 0.9, value, lack=lack, **more)


def test_without_any_threshold_the_cure_is_named():
    found = undecided(report_of(threshold("precision"), threshold("recall")))
    assert (found.adverts, found.judged) == (36, 40)
    assert "36 of 40 judged adverts are marked abstain" in found.line
    assert f"no threshold ships with the model: {LACK}." in found.line


def test_with_a_precision_threshold_alone_the_recall_threshold_is_missed():
    found = undecided(report_of(threshold("precision", 0.8), threshold("recall"), undecided=26))
    assert (found.adverts, found.line) == (26, None)
    assert found.why == "no recall threshold ships with the model"


def test_thresholds_for_single_languages_leave_the_others_undecided():
    found = undecided(report_of(threshold("recall", 0.3, language="fr"), threshold("recall")))
    assert found.why == "no recall threshold ships for their language"


def test_a_task_without_a_positive_label_decides_nothing():
    found = undecided(report_of(task=Task("refer", "single", ("a", "b", "c"))))
    assert "no positive label" in found.why
    assert found.cure == "name one: data.tasks.positive="


@pytest.mark.parametrize("count", [0, None])
def test_where_thresholds_decide_nothing_is_said(count):
    given = (threshold("precision"), threshold("recall", 0.3))
    assert undecided(report_of(*given, undecided=count)) is None


@pytest.mark.parametrize("has_rules", [True, False])
def test_where_it_is_unknown_what_is_answered_the_count_is_unknown(has_rules):
    report = report_of(threshold("recall"), undecided=None, has_rules=has_rules)
    found = undecided(report)
    assert (found.adverts, found.line) == (None, None)
    rows = account_rows(report.account, found)
    assert [row.number for row in rows if "band abstain" in row.text] == ["not known"] * 2


def test_the_rows_give_one_count_of_what_is_left_to_people_for_each_reason():
    report = report_of(threshold("precision"), threshold("recall"))
    rows = [row for row in account_rows(report.account, undecided(report)) if row.sign == "+"]
    assert [row.count for row in rows] == [0, 1, 3, 36]
    assert rows[-1].text == (
        "of which it leaves to people (band abstain): no threshold ships with the model"
    )
