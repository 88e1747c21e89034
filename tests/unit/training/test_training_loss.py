"""The loss against torch, scikit-learn and cases worked by hand."""

import math

import numpy as np
import pytest
import torch
from sklearn.utils.class_weight import compute_class_weight
from torch.nn import functional as F

from adverts.advert import Task
from adverts.training.loss import summed_loss, task_loss
from adverts.training.task_loss import TaskLoss, balance, loss_of

SINGLE = Task("kind", "single", ("a", "b", "c"))
MULTI = Task("signals", "multi", ("s", "t"))
ORDINAL = Task("risk", "ordinal", ("0", "1", "2"))
NAN = float("nan")


def part(task, *, weight=1.0, smoothing=0.0, weights=None):
    weights = None if weights is None else np.asarray(weights)
    return TaskLoss(task, weight=weight, label_smoothing=smoothing, balance_2L=weights)


def test_hard_labels_give_the_cross_entropy_of_torch():
    logits, labels = torch.randn(5, 3), torch.tensor([0, 2, 1, 1, 0])
    ours = task_loss(part(SINGLE), logits, F.one_hot(labels, 3).float())
    torch.testing.assert_close(ours, F.cross_entropy(logits, labels, reduction="sum"))


def test_soft_labels_mix_the_losses_of_the_hard_ones():
    logits = torch.randn(1, 3)
    soft = task_loss(part(SINGLE), logits, torch.tensor([[0.75, 0.25, 0.0]]))
    hard = [F.cross_entropy(logits, torch.tensor([i])) for i in range(2)]
    torch.testing.assert_close(soft, 0.75 * hard[0] + 0.25 * hard[1])


def test_smoothing_is_that_of_torch():
    logits, labels = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    ours = task_loss(part(SINGLE, smoothing=0.1), logits, F.one_hot(labels, 3).float())
    theirs = F.cross_entropy(logits, labels, label_smoothing=0.1, reduction="sum")
    torch.testing.assert_close(ours, theirs)


def test_a_missing_label_adds_nothing_and_passes_no_gradient():
    logits = torch.randn(2, 3, requires_grad=True)
    targets = torch.tensor([[1.0, 0.0, 0.0], [NAN, NAN, NAN]])
    loss = task_loss(part(SINGLE), logits, targets)
    loss.backward()
    torch.testing.assert_close(loss, F.cross_entropy(logits[:1], torch.tensor([0])))
    assert logits.grad[1].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("task", [SINGLE, MULTI, ORDINAL], ids=lambda task: task.kind)
def test_a_batch_without_labels_has_loss_zero(task):
    targets = torch.full((2, task.num_labels), NAN)
    assert task_loss(part(task, smoothing=0.1), torch.randn(2, task.num_logits), targets) == 0


def test_signals_are_binary_losses_averaged_over_labels_and_masked_one_by_one():
    logits = torch.tensor([[0.3, -1.0], [2.0, 0.5]])
    targets = torch.tensor([[1.0, NAN], [0.0, 1.0]])
    by_hand = [math.log1p(math.exp(-0.3)), math.log1p(math.exp(2.0)), math.log1p(math.exp(-0.5))]
    assert float(task_loss(part(MULTI), logits, targets)) == pytest.approx(sum(by_hand) / 2)


def test_an_ordinal_label_is_one_yes_or_no_for_each_threshold():
    logits = torch.tensor([[1.2, -0.7]])
    by_hand = math.log1p(math.exp(-1.2)) + math.log1p(math.exp(-0.7))
    ours = task_loss(part(ORDINAL), logits, torch.tensor([[0.0, 1.0, 0.0]]))
    assert float(ours) == pytest.approx(by_hand / 2)


def test_an_ordinal_loss_falls_as_the_score_nears_its_level():
    targets = torch.tensor([[0.0, 0.0, 1.0]])
    near = task_loss(part(ORDINAL), torch.tensor([[4.0, 3.0]]), targets)
    far = task_loss(part(ORDINAL), torch.tensor([[-3.0, -4.0]]), targets)
    assert near < 0.1 < far


def test_balanced_weights_are_those_of_scikit_learn():
    labels = np.array([0, 0, 0, 1, 1, 2])
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    weights = balance(SINGLE, np.eye(3, dtype=np.float32)[labels])
    np.testing.assert_allclose(weights[1], expected, rtol=1e-6)


def test_balanced_weights_ignore_adverts_without_a_label():
    targets = np.eye(3, dtype=np.float32)[[0, 0, 1, 2]]
    unlabelled = np.full((5, 3), np.nan, np.float32)
    both = balance(SINGLE, np.concatenate([targets, unlabelled]))
    np.testing.assert_array_equal(both, balance(SINGLE, targets))


def test_a_label_that_is_never_seen_weighs_one():
    weights = balance(SINGLE, np.eye(3, dtype=np.float32)[[0, 0, 1]])
    assert weights[1, 2] == 1.0


def test_class_weights_enter_as_in_torch():
    logits, labels = torch.randn(4, 3), torch.tensor([0, 2, 1, 1])
    weights = torch.tensor([[9.0, 9.0, 9.0], [0.5, 1.0, 2.0]])
    ours = task_loss(part(SINGLE, weights=weights), logits, F.one_hot(labels, 3).float())
    theirs = F.cross_entropy(logits, labels, weight=weights[1], reduction="sum")
    torch.testing.assert_close(ours, theirs)


def test_balanced_signals_give_both_answers_the_same_say():
    targets = np.array([[1, 0], [0, 0], [0, 0], [0, 1]], np.float32)
    weights = balance(MULTI, targets)
    present, absent = targets.sum(0), 4 - targets.sum(0)
    np.testing.assert_allclose(weights[1] * present, weights[0] * absent)


def test_balanced_ordinal_weighs_an_advert_by_its_level():
    logits, weights = torch.zeros(1, 2), torch.tensor([[1.0, 1.0, 1.0], [1.0, 1.0, 3.0]])
    targets = torch.tensor([[0.0, 0.0, 1.0]])
    plain = task_loss(part(ORDINAL), logits, targets)
    torch.testing.assert_close(
        task_loss(part(ORDINAL, weights=weights), logits, targets), 3 * plain
    )


def test_tasks_add_up_by_their_weights():
    logits = {"kind": torch.randn(2, 3), "risk": torch.randn(2, 2)}
    targets = {"kind": torch.eye(3)[:2], "risk": torch.eye(3)[1:]}
    parts = [part(SINGLE, weight=2.0), part(ORDINAL, weight=0.5)]
    expected = 2 * task_loss(parts[0], logits["kind"], targets["kind"]) + 0.5 * task_loss(
        parts[1], logits["risk"], targets["risk"]
    )
    torch.testing.assert_close(summed_loss(parts)(logits, targets), expected)


def test_low_precision_logits_are_summed_in_float32():
    logits = torch.randn(4, 3).bfloat16()
    assert task_loss(part(SINGLE), logits, torch.eye(3)[[0, 1, 2, 0]]).dtype == torch.float32


def test_balanced_signals_weigh_a_soft_answer_between_both():
    weights = torch.tensor([[1.0, 2.0], [3.0, 8.0]])
    logits, targets = torch.zeros(1, 2), torch.tensor([[1.0, 0.25]])
    by_hand = math.log(2) * (3 + 0.75 * 2 + 0.25 * 8) / 2
    ours = task_loss(part(MULTI, weights=weights), logits, targets)
    assert float(ours) == pytest.approx(by_hand)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weighs", [False, True], ids=["plain", "balanced"])
@pytest.mark.parametrize("task", [SINGLE, MULTI, ORDINAL], ids=lambda task: task.kind)
def test_every_loss_is_what_plain_loops_over_adverts_and_labels_give(task, weighs, smoothing):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 3, (40, task.num_logits))
    targets = rng.random((40, 3)) if task.kind == "multi" else rng.dirichlet(np.ones(3), 40)
    targets = targets[:, : task.num_labels]
    targets[::7] = NAN
    weights = rng.uniform(0.5, 4, (2, task.num_labels)) if weighs else None
    one = part(task, smoothing=smoothing, weights=weights)
    by_loops = sum(
        loss_of_an_advert(task, *advert, smoothing=smoothing, weights_2L=weights)
        for advert in zip(logits, targets, strict=True)
        if not np.isnan(advert[1]).any()
    )
    ours = task_loss(one, torch.tensor(logits), torch.tensor(targets))
    assert float(ours) == pytest.approx(by_loops, rel=1e-5)
    in_numpy = loss_of([one], {task.name: logits}, {task.name: targets})
    assert in_numpy == pytest.approx(by_loops, rel=1e-9)


def loss_of_an_advert(task, logits, targets, *, smoothing, weights_2L):
    """Return the loss of one labelled advert in nats, in numpy and float64."""
    absent, present = np.ones((2, task.num_labels)) if weights_2L is None else weights_2L
    evenly = 1 / 2 if task.kind == "multi" else 1 / task.num_labels
    said = [(1 - smoothing) * one + smoothing * evenly for one in targets]
    if task.kind == "single":
        chance = np.exp(logits) / np.exp(logits).sum()
        return -sum(w * t * np.log(c) for w, t, c in zip(present, said, chance, strict=True))
    if task.kind == "multi":
        weights = [t * w + (1 - t) * v for t, v, w in zip(targets, absent, present, strict=True)]
        losses = [yes_or_no(*pair) for pair in zip(said, logits, strict=True)]
        return float(np.mean(np.multiply(weights, losses)))
    losses = [yes_or_no(sum(said[k + 1 :]), logit) for k, logit in enumerate(logits)]
    return float(np.mean(losses) * np.dot(targets, present))


def yes_or_no(share, logit):
    return share * math.log1p(math.exp(-logit)) + (1 - share) * math.log1p(math.exp(logit))
