"""The sentence of an estimate, as a person would write it."""

import dataclasses

import pytest
from made_record import POSTS, QUESTION, made_part, made_record

from adverts.data.mapping.taxonomy import CLASS_TASK
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.labelled.figures import TwoEstimates, UnitFigures
from adverts_findings.survey.reports import sentences
from adverts_findings.survey.reports.sentences import headline
from adverts_findings.survey.sample import Choice

FOUND = Estimate(1043.0, 641.0, 1577.0)
NONE = Estimate(0.0, 0.0, 4516.0)


def test_a_figure_is_of_what_was_collected_with_its_interval_and_share():
    assert headline(made_record(FOUND)) == (
        "Of the 1,204,331 posts collected from posts.example between 26 October and 1 November "
        "2026, an estimated 1,040 (95 % interval 640 to 1,580) are labelled “yes” (refer); that is "
        "0.087 % (0.053 % to 0.131 %) of them."
    )


def test_a_provisional_figure_says_so_in_the_sentence():
    assert "(95 % interval 640 to 1,580; provisional)" in headline(
        made_record(FOUND, provisional=True)
    )
    assert ", provisionally, no more than 4,600 are" in headline(
        made_record(NONE, made_part(positive=0), provisional=True)
    )


def test_without_a_positive_there_is_an_upper_bound_and_no_zero():
    assert headline(made_record(NONE, made_part(positive=0))) == (
        f"Of the 1,204,331 {POSTS}, no more than 4,600 are labelled “yes” (refer), or 0.38 % of "
        "them (95 % interval): none of the 800 that people looked at was."
    )


def test_adverts_that_could_not_be_judged_are_said_beside_a_bound():
    assert "at was, and 3 could not be judged." in headline(
        made_record(NONE, made_part(positive=0, not_judged=3))
    )


def test_positives_that_errors_of_reviewers_explain_are_not_hidden():
    assert headline(made_record(NONE, made_part(positive=2))).endswith(
        "(95 % interval): 2 of the 800 that people looked at were called so, no more than their "
        "known errors explain."
    )


def test_what_cannot_be_said_is_not_said_and_why():
    reason = "cannot say: one positive that was not drawn could add 9% of the frame"
    for found in (Estimate(None, reason=reason), Estimate(1043.0, 641.0, 1577.0, reason)):
        assert headline(made_record(found)) == (
            f"Of the 1,204,331 {POSTS}, it cannot be said how many are labelled “yes” (refer): one "
            "positive that was not drawn could add 9% of the frame."
        )


@pytest.mark.parametrize(
    ("description", "told"),
    [
        ("Posts of posts.example", "Of the 1,204,331 adverts collected (Posts of posts.example), "),
        ("posts of  a platform.", "Of the 1,204,331 adverts collected (posts of a platform), "),
        ("the posts collected on x", "Of the 1,204,331 adverts collected (the posts collected "),
        ("adverts, collected on x", "Of the 1,204,331 adverts, collected on x, an estimated"),
        ("eine Woche\nPosts", "Of the 1,204,331 adverts collected (eine Woche Posts), "),
    ],
)
def test_whatever_a_person_called_it_the_sentence_says_that_it_was_collected(description, told):
    assert headline(made_record(FOUND, made_part(description))).startswith(told)


def test_several_frames_are_one_figure_of_adverts_that_count_once():
    parts = made_part("posts of x"), made_part("posts of y")
    assert headline(made_record(FOUND, *parts)).startswith(
        "Of the 1,204,331 adverts of 2 collections, each counted once (posts of x; posts of y), an "
    )


@pytest.mark.parametrize(
    ("task", "labels", "told"),
    [
        ("spam", ["spam"], "are labelled “spam”"),
        ("kind", ["a", "b"], "are labelled “a” or “b” (kind)"),
        ("kind", ["a", "b", "c"], "are labelled “a”, “b” or “c” (kind)"),
        ("kind", ["a", "b", "c", "d"], "have one of the 4 labels of kind that count"),
        (CLASS_TASK, ["a", "b"], "are candidates for referral"),
    ],
)
def test_what_counts_is_named(task, labels, told):
    choices = tuple(Choice(label, "", True) for label in labels)
    question = dataclasses.replace(QUESTION, task=task, choices=(*choices, *QUESTION.choices[:1]))
    assert sentences.what_counts(question) == told


def test_a_class_and_a_label_of_one_word_are_said_once():
    choices = Choice("spam", "", True), Choice("ham", "", False)
    question = dataclasses.replace(QUESTION, task="spam", choices=choices)
    assert sentences.name_of_what_counts(question) == "spam"
    assert sentences.name_of_what_counts(QUESTION) == "refer: yes"


def test_nothing_is_claimed_beyond_what_was_collected_or_of_causes():
    said = " ".join(
        headline(made_record(found, made_part(positive=0)))
        for found in (FOUND, NONE, Estimate(None, reason="cannot say: x"))
    )
    assert not [word for word in ("online", "because", "due to", "thanks") if word in said]


def test_a_figure_beside_others_says_its_interval_its_bound_or_why_there_is_none():
    assert sentences.figure(FOUND) == "1,040 (640 to 1,580)"
    assert sentences.figure(NONE) == "no more than 4,600"
    assert sentences.figure(Estimate(None, reason="cannot say: 8 labels")) == "cannot say: 8 labels"
    assert sentences.figure(Estimate(5.0)) == "cannot say: there is no figure"
    assert sentences.share(Estimate(0.1, 0.05, 0.2)) == "10.0 % (5.0 % to 20.0 %)"
    assert sentences.share(Estimate(0.0, 0.0, 0.2)) == "no more than 20 %"


def test_a_record_without_a_share_has_none_in_its_sentence():
    figures = UnitFigures("adverts", None, TwoEstimates(FOUND, None), None, None)
    assert "that is" not in headline(made_record(FOUND, figures=(figures,)))
