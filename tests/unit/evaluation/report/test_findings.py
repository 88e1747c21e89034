"""The worst findings: ranked by what is surely lost, each with its interval and its section."""

import dataclasses
import json
import re

import pytest
import report_examples as examples

from adverts.evaluation.report.findings import NOTICEABLE, SHOWN, findings_of
from adverts.evaluation.report.write_report import to_html, to_json, to_markdown
from adverts.evaluation.report_content import Report
from adverts.evaluation.statistics.bootstrap import Estimate


@pytest.fixture(scope="module")
def whole():
    return examples.full_report()


def disguised(report, *perturbed, **changes):
    suite = dataclasses.replace(report.robustness, perturbed=perturbed, **changes)
    return dataclasses.replace(report, robustness=suite)


def kept(name, value, low, high, **changes):
    return examples.perturbed(
        name, "text", "heavy", 0.5, 0.0, **{"recall_kept": Estimate(value, low, high), **changes}
    )


def texts(report, gate=None):
    return [one.text for one in findings_of(report, gate).worst]


def test_almost_no_recall_under_a_disguise_leads_the_list(whole):
    report = disguised(whole, kept("zero_width", 0.9, 0.85, 0.94), kept("leet", 0.019, 0.0, 0.041))
    assert texts(report)[0] == "Recall kept under leet, heavy: 0.019 [0.000 to 0.041]."


def test_the_gate_comes_first_and_names_what_fails(whole):
    first = texts(whole, examples.gate())[0]
    assert first == "1 of 5 conditions of the gate “release” fails: recall kept under disguise."


def test_what_is_surely_lost_counts_not_what_looks_lost(whole):
    report = disguised(whole, kept("leet", 0.5, 0.45, 0.55), kept("spacing", 0.3, 0.0, 0.9))
    told = texts(report)
    leet = next(i for i, one in enumerate(told) if "leet" in one)
    spacing = next(i for i, one in enumerate(told) if "spacing" in one)
    assert leet < spacing


def test_of_one_disguise_only_the_worst_strength_is_listed(whole):
    found = [one for one in texts(whole) if "Recall kept under leet" in one]
    assert found == ["Recall kept under leet, heavy: 0.420 [0.380 to 0.450]."]


def test_a_disguise_that_gains_recall_is_no_finding(whole):
    report = disguised(whole, kept("leet", 1.423, 1.1, 1.8))
    assert not [one for one in texts(report) if "leet" in one]


def test_false_alarms_gained_weigh_ten_times(whole):
    gained = kept("leet", 1.0, 0.99, 1.0, false_positives_gained=Estimate(0.06, 0.019, 0.13))
    told = texts(disguised(whole, gained))
    expected = "False positives gained under leet, heavy: +0.060 [+0.019 to +0.130] of the others."
    assert expected in told


def test_a_broken_promise_is_listed_however_little_it_lacks(whole):
    assert [one for one in texts(whole) if "breaks its promise: recall 0.931" in one]


def test_a_kept_promise_and_one_that_cannot_be_judged_are_no_finding(whole):
    points = (dataclasses.replace(examples.OPERATING[1], kept=True), examples.OPERATING[0])
    report = dataclasses.replace(whole, operating=points)
    assert not [one for one in texts(report) if "promise" in one]
    unjudged = findings_of(report, None).unjudged
    assert "The promise of 1 threshold: refer yes, precision." in [one.text for one in unjudged]


def test_disguises_without_evidence_stand_apart_from_the_ranking(whole):
    found = findings_of(whole, None)
    assert "1 disguise: rotation, heavy." in [one.text for one in found.unjudged]
    assert not [one for one in found.worst if "rotation" in one.text]


def test_what_does_not_apply_lacks_no_evidence(whole):
    jpeg = kept("jpeg", None, None, None, lack="the model reads no pictures", applies=False)
    unjudged = findings_of(disguised(whole, jpeg), None).unjudged
    assert not [one for one in unjudged if "jpeg" in one.text]


def test_hidden_groups_name_the_setting_that_hides_them(whole):
    unjudged = [one.text for one in findings_of(whole, None).unjudged]
    expected = "1 group by language, hidden by min_positive_clusters=10: ps (2 positive clusters)."
    assert expected in unjudged


def good(whole):
    """A report in which nothing is noticeably bad."""
    report = disguised(whole, kept("leet", 0.99, 0.97, 1.0))
    tasks = tuple(
        dataclasses.replace(one, slices=(), labels=()) for one in report.evaluation.reviewed.tasks
    )
    reviewed = dataclasses.replace(report.evaluation.reviewed, tasks=tasks)
    evaluation = dataclasses.replace(report.evaluation, reviewed=reviewed)
    return dataclasses.replace(report, evaluation=evaluation, operating=(), comparison=None)


def test_a_good_model_says_that_nothing_is_worse_and_shows_the_next(whole):
    found = findings_of(good(whole), None)
    assert found.worst == ()
    assert found.verdict.startswith(f"Nothing is shown to be worse than a loss of {NOTICEABLE:g}.")
    assert found.next is not None
    assert re.search(r"\[.* to .*\]", found.next.text)


def test_of_what_is_not_shown_to_be_bad_the_widest_interval_is_named(whole):
    sure, unsure = kept("leet", 0.9, 0.88, 0.99), kept("spacing", 0.98, 0.3, 1.0)
    found = findings_of(disguised(good(whole), sure, unsure), None)
    assert found.worst == ()
    assert found.next.text == "Recall kept under spacing, heavy: 0.980 [0.300 to 1.000]."


def test_no_figure_at_all_is_not_called_good(whole):
    evaluation = dataclasses.replace(whole.evaluation, reviewed=None)
    found = findings_of(Report(evaluation, whole.origin), None)
    assert found.verdict == "Nothing could be judged, so nothing is known to be bad."
    assert found.next is None


def test_the_list_is_short_and_says_how_many_are_left_out(whole):
    many = [kept(f"disguise_{i}", 0.1, 0.05, 0.2) for i in range(20)]
    found = findings_of(disguised(whole, *many), None)
    assert len(found.worst) == SHOWN
    assert found.more >= 20 - SHOWN
    assert f"{found.more} more are in the sections below." in to_html(disguised(whole, *many))


def test_every_finding_has_an_interval_and_leads_to_a_section(whole):
    page = to_html(whole, examples.gate())
    ids = set(re.findall(r' id="([^"]+)"', page))
    found = findings_of(whole, examples.gate())
    assert all(one.section in ids for one in (*found.worst, *found.unjudged))
    assert all(re.search(r"\[.* to .*\]", one.text) for one in found.worst if one.kind != "gate")


@pytest.mark.parametrize("write", [to_html, to_markdown])
def test_both_pages_list_them_before_all_details(whole, write):
    text = write(whole, examples.gate())
    assert text.index("0.420 [0.380 to 0.450]") < text.index("Look-alikes at the precision")
    assert text.index("Worst findings") < text.index("Conditions, those") if write is to_html else 1


def test_the_json_holds_them_with_their_rule(whole):
    raw = json.loads(to_json(whole, examples.gate()))["findings"]
    assert raw["worst"][0]["kind"] == "gate"
    assert raw["worst"][1]["harm"]["low"] == pytest.approx(0.55)
    assert "surely lost" in raw["rule"]
    assert raw["unjudged"]


def test_recall_above_one_is_explained_where_it_is_shown(whole):
    report = disguised(whole, kept("leet", 1.423, 1.1, 1.8))
    page = to_html(report)
    section = page.partition('id="robustness"')[2].partition("</section>")[0]
    assert "1.423" in section
    assert "gained: more are flagged than undisguised" in section
    assert "Above 1, more of the positives are flagged under the disguise" in page
    assert "Recall kept above 1" in to_markdown(report)
    assert "gained: more" not in to_html(whole)
