"""Figures of every label of a task in which an advert may have several."""

import dataclasses

import evaluation_examples as examples
import numpy as np
import pytest
import report_examples
from sklearn.metrics import f1_score, precision_score, recall_score

from adverts.advert import Task
from adverts.evaluation.report.write_report import to_html, to_json, to_markdown
from adverts.evaluation.report_content import Report
from adverts.evaluation.summarise import summarise


@pytest.fixture(scope="module")
def evaluation():
    return examples.evaluation(reference=False)


@pytest.fixture(scope="module")
def signals(evaluation):
    return next(one for one in evaluation.reviewed.tasks if one.task.name == "signals")


@pytest.mark.parametrize("label", [0, 1])
def test_each_label_has_the_figures_of_an_independent_library(signals, label):
    truth = examples.targets()["signals"][:, label]
    known = ~np.isnan(truth)
    said = examples.predictions().probabilities["signals"][known, label] >= 0.5
    figures = signals.labels[label].figures
    for name, reference in (
        ("precision", precision_score),
        ("recall", recall_score),
        ("f1", f1_score),
    ):
        one = figures[name]
        assert one.value == pytest.approx(reference(truth[known] == 1, said))
        assert one.low <= one.value <= one.high
    assert "average_precision" in figures


def test_a_label_that_no_advert_has_shows_no_figure(signals):
    never = signals.labels[2]
    assert (never.label, never.adverts) == ("never", 0)
    assert never.figures == {}


def test_a_label_that_is_never_judged_breaks_nothing():
    wanted = examples.targets()
    wanted["signals"][:, 2] = np.nan
    found = examples.evaluation(reference=False, wanted=wanted)
    task = next(one for one in found.reviewed.tasks if one.task.name == "signals")
    assert task.labels[2].figures == {}
    assert task.labels[0].figures["recall"].value is not None


def test_a_multi_label_headline_lists_labels_with_numbers_and_the_setting(evaluation):
    report = Report(evaluation, examples.origin())
    page = to_html(report).partition('id="labels-signals"')[2].partition("<h3")[0]
    table = page.partition("</table>")[0]
    assert "a probability of 0.5" in page
    assert table.count("<tr>") == 3  # two labels and the head
    assert "min_positive_clusters" in page
    assert "never (0 clusters)" in page
    assert "Precision, recall and F1 count a label as given" in to_markdown(report)


def test_other_kinds_of_task_keep_their_figures(evaluation):
    coarse = next(one for one in evaluation.reviewed.tasks if one.task.name == "coarse")
    assert isinstance(coarse.task, Task)
    assert {"precision", "recall", "f1"} <= set(coarse.labels[0].figures)


def test_labels_with_frozen_thresholds_show_what_they_do_there(evaluation):
    boat = dataclasses.replace(
        report_examples.OPERATING[1],
        threshold=dataclasses.replace(report_examples.DEFAULT, value=0.131),
        independent=27.0,
    )
    page = to_html(Report(evaluation, examples.origin(), operating=(boat,)))
    table = page.partition('class="stack label-thresholds"')[2].partition("</table>")[0]
    assert "boat" in table
    assert "0.131" in table
    assert "worth 27 independent adverts" in table
    assert "0.905 to 0.946" in table
    assert "label-thresholds" not in page.partition("</table>")[0].partition("<body>")[2]


@pytest.mark.parametrize("write", [to_html, to_markdown, to_json])
def test_a_report_led_by_several_labels_can_be_written_in_every_form(write):
    said, wanted = examples.predictions(), examples.targets()
    found = summarise(said, wanted, name="text", headline="signals", settings=examples.SETTINGS)
    text = write(Report(found, examples.origin()))
    assert "each label has figures of its own" in text
    assert "0.5" in text
    assert "label, hidden by min_positive_clusters=10: never (0 clusters)" in text.replace(
        "</a>", ""
    )
