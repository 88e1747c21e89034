"""From all adverts to those judged: the account always adds up, and tells each reason apart."""

import dataclasses

import numpy as np
import pytest
from evaluation_examples import COARSE, REFER, RISK, SIGNALS, TASKS, predictions
from hypothesis import given
from hypothesis import strategies as st

from adverts.evaluation.figures.judged_adverts import Answers, account_for
from adverts.evaluation.report.sentences import account_rows
from adverts.evaluation.undecided import Undecided

ANSWERS = ("given", "unreadable", "abstained", "undecided")


def targets_of(task, states):
    """Return targets in which an advert has no label (0), two even ones (1), or one (2)."""
    rows = np.full((len(states), task.num_labels), np.nan, np.float32)
    for row, state in enumerate(states):
        if state:
            rows[row] = 0.0
            rows[row, :2] = (0.5, 0.5) if state == 1 else (0.0, 1.0)
            rows[row, 2:] = 0.5 if state == 1 and task.kind == "multi" else 0.0
    return rows


def told(states, *, reviewed=None, answers=None, task=REFER, set_aside=None, **changes):
    count = len(states)
    said = predictions(
        n=count,
        reviewed=np.ones(count, bool) if reviewed is None else np.array(reviewed, bool),
        **changes,
    )
    served = ["given"] * count if answers is None else answers
    aside = None if set_aside is None else np.array(set_aside, bool)
    return account_for(said, task, targets_of(task, states), served=served, set_aside=aside)


def silent(account):
    count = account.judged.undecided
    return Undecided(count, account.judged.adverts, "no threshold ships", "") if count else None


def test_the_issue_s_adverts_are_told_apart():
    # 5 lack a label and 20 have no text: once "25 adverts without one right answer"
    account = told([0] * 5 + [2] * 95, answers=["given"] * 5 + ["unreadable"] * 20 + ["given"] * 75)
    assert (account.split, account.without_label, account.judged.adverts) == (100, 5, 95)
    assert (account.judged.unreadable, account.judged.given) == (20, 75)


def test_every_advert_is_counted_for_its_first_reason():
    account = told([0, 1, 2, 2], reviewed=[False, False, False, True])
    assert account.without_label == 1
    assert account.without_one_answer == 1
    assert account.not_reviewed == 1
    assert account.judged == Answers(1, 0, 0, 0)


def test_a_task_that_no_advert_has_a_label_of_judges_none():
    account = account_for(predictions(n=7), REFER, None, served=[None] * 7)
    assert (account.without_label, account.judged.adverts) == (7, 0)


def test_what_is_not_known_of_one_advert_is_known_of_none():
    account = told([2, 2], answers=["given", None])
    assert account.judged.abstained is None
    assert account.judged.given is None
    assert [row.number for row in account_rows(account)].count("not known") == 2


def test_adverts_that_share_a_cluster_with_training_are_counted_among_the_judged():
    account = told([0, 2, 2, 2], seen=np.array([True, True, False, False]))
    assert account.seen == 1


def test_adverts_that_are_not_new_may_be_set_aside_and_are_then_not_judged():
    account = told([0, 2, 2, 2], set_aside=[True, True, False, False])
    assert (account.without_label, account.set_aside, account.judged.adverts) == (1, 1, 2)


@given(st.data())
def test_the_rows_add_up_whatever_the_adverts_are(data):
    count = data.draw(st.integers(2, 40))

    def each(values):
        return data.draw(st.lists(st.sampled_from(values), min_size=count, max_size=count))

    task = data.draw(st.sampled_from((COARSE, REFER, SIGNALS, RISK)))
    account = told(
        each([0, 1, 2]),
        reviewed=each([True, False]),
        answers=each(ANSWERS),
        seen=np.array(each([True, False]), bool),
        set_aside=each([True, False]),
        task=task,
        tasks=TASKS,
    )
    rows = account_rows(account, silent(account))
    first, left_out = rows[0].count, sum(row.count for row in rows if row.sign == "−")
    (judged,) = [row.count for row in rows if row.sign == "="]
    assert first - left_out == judged
    assert sum(row.count for row in rows if row.sign == "+") == judged
    assert all(0 <= row.count <= first for row in rows)
    assert account.seen <= judged
    if account.positives is not None:
        for name in ("adverts", "unreadable", "abstained", "undecided", "given"):
            assert getattr(account.positives, name) <= getattr(account.judged, name)


def test_an_account_that_does_not_add_up_is_a_bug_of_ours():
    account = told([2, 2])
    with pytest.raises(AssertionError, match="does not add up"):
        dataclasses.replace(account, split=3)
