"""Stated probabilities: their figures against scikit-learn, on all adverts and on resamples."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, log_loss

from adverts.advert import Task
from adverts.evaluation.figures.figures_by_kind import FigureSet
from adverts.evaluation.statistics.bootstrap import inflated_estimate, resample
from adverts.evaluation.statistics.metrics import expected_calibration_error, reliability
from adverts.evaluation.truth import judge

QUEUE = Task("refer", "single", ("no", "yes"), "yes")
KINDS = Task("kind", "single", ("a", "b", "c"))
SIGNALS = Task("signals", "multi", ("x", "y"))
LEVELS = Task("risk", "ordinal", ("0", "1", "2"))
N = 300


def stated(task, targets_NL, said_NL, weights=None):
    figures = FigureSet(judge(task, targets_NL), said_NL, precision=0.9)
    ones = np.ones((1, len(said_NL)), np.float32)
    values = figures(ones if weights is None else weights)[0]
    return dict(zip(figures.names, values, strict=True))


def queue():
    rng = np.random.default_rng(0)
    chance = rng.random(N)
    yes = rng.random(N) < chance**2
    return np.stack([~yes, yes], axis=1).astype(np.float32), np.stack([1 - chance, chance], axis=1)


def kinds():
    rng = np.random.default_rng(1)
    return np.eye(3, dtype=np.float32)[rng.integers(0, 3, N)], rng.dirichlet(np.ones(3), N)


def signals():
    rng = np.random.default_rng(2)
    targets = (rng.random((N, 2)) < 0.3).astype(np.float32)
    targets[::3, 0] = np.nan
    return targets, rng.random((N, 2))


def test_of_a_queue_the_probability_of_the_positive_label_is_judged():
    targets, said = queue()
    found, truth = stated(QUEUE, targets, said), targets[:, 1] == 1
    assert found["brier"] == pytest.approx(brier_score_loss(truth, said[:, 1]))
    assert found["log_loss"] == pytest.approx(log_loss(truth, said[:, 1]))
    expected = expected_calibration_error(reliability(said[:, 1], truth))
    assert found["calibration_error"] == pytest.approx(expected)


def test_probabilities_for_service_are_held_to_the_share_of_positives_there():
    targets, said = queue()
    truth = targets[:, 1] == 1
    figures = FigureSet(judge(QUEUE, targets), said, precision=0.9, in_service=0.02)
    found = dict(zip(figures.names, figures(np.ones((1, N), np.float32))[0], strict=True))
    weights = np.where(truth, 0.02 / truth.mean(), 0.98 / (1 - truth.mean()))
    assert found["brier"] == pytest.approx(
        brier_score_loss(truth, said[:, 1], sample_weight=weights)
    )
    assert found["log_loss"] == pytest.approx(log_loss(truth, said[:, 1], sample_weight=weights))


def test_a_calibrated_model_stays_calibrated_where_positives_are_rarer_in_service():
    rng = np.random.default_rng(0)
    yes = rng.random(20_000) < 0.3
    odds = np.where(yes, 2.0, -2.0) + 2 * rng.normal(size=20_000)  # of equally many of both
    chance = 1 / (1 + np.exp(-odds - np.log(0.01 / 0.99)))
    targets, said = np.stack([~yes, yes], axis=1), np.stack([1 - chance, chance], axis=1)
    judged = judge(QUEUE, targets.astype(np.float32))
    ones = np.ones((1, len(yes)), np.float32)
    here = FigureSet(judged, said, precision=0.9)(ones)[0, -1]
    there = FigureSet(judged, said, precision=0.9, in_service=0.01)(ones)[0, -1]
    assert here > 0.2
    assert there < 0.002


def test_one_answer_alone_says_nothing_of_service():
    targets = np.tile(np.float32([0, 1]), (20, 1))
    figures = FigureSet(judge(QUEUE, targets), np.full((20, 2), 0.5), precision=0.9, in_service=0.1)
    assert np.isnan(figures(np.ones((1, 20), np.float32))[0, -3:]).all()


def test_a_task_of_signals_has_no_share_in_service():
    targets, said = signals()
    figures = FigureSet(judge(SIGNALS, targets), said, precision=0.9, in_service=0.1)
    found = figures(np.ones((1, N), np.float32))[0]
    assert (
        dict(zip(figures.names, found, strict=True))["brier"]
        == stated(SIGNALS, targets, said)["brier"]
    )


def test_of_many_labels_the_whole_distribution_is_judged():
    targets, said = kinds()
    found, truth = stated(KINDS, targets, said), targets.argmax(axis=1)
    assert found["brier"] == pytest.approx(brier_score_loss(truth, said, scale_by_half=False))
    assert found["log_loss"] == pytest.approx(log_loss(truth, said))
    right = said.argmax(axis=1) == truth
    expected = expected_calibration_error(reliability(said.max(axis=1), right))
    assert found["calibration_error"] == pytest.approx(expected)


def test_of_signals_every_judged_answer_counts_alike():
    targets, said = signals()
    known = ~np.isnan(targets)
    found, truth = stated(SIGNALS, targets, said), targets[known] == 1
    assert found["brier"] == pytest.approx(brier_score_loss(truth, said[known]))
    assert found["log_loss"] == pytest.approx(log_loss(truth, said[known]))
    expected = expected_calibration_error(reliability(said[known], truth))
    assert found["calibration_error"] == pytest.approx(expected)


def test_levels_have_the_log_loss_of_scikit_learn():
    targets, said = kinds()
    assert stated(LEVELS, targets, said)["log_loss"] == pytest.approx(
        log_loss(targets.argmax(axis=1), said)
    )


def test_a_weighting_gives_the_figures_of_the_repeated_adverts():
    targets, said = queue()
    counts = np.random.default_rng(3).integers(0, 3, N)
    rows = np.repeat(np.arange(N), counts)
    found = stated(QUEUE, targets, said, counts[None].astype(np.float32))
    assert found["brier"] == pytest.approx(brier_score_loss(targets[rows, 1], said[rows, 1]))
    assert found["log_loss"] == pytest.approx(log_loss(targets[rows, 1], said[rows, 1]))


def test_bins_stay_those_of_all_adverts_in_every_weighting():
    said = np.array([[0.9, 0.1], [0.4, 0.6]])
    targets = np.array([[1, 0], [0, 1]], dtype=np.float32)
    found = stated(QUEUE, targets, said, np.array([[3, 1]], dtype=np.float32))
    assert found["calibration_error"] == pytest.approx((3 * 0.1 + 0.4) / 4)


def test_a_weighting_without_an_advert_has_no_figure():
    targets, said = queue()
    found = stated(QUEUE, targets, said, np.zeros((1, N), np.float32))
    assert np.isnan([found[name] for name in ("brier", "log_loss", "calibration_error")]).all()


def test_the_interval_of_a_calibration_error_holds_the_figure_itself():
    rng = np.random.default_rng(4)
    chance = rng.random(N)
    yes = rng.random(N) < chance  # perfectly calibrated: the error is noise alone
    targets = np.stack([~yes, yes], axis=1).astype(np.float32)
    figures = FigureSet(
        judge(QUEUE, targets), np.stack([1 - chance, chance], axis=1), precision=0.9
    )
    names = [f"c{i}" for i in range(N)]
    found = resample([figures], names, resamples=300, seed=0)[0]
    place = figures.names.index("calibration_error")
    one = inflated_estimate(found.point[place], found.samples[:, place])
    assert one.low <= one.value <= one.high
    assert one.low < 0.02


def test_an_inflated_figure_reaches_as_far_down_as_up_and_never_below_zero():
    assert inflated_estimate(0.3, np.linspace(0.3, 0.4, 1001)).low == pytest.approx(0.2025)
    assert inflated_estimate(0.05, np.linspace(0.05, 0.5, 1001)).low == 0.0
    assert inflated_estimate(float("nan"), np.zeros(3)).value is None


def rare(said_of, *, positives=22, adverts=4400):
    """Return the figures of a model where 0.5 % are positive, given what it says of the truth."""
    truth = np.arange(adverts) < positives
    chance = said_of(np.random.default_rng(3), truth)
    targets = np.stack([~truth, truth], axis=1).astype(np.float32)
    return stated(QUEUE, targets, np.stack([1 - chance, chance], axis=1))


def test_zero_for_every_advert_has_a_small_calibration_error_and_no_skill():
    found = rare(lambda rng, truth: np.zeros(len(truth)))
    assert found["calibration_error"] == pytest.approx(0.005)
    assert found["log_loss_skill"] < -4


def test_nine_tenths_for_a_random_twentieth_is_seen_at_the_top():
    found = rare(lambda rng, truth: np.where(rng.random(len(truth)) < 0.05, 0.9, 0.0))
    assert found["calibration_error"] < 0.05
    assert found["calibration_error_at_top"] > 0.85
    assert found["log_loss_skill"] < -2


def test_the_base_rate_has_no_skill_at_all():
    found = rare(lambda rng, truth: np.full(len(truth), truth.mean()))
    assert found["log_loss_skill"] == pytest.approx(0.0, abs=1e-12)
    assert found["calibration_error_at_top"] == pytest.approx(0.0, abs=1e-12)


def test_the_top_is_as_many_adverts_as_are_positive_and_ties_are_never_parted():
    targets, said = queue()
    chance, truth = said[:, 1], targets[:, 1] == 1
    top = chance >= np.sort(chance)[-truth.sum()]
    expected = abs((chance - truth)[top].mean())
    assert stated(QUEUE, targets, said)["calibration_error_at_top"] == pytest.approx(expected)
    rounded = chance.round(1)
    tied = rounded >= np.sort(rounded)[-truth.sum()]
    assert tied.sum() > truth.sum()
    found = stated(QUEUE, targets, np.stack([1 - rounded, rounded], axis=1))
    expected = abs((rounded - truth)[tied].mean())
    assert found["calibration_error_at_top"] == pytest.approx(expected)


def test_the_skill_is_what_scikit_learn_says_of_both_losses():
    targets, said = queue()
    truth = targets[:, 1] == 1
    base = log_loss(truth, np.full(N, truth.mean()))
    expected = 1 - log_loss(truth, said[:, 1]) / base
    assert stated(QUEUE, targets, said)["log_loss_skill"] == pytest.approx(expected)
    targets, said = kinds()
    truth = targets.argmax(axis=1)
    base = log_loss(truth, np.tile(targets.mean(axis=0), (N, 1)))
    expected = 1 - log_loss(truth, said) / base
    assert stated(KINDS, targets, said)["log_loss_skill"] == pytest.approx(expected)
    targets, said = signals()
    known = ~np.isnan(targets)
    shares = np.broadcast_to(np.nanmean(targets, axis=0), targets.shape)
    base = log_loss(targets[known] == 1, shares[known])
    expected = 1 - log_loss(targets[known] == 1, said[known]) / base
    assert stated(SIGNALS, targets, said)["log_loss_skill"] == pytest.approx(expected)


def test_both_are_held_to_the_share_of_positives_in_service():
    rng = np.random.default_rng(0)
    yes = rng.random(20_000) < 0.3
    odds = np.where(yes, 2.0, -2.0) + 2 * rng.normal(size=20_000)
    chance = 1 / (1 + np.exp(-odds - np.log(0.01 / 0.99)))
    targets, said = np.stack([~yes, yes], axis=1), np.stack([1 - chance, chance], axis=1)
    figures = FigureSet(
        judge(QUEUE, targets.astype(np.float32)), said, precision=0.9, in_service=0.01
    )
    found = dict(zip(figures.names, figures(np.ones((1, 20_000), np.float32))[0], strict=True))
    assert found["calibration_error_at_top"] < 0.06
    assert 0.2 < found["log_loss_skill"] < 0.9


def test_a_single_answer_has_no_skill_and_no_positive_no_top():
    targets = np.tile(np.float32([1, 0]), (20, 1))
    found = stated(QUEUE, targets, np.full((20, 2), 0.5))
    assert np.isnan([found["log_loss_skill"], found["calibration_error_at_top"]]).all()


def test_copies_in_a_weighting_count_as_often_as_they_are_drawn():
    targets, said = queue()
    weights = np.zeros((1, N), np.float32)
    weights[0, ::2] = 2
    one, two = stated(QUEUE, targets, said, weights), stated(QUEUE, targets, said, weights / 2)
    assert one["log_loss_skill"] == pytest.approx(two["log_loss_skill"])
    assert one["calibration_error_at_top"] == pytest.approx(two["calibration_error_at_top"])
