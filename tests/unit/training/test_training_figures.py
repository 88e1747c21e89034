"""Selecting figures against scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, f1_score

from adverts.advert import Task
from adverts.training.figures import headline_figures
from adverts.training.trainer import is_better

rng = np.random.default_rng(0)


def one_hot(labels, num_labels):
    return np.eye(num_labels, dtype=np.float32)[labels]


def test_a_task_with_a_positive_label_is_judged_by_its_queue():
    task = Task("refer", "single", ("no", "yes"), "yes")
    logits, labels = rng.normal(size=(80, 2)).astype(np.float32), rng.integers(0, 2, 80)
    figures = headline_figures(task, logits, one_hot(labels, 2))
    score = logits[:, 1] - logits[:, 0]
    assert figures["average_precision"] == pytest.approx(average_precision_score(labels, score))
    assert figures["macro_f1"] == pytest.approx(f1_score(labels, logits.argmax(1), average="macro"))


def test_a_task_of_equal_labels_is_judged_by_the_mean_over_labels():
    task = Task("company", "single", ("a", "b", "c"))
    logits, labels = rng.normal(size=(90, 3)).astype(np.float32), rng.integers(0, 3, 90)
    weights = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    expected = average_precision_score(one_hot(labels, 3), weights, average="macro")
    figures = headline_figures(task, logits, one_hot(labels, 3))
    assert figures["average_precision"] == pytest.approx(expected)


def test_signals_are_judged_one_by_one_and_only_where_they_were_looked_for():
    task = Task("signals", "multi", ("s", "t"))
    logits = rng.normal(size=(60, 2)).astype(np.float32)
    targets = rng.integers(0, 2, (60, 2)).astype(np.float32)
    targets[:20, 1] = np.nan
    figures = headline_figures(task, logits, targets)
    first = average_precision_score(targets[:, 0], logits[:, 0])
    second = average_precision_score(targets[20:, 1], logits[20:, 1])
    assert figures["average_precision"] == pytest.approx((first + second) / 2)
    f1 = [
        f1_score(targets[:, 0], logits[:, 0] >= 0),
        f1_score(targets[20:, 1], logits[20:, 1] >= 0),
    ]
    assert figures["macro_f1"] == pytest.approx(np.mean(f1))


def test_an_ordinal_task_is_judged_by_its_thresholds():
    task = Task("risk", "ordinal", ("0", "1", "2"))
    score, labels = rng.normal(size=70), rng.integers(0, 3, 70)
    logits = np.stack([score + 0.5, score - 0.5], axis=1).astype(np.float32)
    expected = [average_precision_score(labels > k, score) for k in range(2)]
    figures = headline_figures(task, logits, one_hot(labels, 3))
    assert figures["average_precision"] == pytest.approx(np.mean(expected))


def test_adverts_without_a_label_are_not_judged():
    task = Task("refer", "single", ("no", "yes"), "yes")
    logits, labels = rng.normal(size=(40, 2)).astype(np.float32), rng.integers(0, 2, 40)
    targets = one_hot(labels, 2)
    targets[30:] = np.nan
    assert headline_figures(task, logits, targets) == headline_figures(
        task, logits[:30], targets[:30]
    )


def test_one_class_decides_no_average_precision():
    task = Task("refer", "single", ("no", "yes"), "yes")
    targets = one_hot(np.zeros(5, int), 2)
    assert np.isnan(
        headline_figures(task, np.zeros((5, 2), np.float32), targets)["average_precision"]
    )


def test_higher_is_better_but_for_the_loss_which_also_decides_among_equals():
    good, sure = (
        {"average_precision": 0.9, "loss": 0.3},
        {"average_precision": 0.9, "loss": 0.2},
    )
    poor = {"average_precision": 0.8, "loss": 0.1}
    assert is_better(good, poor, "average_precision")
    assert not is_better(poor, good, "average_precision")
    assert is_better(poor, good, "loss")
    assert not is_better(good, poor, "loss")
    assert is_better(sure, good, "average_precision")
    assert not is_better(good, sure, "average_precision")
    assert not is_better(good, dict(good), "average_precision")
    assert not is_better(good, dict(good), "loss")
