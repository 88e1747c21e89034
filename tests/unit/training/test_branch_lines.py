"""Each branch is calibrated by lines, as Platt scaling by an independent solver finds them."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from adverts.advert import Task
from adverts.models.hashed_linear import HashedLinear
from adverts.models.ngram_branch import NgramBranch
from adverts.training.branch_lines import Labels, fitted_lines
from adverts.training.branch_means import calibrated_branches, calibrated_mean, mean_logits

PAIR = Task("refer", "single", ("no", "yes"), "yes")
KIND = Task("kind", "single", ("a", "b", "c"))
SIGNALS = Task("signals", "multi", ("price", "urgency"))
RISK = Task("risk", "ordinal", ("0", "1", "2"))
COUNT = 4000
RNG = np.random.default_rng(0)
CLUSTERS = [str(i) for i in range(COUNT)]


def one_hot(labels, width):
    return np.eye(width, dtype=np.float32)[labels]


def too_certain(slope=3.0, offset=1.0):
    """Logits that are ``slope`` times too far apart and shifted, with true labels."""
    truth = RNG.normal(size=COUNT)
    labels = (RNG.random(COUNT) < 1 / (1 + np.exp(-truth))).astype(int)
    said = slope * (truth - offset)
    return np.stack([0 * said, said], axis=1).astype(np.float32), labels


def lines_of(tasks, logits, targets, clusters=CLUSTERS):
    return fitted_lines(tasks, logits, Labels(targets, clusters, len(clusters)))


def test_two_labels_get_the_line_of_a_logistic_regression():
    logits, labels = too_certain()
    slopes, offsets = lines_of([PAIR], {"refer": logits}, {"refer": one_hot(labels, 2)})
    wanted = LogisticRegression(C=1e9).fit(logits[:, 1:], labels)
    assert slopes[0] == slopes[1] == pytest.approx(wanted.coef_[0, 0], rel=0.01)
    assert offsets[1] - offsets[0] == pytest.approx(wanted.intercept_[0], abs=0.01)


def test_calibrated_log_odds_have_the_scale_of_the_truth():
    logits, labels = too_certain(slope=4.0, offset=0.5)
    slopes, _ = lines_of([PAIR], {"refer": logits}, {"refer": one_hot(labels, 2)})
    assert slopes[0] == pytest.approx(1 / 4, rel=0.15)


def test_three_labels_share_a_slope_and_have_an_offset_each():
    z = RNG.normal(size=(COUNT, 3))
    labels = np.array([RNG.choice(3, p=p) for p in np.exp(z) / np.exp(z).sum(1, keepdims=True)])
    wrong = (2 * z + [0.0, 1.0, -1.0]).astype(np.float32)
    slopes, offsets = lines_of([KIND], {"kind": wrong}, {"kind": one_hot(labels, 3)})
    assert set(slopes) == {slopes[0]}
    assert slopes[0] == pytest.approx(0.5, rel=0.15)
    np.testing.assert_allclose(offsets - offsets[0], [0.0, -0.5, 0.5], atol=0.15)


def test_signals_are_calibrated_apart_and_levels_by_one_line():
    z = RNG.normal(size=(COUNT, 2))
    seen = (RNG.random((COUNT, 2)) < 1 / (1 + np.exp(-z))).astype(np.float32)
    levels = seen.sum(axis=1).astype(int)
    above = np.sort(z, axis=1)[:, ::-1]
    tasks = [SIGNALS, RISK]
    logits = {"signals": (z * [2.0, 5.0]).astype(np.float32), "risk": above.astype(np.float32)}
    targets = {"signals": seen, "risk": one_hot(levels, 3)}
    slopes, offsets = lines_of(tasks, logits, targets)
    np.testing.assert_allclose(slopes[:2], [0.5, 0.2], rtol=0.15)
    assert slopes[2] == slopes[3]
    assert offsets[2] == offsets[3]


def test_adverts_without_a_score_or_a_label_do_not_count():
    logits, labels = too_certain()
    targets = one_hot(labels, 2)
    alone = lines_of([PAIR], {"refer": logits[:3000]}, {"refer": targets[:3000]}, CLUSTERS[:3000])
    logits[3000:3500] = np.nan
    targets[3500:] = np.nan
    with_gaps = lines_of([PAIR], {"refer": logits}, {"refer": targets})
    np.testing.assert_allclose(alone, with_gaps)


@pytest.mark.parametrize("known", [0, 30])
def test_without_two_labels_nothing_changes(known):
    targets = np.full((COUNT, 2), np.nan, np.float32)
    targets[:known] = [1.0, 0.0]
    logits, _ = too_certain()
    slopes, offsets = lines_of([PAIR], {"refer": logits}, {"refer": targets})
    np.testing.assert_array_equal(slopes, [1.0, 1.0])
    np.testing.assert_array_equal(offsets, [0.0, 0.0])


def test_a_rare_label_gets_no_offset_of_its_own():
    z = RNG.normal(size=(COUNT, 3)).astype(np.float32)
    labels = z[:, :2].argmax(axis=1)
    labels[:9] = 2
    _, offsets = lines_of([KIND], {"kind": z}, {"kind": one_hot(labels, 3)})
    assert offsets[2] == 0.0


def test_the_mean_is_that_of_the_model():
    branch = NgramBranch([PAIR], 16)
    branch.lines_of("network").slopes_K.fill_(0.5)
    network = {"refer": np.array([[0.0, 4.0], [0.0, -2.0]], np.float32)}
    ngrams = {"refer": np.array([[0.0, 1.0], [0.0, 9.0]], np.float32)}
    mean = mean_logits(branch, network, ngrams, np.array([True, False]))
    np.testing.assert_allclose(mean["refer"], [[0.0, 1.5], [0.0, -1.0]])
    assert not torch.is_inference_mode_enabled()


def branch_of(tasks=(PAIR,)):
    return NgramBranch(tasks, 1 << 10)


def two_views(count=COUNT):
    """Logits of two branches that see one truth, each with errors of its own, and true labels."""
    truth = 2 * RNG.normal(size=count)
    labels = (RNG.random(count) < 1 / (1 + np.exp(-truth))).astype(int)
    views = [truth + 2 * RNG.normal(size=count) for _ in range(2)]
    logits = [{"refer": np.stack([0 * v, v], axis=1).astype(np.float32)} for v in views]
    return *logits, {"refer": one_hot(labels, 2)}


def slope_of(logits, targets):
    margin = logits["refer"][:, 1] - logits["refer"][:, 0]
    fit = LogisticRegression(C=1e9).fit(margin[:, None], targets["refer"][:, 1])
    return fit.coef_[0, 0]


def calibrated(branch, network, ngrams, targets, *, present=None):
    present = np.ones(COUNT, bool) if present is None else present
    branch.lines_of("ngrams").take(*fitted_lines([PAIR], ngrams, Labels(targets, CLUSTERS, COUNT)))
    labels = Labels(targets, CLUSTERS, COUNT)
    return calibrated_mean(branch, [PAIR], network, ngrams, present, labels=labels)


def test_the_mean_of_two_calibrated_branches_is_calibrated_again():
    network, ngrams, targets = two_views()
    branch = branch_of()
    mean = calibrated(branch, network, ngrams, targets)
    assert branch.lines_of("mean").slopes_K[0] > 1.15  # two views together are surer than one
    assert slope_of(mean, targets) == pytest.approx(1.0, abs=0.02)


def test_lines_fitted_a_second_time_start_anew():
    network, ngrams, targets = two_views()
    branch = branch_of()
    once = calibrated(branch, network, ngrams, targets)
    again = calibrated(branch, network, ngrams, targets)
    np.testing.assert_allclose(again["refer"], once["refer"], atol=1e-5)


def test_an_advert_without_n_grams_keeps_the_network_and_does_not_calibrate_the_mean():
    network, ngrams, targets = two_views()
    present = np.arange(COUNT) % 2 == 0
    branch, alone = branch_of(), branch_of()
    mean = calibrated(branch, network, ngrams, targets, present=present)
    alone.lines_of("network").take(*fitted_lines([PAIR], network, Labels(targets, CLUSTERS, COUNT)))
    wanted = alone.lines_of("network")(torch.from_numpy(network["refer"])).numpy()
    np.testing.assert_allclose(mean["refer"][~present], wanted[~present], atol=1e-5)
    targets["refer"][~present] = 1 - targets["refer"][~present]  # what they say must not matter
    other = branch_of()
    other.lines_of("network").load_state_dict(branch.lines_of("network").state_dict())
    both = {"refer": np.where(present[:, None], mean["refer"], np.nan)}
    other.lines_of("mean").take(*fitted_lines([PAIR], both, Labels(targets, CLUSTERS, COUNT)))
    assert other.lines_of("mean").slopes_K[0] == pytest.approx(1.0, abs=0.02)


def test_copies_calibrate_nothing_and_count_nowhere():
    logits, labels = too_certain()
    targets = {"refer": one_hot(labels, 2)}
    copies = range(COUNT // 2, COUNT)
    spoilt = {"refer": targets["refer"].copy()}
    spoilt["refer"][COUNT // 2 :] = 1 - spoilt["refer"][COUNT // 2 :]
    labels = Labels(spoilt, CLUSTERS, COUNT, copies)
    slopes, _ = fitted_lines([PAIR], {"refer": logits}, labels)
    half = {"refer": logits[: COUNT // 2]}, {"refer": targets["refer"][: COUNT // 2]}
    wanted = lines_of([PAIR], *half, CLUSTERS[: COUNT // 2])
    np.testing.assert_allclose(slopes, wanted[0], rtol=1e-5)
    positives = int(targets["refer"][: COUNT // 2, 1].sum())
    rarer = min(positives, COUNT // 2 - positives)
    assert labels.evidence([PAIR])["refer"].clusters == rarer


def test_n_grams_alone_carry_the_lines_of_their_branch():
    branch = branch_of((PAIR, SIGNALS))
    branch.linear.weight.normal_()
    branch.linear.bias.normal_()
    branch.linear.idf.fill_(1.0)
    branch.lines_of("ngrams").slopes_K.uniform_(0.5, 2.0)
    branch.lines_of("ngrams").offsets_K.normal_()
    feeds = {
        "feature_ids": torch.randint(0, 1 << 10, (5, 7)),
        "feature_counts": torch.ones(5, 7),
    }
    raw = {name: x.numpy() for name, x in branch.linear(feeds).items()}
    wanted = calibrated_branches(branch, raw, raw)["ngrams"]
    before = branch.linear.weight.clone()
    alone = HashedLinear.of(branch.calibrated_linear())
    for name, said in alone(feeds).items():
        np.testing.assert_allclose(said.numpy(), wanted[name], atol=1e-5)
    assert torch.equal(branch.linear.weight, before)


def test_a_validation_advert_of_a_cluster_that_was_learnt_from_calibrates_nothing():
    logits, labels = too_certain()
    targets = one_hot(labels, 2)
    targets[3000:] = 1 - targets[3000:]
    clusters = [*CLUSTERS[:3000], *CLUSTERS[:1000]]
    both = Labels({"refer": targets}, clusters, 3000, learnt=frozenset(CLUSTERS[:3000]))
    slopes, _ = fitted_lines([PAIR], {"refer": logits}, both)
    alone, _ = fitted_lines([PAIR], {"refer": logits[:3000]}, both.own)
    assert np.array_equal(slopes, alone)
    assert np.isnan(both.held_out.unseen["refer"]).all()
    assert both.evidence([PAIR]) == both.own.evidence([PAIR])
