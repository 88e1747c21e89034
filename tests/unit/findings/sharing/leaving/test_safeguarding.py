"""Signals of danger to a person stay open until somebody closes them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_items import review

from adverts.data.mapping.taxonomy import safeguarding_signals
from adverts_findings.sharing.leaving.safeguarding import UNKNOWN, open_signals

pytestmark = pytest.mark.promise


def word(label, reviewer="Cleo Demo", day=-10, task="safeguarding", **changes):
    return review(label, reviewer, day, task=task, **changes)


def test_an_advert_of_which_nobody_said_anything_has_no_signal():
    assert open_signals([]) == ()


@pytest.mark.parametrize("label", [*safeguarding_signals(), "unsure"])
def test_each_signal_and_doubt_is_open(label):
    assert open_signals([word(label)]) == (label,)


@pytest.mark.parametrize("label", ["something else", "", "Closed", "NONE", "none closed"])
def test_a_label_that_is_not_known_opens_a_signal_whose_words_are_not_repeated(label):
    assert open_signals([word(label)]) == (UNKNOWN,)


def test_several_signals_in_one_answer_are_all_open():
    found = open_signals([word("live_distress, minor_present;unsure")])
    assert found == ("live_distress", "minor_present", "unsure")


def test_anybody_who_closes_later_closes_all_signals():
    words = [word("minor_present"), word("unsure", "Dan Demo"), word("closed", "Eve Demo", -9)]
    assert open_signals(words) == ()


def test_none_closes_only_what_the_same_reviewer_saw():
    words = [word("minor_present"), word("live_distress", "Dan Demo"), word("none", day=-9)]
    assert open_signals(words) == ("live_distress",)


def test_the_same_reviewer_is_known_whatever_the_capitals_and_spaces():
    assert open_signals([word("minor_present"), word("none", "cleo  DEMO", -9)]) == ()


@pytest.mark.parametrize("label", ["closed", "none"])
@pytest.mark.parametrize("day", [-10, -11])
def test_a_word_that_is_not_later_closes_nothing(label, day):
    assert open_signals([word("minor_present"), word(label, day=day)]) == ("minor_present",)


@pytest.mark.parametrize("label", ["closed", "none"])
def test_a_signal_that_was_recorded_after_a_word_is_not_closed_by_it(label):
    assert open_signals([word(label, day=-9), word("minor_present")]) == ("minor_present",)


@pytest.mark.parametrize("label", ["closed", "none"])
def test_a_word_without_a_time_closes_nothing(label):
    words = [word("minor_present"), word(label, reviewed_at="soon")]
    assert open_signals(words) == ("minor_present",)


def test_a_signal_without_a_time_stays_open():
    assert open_signals([word("unsure", reviewed_at=""), word("closed", day=-1)]) == ("unsure",)


def test_a_signal_is_not_closed_by_another_one_of_the_same_reviewer():
    words = [word("minor_present"), word("live_distress", day=-9)]
    assert open_signals(words) == ("live_distress", "minor_present")


def test_a_signal_after_a_closed_one_is_open_again():
    words = [word("minor_present"), word("closed", day=-9), word("minor_present", day=-8)]
    assert open_signals(words) == ("minor_present",)


def test_a_signal_in_another_task_is_open_and_is_closed_in_the_task_of_safeguarding():
    seen = word("price_question vulnerability_indicator", task="signals")
    assert open_signals([seen, word("none", task="signals", day=-9)]) == (
        "vulnerability_indicator",
    )
    assert open_signals([seen, word("closed", day=-9)]) == ()


@pytest.mark.parametrize("label", ["yes", "no", "unsure", "offer_crossing", "price_question"])
def test_other_answers_in_other_tasks_are_no_signals(label):
    assert open_signals([word(label, task="signals")]) == ()


LABELS = ["minor_present", "unsure", "none", "closed", "other"]
WORDS = st.lists(
    st.builds(
        word,
        st.sampled_from(LABELS),
        st.sampled_from(["Cleo Demo", "Dan Demo"]),
        st.integers(-5, -1),
    ),
    max_size=7,
)


@given(WORDS)
@settings(deadline=None)
def test_only_a_later_word_leaves_an_advert_without_signals(words):
    signals = [(place, one) for place, one in enumerate(words) if one.label not in LABELS[2:4]]
    closed = [
        any(
            after.reviewed_at > one.reviewed_at
            and (
                after.label == "closed"
                or (after.label == "none" and after.reviewer == one.reviewer)
            )
            for after in words[place + 1 :]
        )
        for place, one in signals
    ]
    assert (open_signals(words) == ()) == all(closed)
