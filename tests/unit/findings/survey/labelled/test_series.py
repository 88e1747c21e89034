"""Two samples are of one series unless what was collected, or what was asked, changed."""

import dataclasses

import pytest
from made_sample import drawing, sealed, stratum

from adverts_findings.survey.labelled.series import new_series

SAMPLE = sealed([stratum("line", 10, 1, lowest=True)], [drawing("a", 0, 0.1)])


def described(words):
    return dataclasses.replace(
        SAMPLE, frame=dataclasses.replace(SAMPLE.frame, description=words), name=words[:5]
    )


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("posts of 2026-10-26 to 2026-11-01", "posts of 2026-11-02 to 2026-11-08"),
        ("Posts of  26 October to 1 November 2026", "posts of 2 November to 8 November 2026"),
        ("posts of 2026-W44", "posts of 2026-W45"),
        ("posts until 2026-10-26T09:00Z", "posts until 2026-11-02 10:30:00+01:00"),
        ("posts since October 26, 2026", "posts since November 2, 2026"),
        ("posts between 26 October and 1 November 2026", "posts between 2 and 8 November 2026"),
    ],
)
def test_dates_make_no_new_series(was, now):
    assert new_series(described(was), described(now)) is None


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("posts of the top 100 groups", "posts of the top 1000 groups"),
        ("posts of 2026-10-26", "posts and comments of 2026-11-02"),
        ("posts of 2026-10-26", "posts of 2026"),
        ("posts of 2 and 8 groups", "posts of 3 and 8 groups"),
        ("", "posts"),
    ],
)
def test_anything_else_does(was, now):
    assert new_series(described(was), described(now)) == (
        f"What was collected changed, from “{was}” to “{now}”: a new series begins, and nothing "
        "is said of a change."
    )


def test_another_codebook_is_a_new_series():
    question = dataclasses.replace(SAMPLE.question, codebook="refer 2")
    found = new_series(SAMPLE, dataclasses.replace(SAMPLE, question=question, name="w45"))
    assert found == (
        "The definitions of the answers differ between w44 and w45, so the figures cannot be "
        "compared."
    )


def test_another_meaning_under_the_same_codebook_is_a_new_series():
    choices = tuple(dataclasses.replace(one, positive=True) for one in SAMPLE.question.choices)
    question = dataclasses.replace(SAMPLE.question, choices=choices)
    told = new_series(SAMPLE, dataclasses.replace(SAMPLE, question=question))
    assert told.startswith("The answers differ between")


def test_another_task_is_a_new_series():
    question = dataclasses.replace(SAMPLE.question, task="kind")
    told = new_series(SAMPLE, dataclasses.replace(SAMPLE, question=question))
    assert told.startswith("What reviewers were asked about changed from refer to kind")


def test_another_model_is_no_new_series():
    frame = dataclasses.replace(SAMPLE.frame, bundle="c" * 64, hash="1" * 64, adverts=9)
    assert new_series(SAMPLE, dataclasses.replace(SAMPLE, frame=frame)) is None
