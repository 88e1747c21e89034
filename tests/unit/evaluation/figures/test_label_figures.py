"""Figures of every label of a task in which an advert may have several."""

import evaluation_examples as examples
import numpy as np
import pytest
from sklearn.metrics import f1_score, precision_score, recall_score

from adverts.advert import Task
from adverts.evaluation.report.write_report import to_html, to_markdown
from adverts.evaluation.report_content import Report


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
