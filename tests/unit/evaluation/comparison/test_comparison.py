"""The paired comparison: references by hand, answers, slices, power, and what it refuses."""

import dataclasses
import functools
from typing import get_args

import numpy as np
import pytest
from evaluation_examples import COARSE, REFER, SIGNALS, evaluation, predictions, targets
from sklearn.metrics import average_precision_score, f1_score

from adverts.config.gate import Dimension
from adverts.errors import InputError
from adverts.evaluation.comparison.compare import SLICED_BY, compare
from adverts.evaluation.comparison.compared import Contender, answer
from adverts.evaluation.figures.figures_by_kind import MACRO_MAE
from adverts.evaluation.predictions.prediction_file import select
from adverts.evaluation.statistics.bootstrap import Estimate, estimate
from adverts.runtime.rules.thresholds import Threshold, Thresholds


def compared(ours, theirs, *, wanted=None, thresholds=None, **changes):
    settings = {
        "precision": 0.8,
        "relevant": 0.03,
        "min_positive_clusters": 10,
        "resamples": 200,
        "seed": 0,
        **changes,
    }
    return compare(
        Contender("new", ours, thresholds),
        Contender("old", theirs, thresholds),
        targets(len(ours)) if wanted is None else wanted,
        **settings,
    )


@functools.cache
def usual():
    """Two models of like skill on all tasks."""
    return compared(predictions(), predictions(seed=9))


def figure(comparison, name, *, task="refer", place=""):
    (found,) = [
        one
        for one in comparison.figures
        if (one.task, one.figure, one.slice) == (task, name, place)
    ]
    return found


def test_both_models_are_judged_on_the_adverts_that_both_were_scored_on():
    theirs = select(predictions(seed=9), range(200))
    said = figure(compared(predictions(), theirs), "average_precision")
    wanted = targets()["refer"][:200]
    judged = ~np.isnan(wanted[:, 0])
    ours, other = (
        average_precision_score(wanted[judged, 1], one.probabilities["refer"][:200][judged, 1])
        for one in (predictions(), theirs)
    )
    assert said.candidate.value == pytest.approx(ours)
    assert said.champion.value == pytest.approx(other)
    assert said.difference.value == pytest.approx(ours - other)


def test_the_difference_is_paired_so_that_what_both_share_cancels():
    ours = predictions()
    noise = np.random.default_rng(3).normal(0, 0.01, (240, 2))
    theirs = dataclasses.replace(
        ours, probabilities={**ours.probabilities, "refer": ours.probabilities["refer"] + noise}
    )
    said = figure(compared(ours, theirs), "average_precision")
    alone = said.candidate.high - said.candidate.low
    assert said.difference.high - said.difference.low < alone / 3


def test_the_interval_is_that_of_the_differences_which_are_kept():
    said = figure(usual(), "macro_f1")
    assert said.samples.shape == (200,)
    assert estimate(said.difference.value, said.samples) == said.difference


def test_a_figure_that_grows_by_resampling_has_the_wide_interval_of_the_report():
    said = figure(usual(), "calibration_error")
    reported = evaluation().reviewed.tasks[0]
    assert said.candidate == reported.models[0].figures["calibration_error"]


def test_every_figure_of_every_task_that_both_answer_is_compared():
    found = compared(predictions(), predictions(seed=9, tasks=(REFER, SIGNALS)))
    overall = {(one.task, one.figure) for one in found.figures if not one.slice}
    assert {task for task, _ in overall} == {"refer", "signals"}
    assert ("signals", "average_precision.boat") in overall
    assert ("refer", "recall_at_precision") in overall


def test_figures_that_the_settings_ask_for_are_compared_too():
    found = compared(predictions(), predictions(seed=9), recall=0.9, prevalences={"refer": 0.05})
    assert figure(found, "precision_at_recall").difference.value is not None
    at_service = figure(found, "average_precision_at_prevalence")
    assert at_service.candidate.value < figure(found, "average_precision").candidate.value
    assert "average_precision_at_prevalence" not in {
        one.figure for one in found.figures if one.task == "coarse"
    }


def test_every_dimension_that_a_gate_may_ask_for_is_compared():
    assert set(get_args(Dimension)) <= set(SLICED_BY)


def test_languages_and_modalities_are_compared_apart():
    found = usual()
    places = {one.slice for one in found.figures if one.task == "refer"}
    assert "language, script and modality=fr, Latn, image" in places
    assert places >= {
        "",
        "language=en",
        "language=fr",
        "language=ps",
        "modality=text",
        "modality=image",
    }
    french = np.array(predictions().langs) == "fr"
    wanted, said = targets()["refer"][french], predictions().probabilities["refer"][french]
    judged = ~np.isnan(wanted[:, 0])
    assert figure(found, "macro_f1", place="language=fr").candidate.value == pytest.approx(
        f1_score(wanted[judged, 1], said[judged].argmax(axis=1), average="macro")
    )


def test_a_part_with_too_few_positive_clusters_shows_no_figure_and_says_why():
    said = figure(usual(), "average_precision", place="language=ps")
    assert said.answer == "not enough data"
    assert said.candidate.value is said.difference.value is said.smallest_visible is None
    assert "wanted 10" in said.difference.reason


def test_the_wanted_number_of_positive_clusters_is_that_of_the_settings():
    found = compared(predictions(), predictions(seed=9), min_positive_clusters=100)
    assert figure(found, "macro_f1", place="language=en").difference.value is None
    assert figure(found, "macro_f1").difference.value is not None
    assert any("fewer than 100: intervals of so few" in note for note in found.notes)


def test_three_positives_are_never_a_pretty_number():
    few = np.tile(np.array([[1.0, 0.0]], np.float32), (240, 1))
    few[[3, 50, 120]] = [0.0, 1.0]
    found = compared(predictions(), predictions(seed=9), wanted={"refer": few})
    assert {one.answer for one in found.figures} == {"not enough data"}
    assert {one.difference.value for one in found.figures} == {None}


def test_one_class_alone_is_not_enough_data():
    alone = np.tile(np.array([[0.0, 1.0]], np.float32), (240, 1))
    found = compared(predictions(), predictions(seed=9), wanted={"refer": alone})
    assert {one.answer for one in found.figures} == {"not enough data"}


def test_a_much_better_model_is_better_and_a_much_worse_one_is_worse():
    good, poor = predictions(skill=5.0), predictions(skill=0.3, seed=9)
    found = compared(good, poor)
    assert figure(found, "average_precision").answer == "better"
    assert figure(compared(poor, good), "average_precision").answer == "worse"
    said = figure(found, MACRO_MAE, task="risk")  # of errors, the smaller is better
    assert said.difference.value < 0
    assert said.answer == "better"


def test_a_model_held_against_itself_shows_no_difference_and_hides_none():
    said = figure(compared(predictions(), predictions()), "average_precision")
    assert said.difference.value == said.smallest_visible == 0.0
    assert said.answer == "no detectable difference"
    assert said.adverts_needed is None


def test_two_models_that_make_no_error_on_few_clusters_have_not_shown_that_they_are_alike():
    perfect = predictions(skill=9.0, tasks=(REFER,))
    other = predictions(skill=8.0, seed=9, tasks=(REFER,))
    said = figure(compared(perfect, other), "average_precision")
    assert said.difference.value == 0.0
    assert -0.1 < said.difference.low == -said.difference.high < -0.03
    assert 0.03 < said.smallest_visible < 0.06
    assert said.answer == "not enough data"


def test_what_is_missing_is_told_where_the_adverts_are_too_few_for_the_relevant_difference():
    found = compared(predictions(n=120), predictions(n=120, seed=9), relevant=0.001)
    said = figure(found, "average_precision")
    assert said.answer == "not enough data"
    assert said.adverts_needed > 120 * 100
    assert (
        figure(
            compared(predictions(), predictions(seed=9), relevant=0.5), "average_precision"
        ).adverts_needed
        is None
    )


@pytest.mark.parametrize(
    ("name", "low", "high", "visible", "wanted"),
    [
        ("macro_f1", 0.01, 0.05, 0.02, "better"),
        ("macro_f1", -0.05, -0.01, 0.2, "worse"),
        ("macro_f1", -0.05, 0.01, 0.03, "no detectable difference"),
        ("macro_f1", -0.05, 0.01, 0.04, "not enough data"),
        ("macro_f1", 0.0, 0.05, 0.02, "no detectable difference"),
        ("macro_f1", None, None, 0.02, "not enough data"),
        ("macro_f1", -0.01, 0.01, None, "not enough data"),
        (MACRO_MAE, 0.01, 0.05, 0.02, "worse"),
        (MACRO_MAE, -0.05, -0.01, 0.02, "better"),
    ],
)
def test_the_answer_follows_from_the_interval_and_from_what_could_be_seen(
    name, low, high, visible, wanted
):
    assert answer(name, Estimate(0.0, low, high), visible, 0.03) == wanted


def test_decisions_are_compared_at_the_thresholds():
    both = Thresholds((Threshold("refer", "yes", "recall", 0.9, 0.5),))
    found = compared(predictions(skill=4.0), predictions(skill=0.3, seed=9), thresholds=both)
    (said,) = found.decisions
    assert (said.task, said.label, said.purpose) == ("refer", "yes", "recall")
    assert said.only_candidate_right > said.only_champion_right
    assert said.p_value < 0.001


def test_the_same_seed_gives_the_same_answer_whatever_else_is_compared():
    alone = compared(predictions(), predictions(seed=9, tasks=(COARSE,)))
    one, other = (figure(c, "macro_f1", task="coarse") for c in (alone, usual()))
    assert one.difference == other.difference
    np.testing.assert_array_equal(one.samples, other.samples)


def test_a_task_of_which_no_reviewed_advert_has_a_label_is_told():
    wanted = targets()
    wanted["coarse"][:] = np.nan
    found = compared(predictions(), predictions(seed=9), wanted=wanted)
    assert "coarse" not in {one.task for one in found.figures}
    assert any("has a label of coarse" in note for note in found.notes)


def test_one_cluster_has_no_spread_and_is_not_enough_data():
    ours = predictions(clusters=["one"] * 240)
    found = compared(ours, predictions(seed=9, clusters=["one"] * 240))
    assert {one.answer for one in found.figures} == {"not enough data"}


def test_models_of_other_adverts_are_refused():
    with pytest.raises(InputError, match="no reviewed advert"):
        compared(predictions(), predictions(ids=[f"x{i}" for i in range(240)]))


def scored(rng, truth, cluster_of, skill):
    """Return probabilities of adverts; copies of one cluster score alike."""
    shared = rng.normal(size=cluster_of.max() + 1)[cluster_of]
    scores = skill * truth + shared + 0.3 * rng.normal(size=len(truth))
    yes = 1 / (1 + np.exp(-scores))
    return np.stack([1 - yes, yes], axis=1)


def simulated(rng, skills, clusters=400, copies=2):
    cluster_of = np.repeat(np.arange(clusters), copies)
    truth = (rng.random(clusters) < 0.4)[cluster_of]
    wanted = np.stack([~truth, truth], axis=1).astype(np.float32)
    n = len(truth)
    context = predictions(n=n, tasks=(REFER,), clusters=[f"c{i}" for i in cluster_of])
    models = [
        dataclasses.replace(context, probabilities={"refer": scored(rng, truth, cluster_of, one)})
        for one in skills
    ]
    found = compared(*models, wanted={"refer": wanted}, resamples=300, relevant=0.05)
    return figure(found, "average_precision")


@pytest.mark.slow
def test_equal_models_are_called_different_one_time_in_twenty_at_most():
    rng = np.random.default_rng(5)
    answers = [simulated(rng, (1.5, 1.5), clusters=200).answer for _ in range(300)]
    assert np.mean([one in ("better", "worse") for one in answers]) <= 0.075


@pytest.mark.slow
def test_a_difference_of_the_smallest_visible_size_is_seen_with_the_power_that_is_told():
    rng = np.random.default_rng(6)
    runs = [simulated(rng, (1.8, 1.5), clusters=950) for _ in range(120)]
    true = np.mean([one.difference.value for one in runs])
    told = np.mean([one.smallest_visible for one in runs])
    seen = np.mean([np.quantile(one.samples, 0.05) > 0 for one in runs])
    assert true == pytest.approx(told, rel=0.1)  # the planted difference is about the visible one
    assert seen == pytest.approx(0.8, abs=0.1)
