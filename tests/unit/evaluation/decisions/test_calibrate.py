"""What is fitted on validation, and what is left alone and why."""

from dataclasses import replace

import numpy as np
import pytest
from calibration_examples import N, drawn, fit
from evaluation_examples import REFER, TASKS
from sklearn.metrics import log_loss

from adverts.advert import Task
from adverts.errors import InputError
from adverts.evaluation.decisions.calibration_choice import (
    FOLDS,
    CalibrationEvidence,
    choose_map,
    evidence_of,
)
from adverts.evaluation.predictions.prediction_file import select
from adverts.evaluation.truth import Judged
from adverts.runtime.rules.probabilities import calibrated_probabilities


def test_a_model_that_is_calibrated_is_left_as_it_is():
    found = fit(*drawn())
    assert {one.task: one.method for one in found.tasks} == dict.fromkeys(
        ("coarse", "refer", "signals", "risk"), "none"
    )
    assert [one.reason for one in found.tasks] == [None] * 4


def test_a_model_that_is_too_sure_is_cooled_in_every_task():
    found = fit(*drawn(scale=3.0))
    assert {one.method for one in found.tasks} == {"temperature"}
    np.testing.assert_allclose([one.temperature for one in found.tasks], 3.0, rtol=0.15)


def test_a_model_with_a_wrong_prior_is_moved():
    said, targets = drawn()
    said.logits["refer"][:, 1] += 2
    found = fit(said, targets).of("refer")
    assert found.method == "platt"
    assert found.offsets[1] - found.offsets[0] == pytest.approx(-2, abs=0.3)


def test_a_model_that_is_bent_is_straightened():
    said, targets = drawn(6_000)
    odds = said.logits["refer"][:, 1] - said.logits["refer"][:, 0]
    said.logits["refer"][:] = np.stack([0 * odds, np.where(odds > 0, 6 * odds, odds / 6)], axis=1)
    assert fit(said, targets).of("refer").method == "isotonic"


def test_losses_of_every_method_are_kept_and_cross_validated():
    said, targets = drawn(scale=3.0)
    losses = fit(said, targets).of("refer").losses
    assert list(losses) == ["none", "temperature", "platt", "isotonic"]
    uncalibrated = log_loss(targets["refer"][:, 1], said.probabilities["refer"][:, 1])
    assert losses["none"] == pytest.approx(uncalibrated)
    assert losses["temperature"] < losses["none"]


def test_what_it_was_fitted_on_is_told():
    said, targets = drawn()
    found = fit(said, targets, seed=3)
    assert found.fitted_on == {
        "split": "validation",
        "data_hash": "ab" * 32,
        "adverts": N,
        "clusters": N,
        "folds": FOLDS,
        "seed": 3,
    }
    np.testing.assert_allclose(found.of("refer").shares, targets["refer"].mean(axis=0))
    np.testing.assert_allclose(found.of("signals").shares, targets["signals"].mean(axis=0))


def test_the_same_seed_gives_the_same_calibration_again():
    said, targets = drawn(scale=2.0)
    assert fit(said, targets).to_json() == fit(said, targets).to_json()


def test_calibration_is_never_fitted_on_the_test_split():
    said, targets = drawn(100)
    for splits in (["test"] * 100, ["validation"] * 99 + ["train"]):
        with pytest.raises(InputError, match="fitted on one split that is not test, found"):
            fit(replace(said, splits=splits), targets)


def test_copies_of_one_cluster_are_never_in_two_folds():
    """Isotonic would learn 300 copies by heart; whole clusters show that it knows nothing."""
    rng = np.random.default_rng(0)
    cluster = np.arange(1_500) % 50
    odds = rng.normal(size=50)[cluster]
    labels = (rng.random(50) < 0.5).astype(np.int64)[cluster]
    logits = np.stack([0 * odds, 0.01 * odds], axis=1)
    judged = Judged(REFER, labels, np.arange(1_500))
    found = choose_map(judged, logits, [f"c{i}" for i in cluster], seed=0)
    assert found.losses["isotonic"] > found.losses["none"]
    assert found.method == "none"


def test_adverts_whose_campaign_was_trained_on_teach_nothing():
    said, targets = drawn(scale=3.0)
    known = np.arange(N) < N // 2
    sure = said.logits["refer"].copy()
    sure[known] = 20 * (2 * targets["refer"][known] - 1)  # learnt by heart
    both = replace(said, logits={**said.logits, "refer": sure}, seen=known)
    alone = select(said, np.flatnonzero(~known))
    clean = {name: values[~known] for name, values in targets.items()}
    assert fit(both, targets) == fit(alone, clean)


def test_three_positives_fit_nothing_and_say_so():
    said, targets = drawn(400)
    targets["refer"] = np.eye(2, dtype=np.float32)[(np.arange(400) < 3).astype(int)]
    found = fit(said, targets, prevalence=0.3).of("refer")
    assert (found.method, found.operating_prevalence, found.losses) == ("none", None, {})
    assert found.reason == (
        "two labels must occur in 10 clusters each, and 'yes', the second most frequent, occurs "
        "in 3; so the share of 0.3 is not used"
    )


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_one_class_alone_fits_nothing_and_says_so(task):
    said, targets = drawn(400)
    targets[task.name][:] = np.eye(task.num_labels, dtype=np.float32)[0]
    found = fit(said, targets).of(task.name)
    assert found.method == "none"
    assert "clusters" in found.reason


def test_many_adverts_of_few_clusters_are_little_evidence():
    said, targets = drawn(400, scale=3.0)
    said.clusters[:] = [f"c{i % 9}" for i in range(400)]
    assert fit(said, targets).of("refer").reason.endswith("occurs in 9")


def test_a_label_that_is_the_only_one_needs_no_map():
    judged = Judged(Task("sole", "single", ("a",)), np.zeros(50, dtype=np.int64), np.arange(50))
    found = choose_map(judged, np.zeros((50, 1)), [f"c{i}" for i in range(50)], seed=0)
    assert found.reason == "the task has only one label, which is always right"


def test_a_signal_that_is_rare_is_changed_by_what_is_common_alone():
    said, targets = drawn(scale=3.0)
    said.logits["signals"] += 4
    targets["signals"][:, 2] = np.arange(N) < 3
    found = fit(said, targets).of("signals")
    assert found.method == "platt"
    assert (found.slopes[2], found.offsets[2]) == (1.0, 0.0)


def test_adverts_without_a_label_or_a_reviewed_text_play_no_role():
    said, targets = drawn(scale=3.0)
    targets["refer"][:300] = np.nan
    targets["refer"][300:400] = 0.5
    said.reviewed[400:500] = False
    kept = np.arange(500, N)
    alone = fit(select(said, kept), {name: values[kept] for name, values in targets.items()})
    found = fit(said, targets).of("refer")
    assert found.temperature == pytest.approx(alone.of("refer").temperature)
    assert found.shares == alone.of("refer").shares


def test_a_task_that_nobody_labelled_or_that_has_no_logits_is_left_alone():
    said, targets = drawn(100)
    targets["refer"][:] = np.nan
    del said.logits["coarse"]
    del targets["risk"]
    found = {one.task: one.reason for one in fit(said, targets, prevalence=0.2).tasks}
    assert found["refer"] == "no reviewed advert has a label of this task"
    assert found["coarse"] == "the predictions contain no logits of this task"
    assert "risk" not in found


def test_the_prevalence_is_that_of_the_headline():
    said, targets = drawn(prior=-2)
    found = fit(said, targets, prevalence=0.5, headline="refer")
    assert found.of("refer").operating_prevalence == 0.5
    assert {one.operating_prevalence for one in found.tasks if one.task != "refer"} == {None}
    other = fit(said, targets, prevalence=0.5, headline="risk")
    assert {one.operating_prevalence for one in other.tasks} == {None}


def test_what_is_fitted_on_one_share_holds_at_another():
    said, targets = drawn(20_000, scale=3.0, prior=-2)
    positive = targets["refer"][:, 1] == 1
    fitted_on = select(said, np.arange(5_000)), {"refer": targets["refer"][:5_000]}
    odds_of_share = positive.mean() / (1 - positive.mean())
    kept = np.random.default_rng(1).random(20_000) < np.where(positive, 1, odds_of_share / 4)
    kept[:5_000] = False
    logits, fits = said.logits["refer"][kept], [fit(*fitted_on, prevalence=p) for p in (None, 0.8)]
    plain, corrected = (calibrated_probabilities(REFER, logits, one)[:, 1] for one in fits)
    assert positive[kept].mean() == pytest.approx(0.8, abs=0.02)
    assert corrected.mean() == pytest.approx(0.8, abs=0.02)
    assert log_loss(positive[kept], corrected) < 0.7 * log_loss(positive[kept], plain)


def trained(clusters, share=0.5):
    return {"refer": CalibrationEvidence(clusters, (1 - share, share))}


def test_with_few_clusters_here_the_calibration_of_training_stands():
    said, targets = drawn(120, scale=3.0)
    held = int(min(targets["refer"][:, 1].sum(), 120 - targets["refer"][:, 1].sum()))
    assert held < 100
    found = fit(said, targets, in_training=trained(held + 1, 0.3)).of("refer")
    assert (found.method, found.losses) == ("none", {})
    assert f"validation has {held} clusters with the rarer answer, of 100 wanted" in found.reason
    assert f"on {held + 1} such clusters, out of fold, stands" in found.reason
    assert found.shares == (0.7, 0.3)  # which the probabilities hold for


@pytest.mark.parametrize(("count", "in_training"), [(120, 1), (1000, 10_000)])
def test_what_validation_knows_better_is_fitted_on_validation(count, in_training):
    said, targets = drawn(count, scale=3.0)
    found = fit(said, targets, in_training=trained(in_training)).of("refer")
    assert found.reason is None
    assert found.method != "none"


def test_a_prevalence_in_service_moves_what_training_calibrated_from_its_own_share():
    said, targets = drawn(4000)
    share = targets["refer"][:, 1].mean()
    rare = select(said, np.r_[0:120])
    few = {name: x[:120] for name, x in targets.items()}
    found = fit(rare, few, in_training=trained(10_000, share), prevalence=0.05)
    assert found.of("refer").operating_prevalence == 0.05
    told = calibrated_probabilities(REFER, said.logits["refer"], found)[:, 1]
    weights = np.where(targets["refer"][:, 1] == 1, 0.05 / share, 0.95 / (1 - share))
    assert np.average(told, weights=weights) == pytest.approx(0.05, abs=0.01)


def test_without_an_advert_to_fit_on_the_calibration_of_training_stands():
    said, targets = drawn(40)
    targets["refer"][:] = np.nan
    found = fit(said, targets, in_training=trained(500)).of("refer")
    assert "validation has 0 clusters" in found.reason
    assert "on 500 such clusters" in found.reason


@pytest.mark.parametrize(
    ("task", "labels", "wanted"),
    [
        (Task("a", "single", ("x", "y"), "y"), [0, 0, 0, 1, 1, -1], 2),
        (Task("a", "single", ("x", "y"), "y"), [1, 1, 1, 1, 0, -1], 1),
        (Task("a", "single", ("x", "y", "z")), [0, 0, 0, 1, 2, 2], 3),
        (Task("a", "ordinal", ("x", "y", "z")), [0, 0, 1, 1, 1, 2], 3),
        (Task("a", "single", ("x", "y"), "y"), [-1] * 6, 0),
        (Task("a", "multi", ("x", "y")), [[1, 0], [1, 0], [1, 1], [1, 1], [1, -1], [1, 0]], 2),
        (Task("a", "multi", ("x", "y")), [[1, 0]] * 6, 0),
    ],
)
def test_evidence_counts_clusters_with_the_rarer_answer(task, labels, wanted):
    judged = Judged(task, np.array(labels), np.arange(6))
    assert evidence_of(judged, list("abcdef")).clusters == wanted
    assert evidence_of(judged, ["a"] * 6).clusters == min(wanted, 1)
