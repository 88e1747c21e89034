"""From label cells to target weights."""

import math

import pytest

from adverts.advert import Task
from adverts.data.mapping.label_cells import (
    LabelPlan,
    Votes,
    majority,
    read_votes,
    target_weights,
    with_labels,
)
from adverts.data.sources.bad_rows import RowFault
from adverts.errors import InputError

SPAM = Task("spam", "single", ("no", "yes"), "yes")
SIGNALS = Task("signals", "multi", ("boat", "price", "phone"))
RISK = Task("risk", "ordinal", ("0", "1", "2"))


def plan(task, *, separator=None, masked=(), translate=None):
    return LabelPlan(task, "label", separator, masked, translate or {})


def weights(task, cell, **options):
    votes = read_votes(plan(task, **options), cell)
    return None if votes is None else target_weights(task, votes)


@pytest.mark.parametrize("cell", [None, "", "  ", math.nan, []])
def test_an_empty_cell_is_no_label(cell):
    assert weights(SPAM, cell) is None


def test_labels_that_only_look_like_numbers_are_words():
    votes = [Votes(((label,),), ()) for label in ("3", "--5", "-4")]
    assert with_labels(plan(Task("level", "single", ())), votes).task.labels == ("--5", "-4", "3")


def test_half_of_a_surrogate_pair_is_no_label():
    with pytest.raises(RowFault, match="surrogate"):
        read_votes(plan(Task("spam", "single", ())), "\ud83d")


def test_one_value_is_one_label():
    assert weights(SPAM, " yes ") == (0.0, 1.0)


def test_annotators_share_the_weight():
    assert weights(SPAM, ["yes", "no", "yes", "yes"]) == (0.25, 0.75)
    assert weights(RISK, "0|2", separator="|") == (0.5, 0.0, 0.5)


def test_an_annotator_who_said_nothing_does_not_count():
    assert weights(SPAM, ["yes", None, ""]) == (0.0, 1.0)


def test_every_raw_value_is_kept_in_order():
    votes = read_votes(plan(SPAM, masked=("unsure",)), ["yes", "unsure"])
    assert votes == Votes(chosen=(("yes",),), raw=("yes", "unsure"))


def test_masked_values_count_as_no_label():
    assert weights(SPAM, ["unsure", "no"], masked=("unsure",)) == (1.0, 0.0)
    assert weights(SPAM, "unsure", masked=("unsure",)) is None


def test_translated_values_may_be_no_label():
    translate = {"offer": "yes", "news": "no", "unusable": None}
    assert weights(SPAM, ["offer", "unusable"], translate=translate) == (0.0, 1.0)
    assert weights(SPAM, "unusable", translate=translate) is None


def test_signals_are_independent_and_none_is_an_answer():
    assert weights(SIGNALS, ["boat", "phone"]) == (1.0, 0.0, 1.0)
    assert weights(SIGNALS, []) == (0.0, 0.0, 0.0)
    assert weights(SIGNALS, "", separator=";") == (0.0, 0.0, 0.0)
    assert weights(SIGNALS, "boat; price", separator=";") == (1.0, 1.0, 0.0)
    assert weights(SIGNALS, None) is None


def test_several_annotators_of_signals_share_the_weight():
    assert weights(SIGNALS, [["boat"], ["boat", "price"]]) == (1.0, 0.5, 0.0)


def test_a_signal_named_twice_counts_once():
    assert weights(SIGNALS, ["boat", "boat"]) == (1.0, 0.0, 0.0)


def test_numbers_are_labels_by_their_usual_form():
    assert weights(RISK, 2) == weights(RISK, 2.0) == weights(RISK, "2") == (0.0, 0.0, 1.0)


@pytest.mark.parametrize("cell", ["Unmistakable", ["yes", "Unmistakable"]])
def test_an_unknown_label_is_refused_without_quoting_it(cell):
    with pytest.raises(RowFault) as fault:
        read_votes(plan(SPAM), cell)
    assert fault.value.reason == "value is not one of no, yes"


@pytest.mark.parametrize(("task", "cell"), [(SPAM, {"a": 1}), (SIGNALS, 3), (SPAM, [["yes"]])])
def test_a_cell_of_another_kind_is_refused(task, cell):
    with pytest.raises(RowFault):
        read_votes(plan(task), cell)


def found(task, *values):
    votes = [Votes(((value,),), (value,)) for value in values]
    return with_labels(plan(task), votes).task.labels


def test_more_annotators_than_are_read_are_refused():
    assert len(read_votes(plan(SIGNALS), [["boat"]] * 1_000).chosen) == 1_000
    with pytest.raises(RowFault, match="has 1,001 annotators; at most 1,000 are read"):
        read_votes(plan(SIGNALS), [["boat"]] * 1_001)


def test_labels_that_are_not_listed_are_those_found_sorted():
    assert found(Task("t", "single", ()), "b", "a", "b") == ("a", "b")
    assert found(Task("t", "ordinal", ()), "10", "2", "-1") == ("-1", "2", "10")


def test_labels_of_more_digits_than_a_number_has_are_words():
    assert found(Task("t", "single", ()), "2", "1" * 5_000) == ("1" * 5_000, "2")
    assert found(SPAM, "yes") == ("no", "yes")


def test_labels_cannot_be_found_where_there_are_none():
    with pytest.raises(InputError, match="holds no label"):
        found(Task("t", "single", ()))
    with pytest.raises(InputError, match="positive='yes' does not occur"):
        found(Task("t", "single", (), "yes"), "a")
    with pytest.raises(InputError, match="if it is the column of labels"):
        found(Task("t", "single", ()), *map(str, range(1001)))


def test_words_are_not_put_in_an_order_by_the_alphabet():
    with pytest.raises(InputError, match="list the labels in order"):
        found(Task("t", "ordinal", ()), "low", "mid", "high")


def test_the_majority_is_the_first_of_equals_and_empty_without_votes():
    assert majority(Votes((("b",), ("a",), ("b",)), ())) == "b"
    assert majority(Votes((("b",), ("a",)), ())) == "b"
    assert majority(None) == ""
