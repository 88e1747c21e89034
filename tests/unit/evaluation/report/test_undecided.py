"""Adverts that are answered, but that no threshold decides."""

from types import SimpleNamespace as Holder

import pytest

from adverts.advert import Task
from adverts.evaluation.figures.judged_adverts import Account, Answers
from adverts.evaluation.report.sentences import account_rows
from adverts.evaluation.report.undecided import undecided
from adverts.runtime.rules.thresholds import Threshold, Thresholds

TASK = Task(name="refer", kind="single", labels=("no", "yes"), positive="yes")
LACK = "about 20 more positive clusters are needed"


def report_of(*thresholds, flagged=0, answers=None, withheld=()):
    answers = answers or Answers(adverts=40, unreadable=1, abstained=3)
    account = Account("refer", answers.adverts, 0, 0, 0, 0, answers, 0)
    return Holder(
        task=lambda _: Holder(task=TASK),
        account=account,
        rules=Holder(thresholds=Thresholds(thresholds, withheld=withheld)),
        operating=[Holder(threshold=one, flagged=flagged) for one in thresholds if one.value],
    )


def threshold(purpose, value=None, **more):
    lack = None if value else LACK
    return Threshold("refer", "yes", purpose, 0.9, value, lack=lack, **more)


def test_without_any_threshold_every_answered_advert_is_undecided():
    found = undecided(report_of(threshold("precision"), threshold("recall")))
    assert (found.adverts, found.judged) == (36, 40)
    assert "36 of 40 judged adverts are marked abstain" in found.line
    assert f"no threshold ships with the model: {LACK}." in found.line


def test_with_a_precision_threshold_those_below_it_are_undecided():
    found = undecided(report_of(threshold("precision", 0.8), threshold("recall"), flagged=10))
    assert (found.adverts, found.line) == (26, None)
    assert found.why == "no recall threshold ships with the model"


@pytest.mark.parametrize(
    "report",
    [
        report_of(),
        report_of(threshold("precision"), threshold("recall", 0.3)),
        report_of(threshold("precision", 0.8, language="fr"), threshold("recall")),
        report_of(threshold("precision", 0.8), withheld=("recall",)),
    ],
)
def test_where_thresholds_decide_or_it_depends_on_the_advert_nothing_is_said(report):
    assert undecided(report) is None


def test_where_it_is_unknown_what_is_answered_the_count_is_unknown():
    answers = Answers(adverts=40, unreadable=1, abstained=None)
    report = report_of(threshold("recall"), answers=answers)
    found = undecided(report)
    assert (found.adverts, found.line) == (None, None)
    rows = account_rows(report.account, found)
    (row,) = [one for one in rows if "marked abstain" in one.text]
    assert (row.sign, row.number) == ("of these", "not known")
