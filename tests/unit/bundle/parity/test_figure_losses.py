"""Figures that a bundle loses, held against hand-worked ones and scikit-learn."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from adverts.advert import Task
from adverts.bundle.parity.figure_losses import DECISIONS_KEPT, measure_losses
from adverts.bundle.parity.proof_adverts import OtherLabel, Truth
from adverts.config import BundleConfig
from adverts.evaluation.truth import judge
from adverts.runtime.rules.thresholds import Threshold

TASK = Task("refer", "single", ("no", "yes"), "yes")
ALLOWANCE = BundleConfig.model_construct(
    max_lower=0.005, max_lower_in_slice=0.01, min_slice_positives=50
)
AT_HALF = Threshold("refer", "yes", "recall", 0.95, 0.5)
FARSI, LATIN = np.arange(60), np.arange(60, 200)


def two(yes):
    return np.stack([1 - np.asarray(yes), yes], axis=1)


def truth(labels, thresholds=(AT_HALF,), task=TASK):
    targets = np.eye(task.num_labels, dtype=np.float32)[labels]
    return Truth(
        task=task,
        targets_NL=targets,
        judged=judge(task, targets),
        thresholds=thresholds,
        clusters=[f"c{i}" for i in range(len(labels))],
        langs=["fa"] * 60 + ["en"] * 140,
        slices=(("language=en", LATIN), ("language=fa", FARSI)),
    )


def measured(truth, expected, found, flipped=None, signals=None):
    kept = np.zeros(len(expected), dtype=bool) if flipped is None else flipped
    before, after = ({truth.task.name: one} for one in (expected, found))
    if signals is not None:
        before["signals"], after["signals"] = signals
    changes = measure_losses(truth, before, after, flipped=kept, allowance=ALLOWANCE)
    return {(one.figure, one.slice): one for one in changes}


@pytest.fixture
def labels():
    return (np.arange(200) % 2 == 0).astype(int)  # 30 positives in fa, 70 in en


def test_average_precision_and_its_loss_are_those_of_scikit_learn(labels):
    rng = np.random.default_rng(0)
    expected, found = rng.random(200), rng.random(200)
    one = measured(truth(labels), two(expected), two(found))["average precision", ""]
    before, after = (average_precision_score(labels, scores) for scores in (expected, found))
    assert (one.checkpoint, one.bundle) == pytest.approx((before, after))
    assert one.change == pytest.approx(after - before)
    assert one.low <= one.change <= one.high
    assert one.count == 100


def test_recall_counts_the_positives_that_fall_below_the_threshold(labels):
    expected = np.where(labels == 1, 0.9, 0.1)
    found = expected.copy()
    found[[0, 2]] = 0.4  # two of thirty in fa
    changes = measured(truth(labels), two(expected), two(found))
    name = "recall of yes at 0.5 (recall 0.95)"
    assert changes[name, ""].change == pytest.approx(-0.02)
    assert changes[name, "language=fa"].change == pytest.approx(-2 / 30)
    assert changes[name, "language=en"].change == 0.0
    assert changes[name, ""].verdict == "lower"


def test_a_slice_of_too_few_positives_is_unproven_whatever_it_loses(labels):
    expected = np.where(labels == 1, 0.9, 0.1)
    found = expected.copy()
    found[:20] = 0.4
    changes = measured(truth(labels), two(expected), two(found))
    name = "recall of yes at 0.5 (recall 0.95)"
    assert changes[name, "language=fa"].verdict == "unproven"
    assert changes[name, "language=en"].verdict == "held"


def test_a_slice_may_lose_what_it_is_allowed_and_no_more(labels):
    expected = np.where(labels == 1, 0.9, 0.1)
    found = expected.copy()
    found[60] = 0.4  # one of seventy in en
    name = "recall of yes at 0.5 (recall 0.95)"
    lost = measured(truth(labels), two(expected), two(found))[name, "language=en"]
    assert (lost.change, lost.verdict) == (pytest.approx(-1 / 70), "lower")
    labels[1:60:2] = 1  # sixty in fa, so that one of 130 is lost in all
    held = measured(truth(labels), two(expected), two(found))[name, "language=fa"]
    assert held.verdict == "held"


def test_exactly_the_allowance_is_held():
    labels = np.ones(200, dtype=int)
    found = np.full(200, 0.9)
    found[60] = 0.4
    name = "recall of yes at 0.5 (recall 0.95)"
    one = measured(truth(labels), two(np.full(200, 0.9)), two(found))[name, ""]
    assert (one.change, one.verdict) == (pytest.approx(-0.005), "held")


def test_a_threshold_of_a_language_is_held_on_its_adverts_alone(labels):
    own = replace(AT_HALF, language="fa")
    expected = np.where(labels == 1, 0.9, 0.1)
    one = measured(truth(labels, (own,)), two(expected), two(expected))
    assert one["recall of yes at 0.5 (recall 0.95, fa)", ""].count == 30


def test_a_queue_without_a_threshold_is_held_to_its_recall_at_one_half(labels):
    expected = np.where(labels == 1, 0.9, 0.1)
    found, positives = expected.copy(), np.flatnonzero(labels == 1)
    found[positives[:2]] = 0.49
    found[np.flatnonzero(labels == 0)[:30]] = 0.51
    changes = measured(truth(labels, ()), two(expected), two(found))
    recall = changes["recall at 0.5", ""]
    assert (recall.count, recall.checkpoint) == (len(positives), 1.0)
    assert recall.bundle == pytest.approx(1 - 2 / len(positives))
    assert recall.verdict == "lower"
    assert (DECISIONS_KEPT, "") not in changes


def test_classes_without_a_threshold_are_held_to_the_decisions_kept(labels):
    flipped = np.zeros(200, dtype=bool)
    flipped[[3, 70]] = True
    said = np.eye(3)[labels]
    task = Task("class", "single", ("a", "b", "c"))
    kept = measured(truth(labels, (), task), said, said, flipped)[DECISIONS_KEPT, ""]
    assert (kept.checkpoint, kept.bundle, kept.verdict) == (1.0, 0.99, "lower")


def test_a_headline_without_a_positive_label_is_held_to_its_macro_f1(labels):
    task = Task("class", "single", ("a", "b", "c"))
    said = np.eye(3)[labels]
    assert measured(truth(labels, (), task), said, said)["macro f1", ""].bundle == 1.0


def test_without_a_positive_advert_decisions_are_all_there_is(labels):
    said = two(np.full(200, 0.2))
    changes = measured(truth(0 * labels), said, said)
    assert changes["average precision", ""].checkpoint is None
    assert changes["average precision", ""].verdict == "unproven"
    assert changes[DECISIONS_KEPT, ""].verdict == "held"


@pytest.mark.parametrize(("positives", "verdict"), [(100, "lower"), (49, "unproven")])
def test_a_sign_of_danger_that_is_told_less_often_is_a_loss_of_its_own(labels, positives, verdict):
    task, rows = Task("signals", "multi", ("price", "flag")), np.arange(positives)
    flag = OtherLabel(task, Threshold("signals", "flag", "recall", 0.95, 0.1), rows)
    headline = two(np.where(labels == 1, 0.9, 0.1))
    expected = np.full((200, 2), 0.2)
    found = expected.copy()
    found[[0, 3], 1] = 0.05
    truths = replace(truth(labels), others=(flag,))
    changes = measured(truths, headline, headline, signals=(expected, found))
    lost = changes["recall of flag at 0.1 (recall 0.95)", "label=signals: flag"]
    assert (lost.count, lost.change) == (positives, pytest.approx(-2 / positives))
    assert lost.verdict == verdict
    assert changes["average precision", ""].verdict == "held"
