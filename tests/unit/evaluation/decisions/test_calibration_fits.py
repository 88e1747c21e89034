"""Maps are fitted as scikit-learn fits them, and never lose order or finiteness."""

import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from adverts.advert import Task
from adverts.evaluation.decisions.calibration_fits import Material, fit_map
from adverts.evaluation.decisions.calibration_losses import log_losses
from adverts.evaluation.truth import Judged
from adverts.runtime.rules.probabilities import mapped_probabilities

PAIR = Task("refer", "single", ("no", "yes"), "yes")
KIND = Task("kind", "single", ("a", "b", "c"))
SIGNALS = Task("signals", "multi", ("x", "y"))
RISK = Task("risk", "ordinal", ("0", "1", "2", "3"))
METHODS = ["temperature", "platt", "isotonic"]
N = 4_000


def material(task, logits, labels, fitted=None):
    kept = np.ones(task.num_labels, dtype=bool) if fitted is None else np.array(fitted)
    return Material(Judged(task, labels, np.arange(len(labels))), logits, kept)


def drawn(task, *, seed=0, n=N):
    """Logits, and labels drawn from them as they are: a perfectly calibrated model."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(n, task.num_logits), scale=2)
    if task.kind == "multi":
        return logits, (rng.random(logits.shape) < expit(logits)).astype(np.int64)
    if task.kind == "ordinal":
        logits = logits[:, :1] - np.arange(task.num_logits)
        level = rng.random((n, 1)) < expit(logits)
        return logits, level.sum(axis=1)
    share = np.cumsum(softmax(logits, axis=1), axis=1)
    return logits, (rng.random((n, 1)) > share[:, :-1]).sum(axis=1)


@pytest.mark.parametrize("task", [PAIR, KIND, SIGNALS, RISK], ids=lambda task: task.name)
def test_the_temperature_of_logits_is_found(task):
    logits, labels = drawn(task)
    found = fit_map("temperature", material(task, 3 * logits, labels))
    assert found.temperature == pytest.approx(3, rel=0.07)


@pytest.mark.parametrize("task", [SIGNALS, RISK], ids=lambda task: task.name)
def test_the_line_of_logits_is_found(task):
    logits, labels = drawn(task)
    found = fit_map("platt", material(task, (logits + 1) * 2, labels))
    np.testing.assert_allclose(found.slopes, 0.5, rtol=0.07)
    np.testing.assert_allclose(found.offsets, -1, atol=0.1)


def test_platt_is_a_logistic_regression_on_smoothed_targets():
    logits, labels = drawn(PAIR, n=300)
    counts = np.bincount(labels)
    target = np.where(labels == 1, (counts[1] + 1) / (counts[1] + 2), 1 / (counts[0] + 2))
    odds = np.tile(logits[:, 1] - logits[:, 0], 2)[:, None]
    reference = LogisticRegression(C=1e9, tol=1e-10, max_iter=1_000).fit(
        odds, np.repeat([1, 0], 300), sample_weight=np.concatenate([target, 1 - target])
    )
    found = fit_map("platt", material(PAIR, logits, labels))
    assert found.slopes[0] == pytest.approx(reference.coef_[0, 0], rel=1e-3)
    assert found.offsets[1] - found.offsets[0] == pytest.approx(reference.intercept_[0], abs=1e-3)


ODDS = {
    "refer": lambda logits, labels: (logits[:, 1] - logits[:, 0], labels == 1),
    "signals": lambda logits, labels: (logits.ravel(), labels.ravel() == 1),
    "risk": lambda logits, labels: (logits.ravel(), (labels[:, None] > np.arange(3)).ravel()),
}
"""The statements that a temperature is fitted on: their log-odds and whether they are true."""


@pytest.mark.parametrize("task", [PAIR, SIGNALS, RISK], ids=lambda task: task.name)
def test_a_temperature_is_a_regression_without_an_offset(task):
    logits, labels = drawn(task, n=20_000)
    moved = logits + np.linspace(1, 2, task.num_logits)  # an offset would mend that
    odds, truth = ODDS[task.name](moved, labels)
    reference = LogisticRegression(C=1e9, tol=1e-10, fit_intercept=False).fit(odds[:, None], truth)
    found = fit_map("temperature", material(task, moved, labels))
    assert found.temperature == pytest.approx(1 / reference.coef_[0, 0], rel=2e-3)


def test_one_slope_and_an_offset_for_each_of_many_labels():
    logits, labels = drawn(KIND)
    moved = (logits - np.array([1.0, 0.0, -1.0])) / 2
    found = fit_map("platt", material(KIND, moved, labels))
    assert found.slopes[0] == pytest.approx(2, rel=0.07)
    np.testing.assert_allclose(found.offsets, [1, 0, -1], atol=0.15)


def test_isotonic_is_that_of_scikit_learn_inside_the_knots():
    logits, labels = drawn(PAIR)
    odds = logits[:, 1] - logits[:, 0]
    reference = IsotonicRegression().fit_transform(odds, labels)
    fitted = fit_map("isotonic", material(PAIR, logits, labels))
    found = mapped_probabilities(PAIR, logits, fitted)[:, 1]
    inside = (reference > 0.05) & (reference < 0.95)
    apart = np.abs(found[inside] - reference[inside])
    assert (apart <= 0.02).mean() > 0.98  # the others lie on a step, which is no cliff here
    assert apart.max() < 0.1


def test_the_last_bits_of_a_score_never_decide_a_probability():
    rng = np.random.default_rng(3)
    odds = np.round(rng.normal(size=2000), 2) + 1e-7 * rng.integers(0, 2, 2000)  # pairs that touch
    labels = (rng.random(2000) < 1 / (1 + np.exp(-3 * odds))).astype(np.int64)
    logits = np.stack([np.zeros(2000), odds], axis=1)
    found = fit_map("isotonic", material(PAIR, logits, labels))
    moved = logits + np.array([0, 5e-6])
    said, other = (mapped_probabilities(PAIR, one, found)[:, 1] for one in (logits, moved))
    assert (np.diff(said[np.argsort(odds)]) >= 0).all()
    assert np.abs(other - said).max() < 5e-5
    assert said.std() > 0.3, "it still tells them apart"


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("task", [PAIR, KIND, SIGNALS, RISK], ids=lambda task: task.name)
def test_a_fit_is_no_worse_than_none_on_its_own_adverts(task, method):
    logits, labels = drawn(task)
    wrong = material(task, 4 * logits, labels)
    found = fit_map(method, wrong)
    found.require(task)
    fitted, plain = (
        log_losses(wrong.judged, mapped_probabilities(task, wrong.logits, one))[0].sum()
        for one in (found, fit_map("none", wrong))
    )
    assert fitted < 0.8 * plain


@pytest.mark.parametrize("method", METHODS)
def test_labels_that_are_told_apart_perfectly_give_finite_maps(method):
    odds = np.linspace(-3, 3, 201)[np.arange(201) != 100]
    logits = np.stack([np.zeros(200), odds], axis=1)
    found = fit_map(method, material(PAIR, logits, (odds > 0).astype(np.int64)))
    said = mapped_probabilities(PAIR, logits, found)[:, 1]
    assert (np.diff(said) > 0).all()
    assert 0 < said[0] < 0.05
    assert 0.95 < said[-1] < 1


@pytest.mark.parametrize("method", METHODS)
def test_scores_that_know_nothing_give_the_share(method):
    logits, labels = np.zeros((100, 2)), (np.arange(100) < 20).astype(np.int64)
    said = mapped_probabilities(PAIR, logits, fit_map(method, material(PAIR, logits, labels)))[:, 1]
    wanted = {"temperature": 0.5, "platt": 0.2, "isotonic": 0.2}[method]
    np.testing.assert_allclose(said, wanted, atol=0.01)


@pytest.mark.parametrize("method", METHODS)
def test_scores_that_mislead_are_never_turned_round(method):
    logits, labels = drawn(PAIR)
    fitted = fit_map(method, material(PAIR, -logits, labels))
    said = mapped_probabilities(PAIR, -logits, fitted)[:, 1]
    order = np.argsort(logits[:, 0] - logits[:, 1], kind="stable")
    assert (np.diff(said[order]) > 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_order_is_kept_on_adverts_that_were_not_seen(method):
    logits, labels = drawn(PAIR, n=400)
    found = fit_map(method, material(PAIR, logits, labels))
    odds = np.unique(np.random.default_rng(1).normal(size=5_000, scale=5).astype(np.float32))
    unseen = np.stack([0 * odds, odds], axis=1)
    assert (np.diff(mapped_probabilities(PAIR, unseen, found)[:, 1]) > 0).all()


def test_a_label_without_evidence_has_no_map_of_its_own():
    logits, labels = drawn(SIGNALS)
    platt, isotonic = (
        fit_map(method, material(SIGNALS, 3 * logits, labels, [True, False]))
        for method in ("platt", "isotonic")
    )
    assert (platt.slopes[1], platt.offsets[1]) == (1.0, 0.0)
    assert platt.slopes[0] == pytest.approx(1 / 3, rel=0.1)
    assert isotonic.curves[1].x == ()
    assert len(isotonic.curves[0].x) > 5


def test_the_offset_of_a_label_without_evidence_is_zero():
    logits, labels = drawn(KIND)
    seen = labels != 2
    found = fit_map("platt", material(KIND, logits[seen], labels[seen], [True, True, False]))
    assert found.offsets[2] == 0
    assert sum(found.offsets) == pytest.approx(0)


def test_signals_that_are_not_judged_change_no_fit():
    logits, labels = drawn(SIGNALS)
    labels[:, 1] = -1
    labels[:200, 0] = -1
    few = fit_map("platt", material(SIGNALS, logits[200:], labels[200:], [True, False]))
    assert fit_map("platt", material(SIGNALS, logits, labels, [True, False])) == few
