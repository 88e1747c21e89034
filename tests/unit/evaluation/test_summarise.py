"""What is said of a model: figures against scikit-learn, slices, evidence, headlines."""

import dataclasses

import evaluation_examples as examples
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score, roc_auc_score

from adverts.errors import InputError
from adverts.evaluation.figures.evidence import Evidence
from adverts.evaluation.figures.planned_figures import MAJORITY, verdict
from adverts.evaluation.predictions.prediction_file import read_predictions, write_predictions
from adverts.evaluation.statistics.bootstrap import Estimate
from adverts.evaluation.summarise import summarise


def task_of(evaluation, name):
    return next(task for task in evaluation.reviewed.tasks if task.task.name == name)


def figure(task, name, model=0):
    return task.models[model].figures[name].value


def judged(name):
    wanted = examples.targets()[name]
    rows = ~np.isnan(wanted).any(axis=1)
    return wanted[rows], examples.predictions().probabilities[name][rows]


def test_the_headline_task_comes_first():
    assert [t.task.name for t in examples.plain_evaluation().reviewed.tasks][0] == "refer"


def test_figures_of_a_queue_agree_with_scikit_learn():
    wanted, said = judged("refer")
    task = task_of(examples.plain_evaluation(), "refer")
    truth, decided = wanted.argmax(axis=1), said.argmax(axis=1)
    assert figure(task, "average_precision") == pytest.approx(
        average_precision_score(truth, said[:, 1])
    )
    assert figure(task, "macro_f1") == pytest.approx(f1_score(truth, decided, average="macro"))
    assert task.prevalence.value == pytest.approx(truth.mean())
    assert task.not_judged == 12
    np.testing.assert_array_equal(np.sum(task.confusion), len(truth))


def test_figures_of_classes_without_a_positive_agree_with_scikit_learn():
    wanted, said = judged("coarse")
    task = task_of(examples.plain_evaluation(), "coarse")
    truth = wanted.argmax(axis=1)
    assert figure(task, "macro_f1") == pytest.approx(
        f1_score(truth, said.argmax(axis=1), average="macro")
    )
    assert figure(task, "mean_average_precision") == pytest.approx(
        average_precision_score(wanted, said, average="macro")
    )
    assert figure(task, "roc_auc") == pytest.approx(
        roc_auc_score(truth, said, multi_class="ovr", average="macro")
    )
    assert task.prevalence is None


def test_levels_and_signals_have_the_macro_f1_of_scikit_learn():
    wanted, said = judged("risk")
    medians = (said.cumsum(axis=1) >= 0.5 - 1e-6).argmax(axis=1)
    levels = task_of(examples.plain_evaluation(), "risk")
    assert figure(levels, "macro_f1") == pytest.approx(
        f1_score(wanted.argmax(axis=1), medians, average="macro")
    )
    wanted, said = examples.targets()["signals"], examples.predictions().probabilities["signals"]
    known = ~np.isnan(wanted)
    expected = [
        f1_score(wanted[known[:, i], i], said[known[:, i], i] >= 0.5, zero_division=np.nan)
        for i in range(3)
    ]
    signals = task_of(examples.plain_evaluation(), "signals")
    assert figure(signals, "macro_f1") == pytest.approx(np.nanmean(expected))
    assert figure(signals, "micro_f1") == pytest.approx(f1_score(wanted[known], said[known] >= 0.5))
    areas = [roc_auc_score(wanted[known[:, i], i], said[known[:, i], i]) for i in (0, 1)]
    assert figure(signals, "roc_auc") == pytest.approx(np.mean(areas))


def test_signals_are_averaged_over_those_that_have_both_answers():
    wanted, said = examples.targets()["signals"], examples.predictions().probabilities["signals"]
    expected = []
    for signal in (0, 1):
        known = ~np.isnan(wanted[:, signal])
        expected.append(average_precision_score(wanted[known, signal], said[known, signal]))
    task = task_of(examples.plain_evaluation(), "signals")
    assert figure(task, "mean_average_precision") == pytest.approx(np.mean(expected))
    assert figure(task, "average_precision.never") is None
    assert task.confusion is None


def test_every_figure_stands_within_its_interval():
    for task in examples.plain_evaluation().reviewed.tasks:
        for model in task.models:
            for one in model.figures.values():
                assert one.low is None or one.low <= one.value <= one.high


def test_the_majority_class_has_the_prevalence_as_average_precision():
    task = task_of(examples.plain_evaluation(), "refer")
    assert task.models[-1].model == MAJORITY
    assert figure(task, "average_precision", -1) == pytest.approx(task.prevalence.value)
    truth = judged("refer")[0].argmax(axis=1)
    assert figure(task, "macro_f1", -1) == pytest.approx(
        f1_score(truth, np.zeros_like(truth), average="macro")
    )


@pytest.mark.parametrize(("skills", "expected"), [((3.0, 0.1), "better"), ((0.1, 3.0), "worse")])
def test_a_good_model_beats_a_poor_one_and_loses_the_other_way_round(skills, expected):
    model, reference = (
        examples.predictions(skill=skill, seed=seed) for seed, skill in enumerate(skills)
    )
    task = task_of(_against(model, reference), "refer")
    lead = next(one for one in task.comparisons if one.figure == task.primary)
    assert lead.verdict == expected


def _against(model, reference):
    return summarise(
        model,
        examples.targets(),
        name="text",
        headline="refer",
        settings=examples.SETTINGS,
        references={"other": reference},
    )


@pytest.mark.parametrize(
    ("figure_name", "low", "high", "expected"),
    [
        ("average_precision", 0.01, 0.2, "better"),
        ("average_precision", -0.2, -0.01, "worse"),
        ("average_precision", -0.1, 0.1, "undecided"),
        ("average_precision", 0.0, 0.1, "undecided"),
        ("macro_mae", -0.2, -0.01, "better"),
        ("macro_mae", 0.01, 0.2, "worse"),
        ("average_precision", None, None, "undecided"),
    ],
)
def test_only_a_whole_interval_decides(figure_name, low, high, expected):
    assert verdict(figure_name, Estimate(0.0, low, high)) == expected


def test_slices_divide_the_judged_adverts():
    task = task_of(examples.plain_evaluation(), "refer")
    for dimension in ("language", "modality", "OCR quality", "campaign"):
        parts = [part for part in task.slices if part.dimension == dimension]
        assert sum(part.evidence.adverts for part in parts) == task.evidence.adverts
        assert sum(part.evidence.positives for part in parts) == task.evidence.positives


def test_a_dimension_without_a_difference_is_left_out():
    dimensions = {part.dimension for part in task_of(examples.plain_evaluation(), "refer").slices}
    assert "script" not in dimensions


def test_a_slice_has_the_figures_of_its_adverts_alone():
    said, wanted = examples.predictions(), examples.targets()["refer"]
    rows = np.array(said.langs) == "fr"
    rows &= ~np.isnan(wanted).any(axis=1)
    task = task_of(examples.plain_evaluation(), "refer")
    part = next(one for one in task.slices if one.value == "fr")
    assert part.models[0].figures["average_precision"].value == pytest.approx(
        average_precision_score(wanted[rows, 1], said.probabilities["refer"][rows, 1])
    )


def test_a_slice_with_too_little_evidence_says_so_and_shows_no_figure():
    task = task_of(examples.plain_evaluation(), "refer")
    part = next(one for one in task.slices if one.value == "ps")
    assert "wanted 10" in part.evidence.lack
    assert part.models == ()
    assert part.comparisons == ()


@pytest.mark.parametrize(
    ("positive_clusters", "negative_clusters", "lack"),
    [
        (10, 10, None),
        (9, 10, "9 positive clusters, wanted 10"),
        (10, 9, "9 negative clusters, wanted 10"),
        (10, 1, "1 negative cluster, wanted 10"),
    ],
)
def test_evidence_is_counted_in_clusters_of_both_answers(
    positive_clusters, negative_clusters, lack
):
    assert Evidence(99, 20, 50, positive_clusters, negative_clusters, wanted=10).lack == lack


def test_without_a_special_label_evidence_is_counted_in_clusters():
    assert Evidence(99, 20, None, None, None, wanted=10).lack is None
    assert Evidence(99, 19, None, None, None, wanted=10).lack == "19 clusters, wanted 20"


def test_copies_of_one_campaign_are_one_piece_of_evidence():
    said = examples.predictions(clusters=["one"] * 240)
    task = task_of(examples.evaluation(said=said, reference=False), "refer")
    assert task.evidence.positive_clusters == 1
    assert all(part.models == () for part in task.slices)


def test_a_label_that_stands_in_too_few_clusters_shows_no_figure():
    labels = {row.label: row for row in task_of(examples.plain_evaluation(), "signals").labels}
    assert labels["never"].figures == {}
    assert labels["price"].figures["average_precision"].value is not None


def test_unreviewed_adverts_enter_no_reviewed_figure():
    reviewed = np.arange(240) < 200
    said = examples.predictions(reviewed=reviewed)
    spoiled = {name: values.copy() for name, values in said.probabilities.items()}
    spoiled["refer"][200:] = [0.5, 0.5]
    both = [
        examples.evaluation(said=one, reference=False)
        for one in (said, dataclasses.replace(said, probabilities=spoiled))
    ]
    assert both[0].reviewed == both[1].reviewed
    assert both[0].unreviewed != both[1].unreviewed
    assert both[0].unreviewed.adverts == 40


def test_without_a_reviewed_advert_there_is_no_reviewed_summary():
    said = examples.predictions(reviewed=np.zeros(240, dtype=bool))
    assert examples.evaluation(said=said, reference=False).reviewed is None


def test_one_class_alone_leaves_figures_undefined_without_failing():
    wanted = {"refer": np.tile(np.array([1.0, 0.0], dtype=np.float32), (240, 1))}
    task = task_of(examples.evaluation(wanted=wanted, reference=False), "refer")
    assert figure(task, "average_precision") is None
    assert task.models[0].figures["roc_auc"].reason == "0 positive clusters, wanted 10"
    assert task.precision_recall == ()


def test_positives_alone_are_never_a_perfect_score():
    wanted = {"refer": np.tile(np.array([0.0, 1.0], dtype=np.float32), (240, 1))}
    task = task_of(examples.evaluation(wanted=wanted, reference=False), "refer")
    assert {one.value for one in task.models[0].figures.values()} == {None}
    assert {one.verdict for one in task.comparisons} == {"undecided"}
    assert (task.precision_recall, task.roc, task.reliability) == ((), (), None)
    assert [one.figures for one in task.labels] == [{}, {}]


def test_three_positives_give_no_figure_however_well_they_are_told_apart():
    truth = np.arange(240) < 3
    wanted = {"refer": np.stack([~truth, truth], axis=1).astype(np.float32)}
    perfect = np.stack([~truth, truth], axis=1) * 0.8 + 0.1
    said = examples.predictions(tasks=(examples.REFER,))
    said = dataclasses.replace(said, probabilities={"refer": perfect})
    task = task_of(examples.evaluation(said=said, wanted=wanted, reference=False), "refer")
    assert {one.value for one in task.models[0].figures.values()} == {None}
    assert task.models[0].figures["average_precision"].reason == "3 positive clusters, wanted 10"


def test_adverts_without_any_label_give_no_task():
    wanted = {"refer": np.full((240, 2), np.nan, dtype=np.float32)}
    assert examples.evaluation(wanted=wanted, reference=False).reviewed.tasks == ()


def test_the_same_seed_gives_the_same_evaluation_and_another_seed_another_interval():
    assert examples.evaluation() == examples.plain_evaluation()
    other = examples.evaluation(settings=dataclasses.replace(examples.SETTINGS, seed=1))
    assert other != examples.plain_evaluation()
    assert figure(task_of(other, "refer"), "average_precision") == figure(
        task_of(examples.plain_evaluation(), "refer"), "average_precision"
    )


def test_a_reference_scored_on_other_adverts_is_refused():
    other = examples.predictions(ids=[f"x{i}" for i in range(240)])
    with pytest.raises(InputError, match="same adverts in the same order"):
        _against(examples.predictions(), other)


def test_targets_of_another_shape_are_refused():
    with pytest.raises(InputError, match=r"shape \(3, 2\), wanted \(240, 2\)"):
        examples.evaluation(wanted={"refer": np.ones((3, 2), dtype=np.float32)}, reference=False)


def test_a_reference_that_answers_fewer_tasks_is_compared_on_those():
    only = examples.predictions(tasks=(examples.REFER,), seed=4)
    found = _against(examples.predictions(), only)
    assert [len(task_of(found, name).models) for name in ("refer", "coarse")] == [3, 2]


def test_an_evaluation_is_made_again_from_the_file_without_inference(tmp_path):
    write_predictions(tmp_path / "predictions.parquet", examples.predictions())
    again = read_predictions(tmp_path / "predictions.parquet")
    assert examples.evaluation(said=again) == examples.plain_evaluation()


def test_a_label_that_is_never_confused_promises_no_perfection():
    wanted = examples.targets()["coarse"]
    said = examples.predictions()
    perfect = dataclasses.replace(said, probabilities={**said.probabilities, "coarse": wanted})
    row = task_of(examples.evaluation(said=perfect, reference=False), "coarse").labels[0]
    for name in ("precision", "recall"):
        assert (row.figures[name].value, row.figures[name].high) == (1.0, 1.0)
        assert 0.9 < row.figures[name].low < 1.0
