"""What a model cannot read it never flags: in every figure, at every threshold, for each model."""

from dataclasses import replace

import numpy as np
import pytest
from evaluation_examples import (
    COARSE,
    REFER,
    SETTINGS,
    TASKS,
    evaluation,
    predictions,
    targets,
)

from adverts.candidates.predict import as_judged
from adverts.evaluation.comparison.compare import compare
from adverts.evaluation.comparison.compared import Contender
from adverts.evaluation.decisions.operating_points import operating_points
from adverts.evaluation.decisions.threshold_search import ThresholdSearch
from adverts.evaluation.predictions.prediction_file import (
    read_predictions,
    select,
    write_predictions,
)
from adverts.evaluation.statistics.metrics import average_precision, recall_at_precision
from adverts.runtime.rules.thresholds import Threshold, Thresholds, label_scores

pytestmark = pytest.mark.promise

BLIND = [i % 2 == 0 for i in range(240)]


def half_read(**changes):
    answers = ["unreadable" if blind else "given" for blind in BLIND]
    return as_judged(predictions(answers=answers, **changes), None)


def judged_of(wanted):
    return ~np.isnan(wanted[:, 0])


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_no_label_that_a_threshold_could_flag_is_said_of_an_unreadable_advert(task):
    said = half_read().probabilities[task.name]
    flaggable = task.labels[1:] if task.kind == "ordinal" else task.labels
    if task.kind == "single" and task.positive_index is not None:
        flaggable = (task.labels[task.positive_index],)
    for label in flaggable:
        assert (label_scores(task, said, label)[BLIND] == 0).all()


def test_the_first_label_of_a_queue_may_be_the_positive_one():
    yes_first = REFER.__class__("refer", "single", ("yes", "no"), "yes")
    said = half_read(tasks=(yes_first,)).probabilities["refer"][BLIND]
    np.testing.assert_array_equal(said, np.tile([0.0, 1.0], (120, 1)))


def test_adverts_that_a_bundle_abstains_from_keep_what_the_model_says():
    said = predictions(answers=["abstained"] * 240)
    assert as_judged(said, None) is said


def test_figures_count_an_unreadable_positive_as_last_in_the_queue():
    said = half_read()
    figures = evaluation(said=said, reference=False).reviewed.tasks[0].models[0].figures
    wanted = targets()["refer"]
    judged = judged_of(wanted)
    score = np.where(BLIND, 0.0, predictions().probabilities["refer"][:, 1])
    pair = score[judged], wanted[judged, 1]
    assert figures["average_precision"].value == pytest.approx(average_precision(*pair))
    assert figures["recall_at_precision"].value == pytest.approx(recall_at_precision(*pair, 0.8))
    everything = evaluation(reference=False).reviewed.tasks[0].models[0].figures
    assert figures["average_precision"].value < everything["average_precision"].value


def test_nothing_is_stated_of_an_unreadable_advert_so_no_probability_of_it_is_held_to_the_truth():
    figures = evaluation(said=half_read(), reference=False).reviewed.tasks[0].models[0].figures
    odd = np.flatnonzero(~np.array(BLIND))
    read = evaluation(
        said=select(predictions(), odd),
        wanted={name: values[odd] for name, values in targets().items()},
        reference=False,
    )
    alone = read.reviewed.tasks[0].models[0].figures
    for name in ("brier", "log_loss"):
        assert figures[name].value == pytest.approx(alone[name].value)


def test_a_candidate_that_cannot_read_half_loses_against_a_champion_that_reads_all():
    both = [Contender("new", half_read(), None), Contender("old", predictions(), None)]
    found = compare(
        *both, targets(), precision=0.8, relevant=0.03, min_positive_clusters=10, resamples=200,
        seed=0,
    )  # fmt: skip
    overall = {one.figure: one for one in found.figures if not one.slice and one.task == "refer"}
    assert overall["average_precision"].answer == "worse"
    assert overall["recall_at_precision"].difference.value < -0.1
    wanted = int(judged_of(targets()["refer"]).sum())
    assert wanted == 228  # none was left out of it


def test_a_baseline_that_cannot_read_half_does_not_shrink_what_the_model_is_judged_on():
    from adverts.evaluation.summarise import summarise

    summary = summarise(
        predictions(),
        targets(),
        name="fusion",
        headline="refer",
        settings=SETTINGS,
        references={"tf-idf": half_read(seed=9)},
    ).reviewed.tasks[0]
    assert summary.evidence.adverts == 228
    model, baseline = summary.models[:2]
    assert model.figures["average_precision"].value == pytest.approx(
        evaluation(reference=False).reviewed.tasks[0].models[0].figures["average_precision"].value
    )
    assert baseline.figures["recall_at_precision"].value < 0.6


def test_a_threshold_of_zero_flags_no_advert_that_was_never_read():
    everything = Thresholds((Threshold("refer", "yes", "recall", 0.9, 0.0),))
    (point,) = operating_points(
        half_read(), targets(), everything, look_alikes=None, resamples=50, seed=0
    )
    wanted = targets()["refer"]
    judged = judged_of(wanted)
    assert point.flagged == int((judged & ~np.array(BLIND)).sum())
    positives = judged & (wanted[:, 1] == 1)
    assert point.recall.value == pytest.approx(
        (positives & ~np.array(BLIND)).sum() / positives.sum()
    )


def test_decisions_are_compared_without_flagging_what_was_never_read():
    everything = Thresholds((Threshold("refer", "yes", "recall", 0.9, 0.0),))
    both = [
        Contender(name, one, everything)
        for name, one in (("new", half_read()), ("old", predictions()))
    ]
    found = compare(
        *both, targets(), precision=0.8, relevant=0.03, min_positive_clusters=10, resamples=50,
        seed=0,
    )  # fmt: skip
    (decided,) = [one for one in found.decisions if one.purpose == "recall"]
    assert decided.only_candidate_right > 0  # negatives that it cannot flag
    assert decided.only_champion_right > 0  # positives that it cannot find


def test_no_threshold_promises_a_recall_that_the_unreadable_adverts_forbid():
    scores = np.r_[np.zeros(20), np.linspace(0.6, 0.9, 180), np.linspace(0.01, 0.3, 400)]
    positive = np.arange(600) < 200
    search = ThresholdSearch(scores, positive, [f"c{i}" for i in range(600)], 0.95)
    complete = Threshold("refer", "yes", "recall", 0.95, None)
    assert search.keeping(complete) is None
    assert "no threshold finds more than 0.9 of the positives" in search.lack(complete)
    found = search.keeping(replace(complete, promised=0.8))
    assert found is not None
    assert found.value > 0
    assert found.recall <= 0.9
    precise = Threshold("refer", "yes", "precision", 0.9, None, operating_prevalence=0.3)
    assert search.keeping(precise) is not None


def test_answers_are_stored_and_a_file_of_before_tells_nothing_of_them(tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "p.parquet"
    write_predictions(path, half_read())
    assert list(read_predictions(path).answers) == list(half_read().answers)
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["answer"]), path)
    assert set(read_predictions(path).answers) == {None}
    assert not read_predictions(path).unreadable.any()


def test_a_task_without_a_positive_label_ranks_an_unreadable_advert_last_for_every_label():
    said = half_read().probabilities[COARSE.name]
    assert said[BLIND].max() == 0.0
