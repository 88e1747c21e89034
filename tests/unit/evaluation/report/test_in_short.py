"""One sentence for somebody who decides: every number with its interval, or that it is unknown."""

import dataclasses
import json
import re

import evaluation_examples as examples
import pytest
import report_examples

from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.report.headline import read_headline
from adverts.evaluation.report.in_short import (
    about_100,
    at_prevalence,
    cautions,
    in_short,
    lack_sentence,
    of_100,
)
from adverts.evaluation.report.table import render
from adverts.evaluation.report.write_report import headline_in, to_html, to_json, to_markdown
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate

FORMS = pytest.mark.parametrize("write", [to_html, to_markdown, to_json])


@pytest.fixture(scope="module")
def whole():
    return report_examples.full_report()


@pytest.fixture(scope="module")
def plain(whole):
    """The same without a frozen threshold."""
    return Report(whole.evaluation, whole.origin)


def with_settings(report, **changes):
    settings = dataclasses.replace(report.evaluation.settings, **changes)
    return dataclasses.replace(
        report, evaluation=dataclasses.replace(report.evaluation, settings=settings)
    )


def with_task(report, **changes):
    reviewed = report.evaluation.reviewed
    tasks = tuple(
        dataclasses.replace(one, **changes) if one.task.name == "refer" else one
        for one in reviewed.tasks
    )
    reviewed = dataclasses.replace(reviewed, tasks=tasks)
    return dataclasses.replace(
        report, evaluation=dataclasses.replace(report.evaluation, reviewed=reviewed)
    )


def test_it_is_at_the_threshold_that_flags_most_with_every_interval(whole):
    text = in_short(whole).text
    assert text.startswith("Of 100 adverts that it flags, about 71 (66 to 75) are right; it finds ")
    assert "it finds about 93 (90 to 95) of 100 with the label “yes”" in text
    assert "the frozen threshold of 0.118 (promises a recall of 0.95)" in text
    assert "as in these adverts" in text
    assert re.search(r"Evidence: 67 adverts of “yes”, equivalent to \d+ independent adverts", text)


def test_without_a_recall_threshold_the_one_for_precision_counts(whole):
    report = dataclasses.replace(whole, operating=report_examples.OPERATING[:1])
    assert "0.713 (promises a precision of 0.9)" in in_short(report).text


def test_at_a_stated_prevalence_precision_follows_from_both_rates(whole):
    said = in_short(with_settings(whole, prevalence=0.01))
    low, value, high = (
        0.01 * r / (0.01 * r + 0.99 * f) for r, f in ((0.905, 0.1), (0.931, 0.09), (0.946, 0.08))
    )
    assert said.right.value == pytest.approx(value)
    assert (said.right.low, said.right.high) == pytest.approx((low, high))
    assert "about 9 (8 to 11) are right" in said.text
    assert "where 1 % of adverts are “yes”, the operating prevalence" in said.text
    assert (said.prevalence, said.is_stated) == (0.01, True)


def test_a_precision_measured_at_that_prevalence_is_taken_as_it_is(whole):
    report = dataclasses.replace(whole, operating=report_examples.OPERATING[:1])
    assert in_short(with_settings(report, prevalence=0.01)).right == Estimate(0.91, 0.86, 0.95)


def test_without_a_frozen_threshold_the_likeliest_label_counts_and_is_named(plain):
    said = in_short(plain)
    assert said.threshold is None
    assert "for the likeliest label, since no threshold is frozen with the model" in said.text
    assert re.search(r"about \d+ \(\d+ to \d+\) are right", said.text)


def test_at_a_prevalence_without_a_threshold_the_precision_cannot_be_said(plain):
    said = in_short(with_settings(plain, prevalence=0.01))
    assert said.right is None
    assert "are right cannot be said, since that takes a frozen threshold; it finds" in said.text


def test_too_little_evidence_says_so_and_names_the_setting_but_no_figure(whole):
    report = with_task(whole, evidence=Evidence(190, 115, 9, 8, 107, wanted=100))
    text = in_short(report).text
    assert "cannot be said: 8 positive clusters, wanted 100 by min_positive_clusters." in text
    assert in_short(report).found is None
    assert "about" not in text


def test_refused_adverts_give_no_sentence(whole):
    origin = dataclasses.replace(whole.origin, refusal="The split chose this checkpoint.")
    said = in_short(dataclasses.replace(whole, origin=origin))
    assert "cannot be said from these adverts: The split chose this checkpoint." in said.text
    assert said.right is None


def test_a_threshold_that_flags_nothing_has_no_share_of_right_ones(whole):
    nothing = dataclasses.replace(
        report_examples.OPERATING[1],
        flagged=0,
        precision=Estimate(None, reason="undefined"),
        recall=Estimate(0.0, 0.0, 0.03),
    )
    said = in_short(dataclasses.replace(whole, operating=(nothing,)))
    assert said.right is None
    assert "since it flags none of these adverts; it finds about 0 (0 to 3) of 100" in said.text


def test_where_every_language_has_its_own_threshold_no_single_one_is_told(whole):
    own = dataclasses.replace(report_examples.RECALL, language="fr")
    point = dataclasses.replace(report_examples.OPERATING[1], threshold=own)
    said = in_short(dataclasses.replace(whole, operating=(point,)))
    assert "every language has a threshold of its own" in said.text


def test_a_threshold_of_some_languages_only_is_not_told_as_that_of_all_adverts(whole):
    own = dataclasses.replace(report_examples.RECALL, language="fr")
    point = dataclasses.replace(report_examples.OPERATING[1], threshold=own)
    said = in_short(dataclasses.replace(whole, operating=(*whole.operating, point)))
    assert "some languages have a threshold of their own, see Thresholds" in said.text
    assert (said.right, said.found) == (None, None)


@pytest.mark.parametrize(
    ("headline", "told"),
    [("coarse", "get the right label"), ("signals", "cannot be said in one sentence")],
)
def test_a_task_without_a_queue_says_what_it_can(plain, headline, told):
    evaluation = dataclasses.replace(plain.evaluation, headline=headline)
    assert told in in_short(dataclasses.replace(plain, evaluation=evaluation)).text


def test_nothing_judged_says_so(whole):
    evaluation = dataclasses.replace(whole.evaluation, reviewed=None)
    report = Report(evaluation, whole.origin)
    assert "no reviewed advert has a label" in in_short(report).text
    assert "cannot be said" in to_html(report)


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (None, "cannot be said"),
        (0.0, "0"),
        (0.001, "fewer than 1"),
        (0.504, "50"),
        (0.999, "more than 99"),
        (1.0, "100"),
    ],
)
def test_a_share_is_a_number_of_100_and_never_rounded_to_all_or_none(share, told):
    assert of_100(share) == told


def test_a_share_never_stands_without_its_interval():
    assert about_100(Estimate(0.5, 0.4, 0.62)) == "50 (40 to 62)"


def test_where_nothing_is_flagged_no_precision_follows():
    none = Estimate(0.0, 0.0, 0.0)
    assert at_prevalence(none, none, 0.01).value is None


@FORMS
def test_every_form_says_the_sentence(whole, write):
    text, said = write(whole).replace("\\u201c", "“"), in_short(whole)
    assert text.index(said.said) < text.index(said.basis)


@FORMS
def test_synthetic_adverts_and_a_lowered_bar_are_named_in_every_form(whole, write):
    report = dataclasses.replace(whole, origin=examples.origin(synthetic=True))
    text = write(report)
    assert "Synthetic data" in text
    assert "On synthetic adverts: of 100 adverts that it flags" in text
    assert "Lowered evidence bar" in text
    assert "min_positive_clusters=10" in text


def test_real_adverts_at_the_default_bar_need_no_caution(whole):
    report = with_settings(whole, min_positive_clusters=100)
    assert cautions(report) == ()
    assert "Lowered evidence bar" not in to_html(report)
    assert cautions(with_settings(whole, min_positive_clusters=250)) == ()


def test_the_setting_is_named_only_where_it_hides_the_figure():
    assert lack_sentence(Evidence(50, 40, 9, 8, 30)).endswith("wanted 100 by min_positive_clusters")
    assert lack_sentence(Evidence(500, 400, 200, 200, 3)) == "3 negative clusters, wanted 10"
    assert lack_sentence(Evidence(50, 40, None, None, None)) == (
        "40 clusters, wanted 200 by twice min_positive_clusters"
    )
    assert lack_sentence(Evidence(500, 400, 200, 200, 200)) == ""


def test_a_report_from_before_the_sentence_still_opens(tmp_path, whole):
    raw = json.loads(to_json(whole))
    for later in ("in_short", "cautions"):
        del raw["headline"][later]
    for later in ("in_short", "findings"):
        del raw[later]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(raw))
    assert read_headline(path).in_short == ""


def test_several_models_are_told_at_one_budget_and_one_at_its_own_threshold(whole):
    one = headline_in(whole)
    assert "the frozen threshold of 0.118" in render([one])
    both = render([one, one])
    assert "frozen threshold" not in both
    assert both.count(one.at_budget) == 2
    assert re.search(r"Of 200 adverts that people review in a day with 20,000", one.at_budget)
