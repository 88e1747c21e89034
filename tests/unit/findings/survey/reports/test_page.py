"""The page of an estimate: equal figures everywhere, no script, and names that change nothing."""

import dataclasses
import json
import re

import numpy as np
import pytest
from made_record import ASSUMED, made_part, made_record
from made_sample import drawn_sample, labelled, made_truth

from adverts.evaluation.statistics.bootstrap import Estimate
from adverts_findings.survey.labelled.comparisons import EstimateComparison
from adverts_findings.survey.labelled.figures import GroupFigures, TwoEstimates, UnitFigures
from adverts_findings.survey.reports import page, plot
from adverts_findings.survey.reports.make_record import Made, record_of_sample
from adverts_findings.survey.reports.record import Earlier, Publication, read_estimate

FOUND = Estimate(1043.0, 641.0, 1577.0)
ASSISTED = Estimate(990.0, 800.0, 1200.0, ASSUMED)
HOSTILE = 'posts collected from <script>alert(1)</script> | [x](javascript:y) \u202e `z` & "q"'
BEFORE = Earlier(
    "9" * 64, "w43", 3_900, Estimate(150.0, 90.0, 260.0), Estimate(0.04, 0.02, 0.07), False
)


@pytest.fixture(scope="module")
def whole():
    """A record with everything that a page can show."""
    n = np.arange(4_000)
    weeks = np.array(["2026-W43", "2026-W44"])[n // 2 % 2]
    truth = made_truth(
        4_000, 0.05, platforms=np.array(["x", "y"])[n % 2], weeks=weeks, views=n % 50 + 1.0
    )
    sample = drawn_sample(truth.frame, 300, adjudicated_share=0.2)
    one = labelled(sample, truth.items, unsure=[sample.draws[0].item])
    made = Made("2026-11-09T09:00:00+00:00", "adverts of a test", 0, "adverts estimate …", ("w",))
    publication = Publication("refer", True, None, (BEFORE,))
    return record_of_sample(one, made, publication, by=["platform", "week"])


def test_the_three_files_hold_the_same_sentence_and_are_for_their_owner_alone(whole, tmp_path):
    page.write_estimate(tmp_path, whole)
    assert read_estimate(tmp_path) == whole
    assert json.loads((tmp_path / "estimate.json").read_text())["id"] == whole.id
    for name in (*page.HOLDS, "estimate.json"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    assert whole.id in (tmp_path / "estimate.html").read_text()
    assert whole.id in (tmp_path / "estimate.md").read_text()


def test_a_page_runs_nothing_and_fetches_nothing(whole):
    text = page.to_html(whole)
    assert not re.search(r"<script|<img|<iframe|https?://|\son\w+=", text)
    assert "default-src 'none'" in text


def test_a_hostile_name_is_only_ever_shown():
    record = made_record(FOUND, made_part(HOSTILE), folders=(HOSTILE,), command=HOSTILE)
    text = page.to_html(record)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "\u202e" not in text
    told = page.to_markdown(record)
    assert "<script" not in told
    assert "](javascript" not in told.replace("\\](javascript", "")


def test_assisted_is_never_shown_without_by_design_and_its_assumption():
    for text in (
        page.to_html(made_record(FOUND, assisted=ASSISTED)),
        page.to_markdown(made_record(FOUND, assisted=ASSISTED)),
    ):
        assert text.lower().index("by design") < text.lower().index("assisted")
        assert ASSUMED in text
    refuted = Estimate(None, reason="cannot say: 3 positives contradict it")
    text = page.to_html(made_record(FOUND, assisted=refuted))
    assert "Not given: 3 positives contradict it." in text
    assert "not given</td>" in text


def test_every_unit_group_stratum_and_doubt_is_on_both_pages(whole):
    doubts = [one for one in whole.doubts if "“" not in one]
    names = [one.value for one in whole.groups] + [
        row.sealed.stratum.name for part in whole.samples for row in part.strata
    ]
    for text in (page.to_html(whole), page.to_markdown(whole)):
        plain = text.replace("&#39;", "'").replace("\\|", "|")
        assert [one for one in (*names, *doubts) if one not in plain] == []
        assert "No detectable change" in text or "cannot be said" in text
        assert "seen more often since" in text


def test_weeks_whose_collection_may_not_be_over_are_provisional(whole):
    assert page.open_weeks(whole) == {"2026-W44"}
    assert "provisional: its collection may not be over" in page.to_html(whole)


def test_estimates_of_a_series_stand_side_by_side_but_never_across_a_new_one(whole):
    assert "this one last" in page.to_html(whole)
    assert "| w43 | 3,900 | 150 (90 to 260) | 4.0 % (2.0 % to 7.0 %) |" in page.to_markdown(whole)
    apart = EstimateComparison("samples", "w43", "w44", None, None, "The codebook changed.")
    record = dataclasses.replace(whole, comparisons=(apart,))
    assert "The codebook changed." in page.to_html(record)
    assert "this one last" not in page.to_html(record)
    assert "| w43 |" not in page.to_markdown(record)


def test_zero_positives_are_a_bound_on_the_page_too():
    text = page.to_html(made_record(Estimate(0.0, 0.0, 4516.0), made_part(positive=0)))
    assert re.search(r"no more than</small>4,600", text)


def test_a_group_without_enough_labels_has_no_bar():
    none = Estimate(None, reason="cannot say: 8 labels of this group, want at least 30")
    figures = UnitFigures("adverts", 588.0, TwoEstimates(none, None), None, None)
    record = made_record(FOUND, groups=(GroupFigures("platform", "x", 8, 1, (figures,)),))
    assert "8 labels of this group, want at least 30" in page.to_html(record)
    assert plot.bar(none, 1.0) == ""


def test_several_samples_are_shown_one_by_one():
    text = page.to_html(made_record(FOUND, made_part(name="w1"), made_part(name="w2")))
    assert text.count("Sample <bdi>w1</bdi>") == 2
    assert text.count("Sample <bdi>w2</bdi>") == 2


@pytest.mark.parametrize(
    ("highest", "end"), [(0.0, 1.0), (1.0, 1.0), (1577.0, 2000.0), (2001.0, 4000.0), (9e6, 1e7)]
)
def test_a_scale_ends_at_a_round_number_above_every_interval(highest, end):
    assert plot.scale_end([Estimate(0.0, 0.0, highest), Estimate(None)]) == end
