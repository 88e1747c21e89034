"""What two people label on pages in a real browser is read, and gives the estimate of its truth."""

import dataclasses
import datetime

import labelling as examples
import pytest
from labelling import press, save, start
from made_sample import drawn_sample, labelled, made_truth

from adverts_findings.survey.labelled.answers import answers_from_reviews
from adverts_findings.survey.labelled.figures import frame_figures
from adverts_findings.survey.labelled.labelled_sample import label_sample
from adverts_findings.survey.sheets.items import Item
from adverts_findings.survey.sheets.rounds import to_review
from adverts_findings.survey.sheets.sheet_csv import read_sheet

pytestmark = [pytest.mark.system("chromium"), pytest.mark.slow]
KEYS = {True: "2", False: "1"}  # “no” is the first answer of the question


def now():
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@pytest.fixture(scope="module")
def truth():
    return made_truth(4_000, 0.05)


@pytest.fixture(scope="module")
def sample(truth):
    drawn = drawn_sample(truth.frame, 200, second_share=0.1)
    return dataclasses.replace(drawn, sealed_at=now())


def page_of_round(folder, sample, reviews, number):
    names = to_review(sample, reviews, number)
    items = [Item(name, f"Advert {name}", "", (), "en") for name in names]
    path = folder / f"review-{number}.html"
    examples.write(path, items, sample.question, sample=sample.seal, round=number)
    return path, names


def keys_for(names, truth):
    return [KEYS[name in truth.items] for name in names]


def test_two_people_label_200_adverts_that_are_read_and_estimated(
    looked_at, sample, truth, tmp_path
):
    path, names = page_of_round(tmp_path, sample, [], 1)
    page = looked_at(path).page
    start(page, "Ana")
    press(page, *keys_for(names[:100], truth))
    page.reload()
    start(page, "Ana")
    press(page, "Enter", *keys_for(names[100:], truth))
    first = read_sheet(save(page, tmp_path).path, sample, [], now=now())

    path, names = page_of_round(tmp_path, sample, first, 2)
    page.goto(path.as_uri())
    start(page, "Ben")
    press(page, *keys_for(names, truth))
    second = read_sheet(save(page, tmp_path).path, sample, first, now=now())

    answers = answers_from_reviews(sample, [*first, *second])
    known = labelled(sample, truth.items)
    assert 0 < len(second) < len(first) == len(sample.draws)
    assert (answers.reviewers, answers.not_blind, answers.seen_twice) == (2, 0, len(second))
    assert frame_figures(label_sample(sample, answers)) == frame_figures(known)
