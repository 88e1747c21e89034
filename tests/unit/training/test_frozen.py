"""Heads on frozen features: the convex fit of scikit-learn, and scores of adverts never seen."""

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from torch import nn

from adverts.advert import Task
from adverts.models.pooling import build_head
from adverts.training import frozen
from adverts.training.frozen import PartFeatures, fit_heads
from adverts.training.loss import summed_loss
from adverts.training.task_loss import TaskLoss

KIND = Task("kind", "single", ("a", "b", "c"))
SIGNALS = Task("signals", "multi", ("price", "urgency"))
RISK = Task("risk", "ordinal", ("0", "1", "2", "3"))
COUNT, WIDTH = 300, 6
RNG = np.random.default_rng(0)
X_ND = RNG.normal(size=(COUNT, WIDTH))
FOLD_OF = np.arange(COUNT) % 5
LABELS = {
    "kind": (X_ND[:, :3] + RNG.normal(size=(COUNT, 3))).argmax(axis=1),
    "risk": np.digitize(X_ND[:, 0] + RNG.normal(size=COUNT), [-1.0, 0.0, 1.0]),
}
TARGETS = {
    "kind": torch.eye(3)[LABELS["kind"]],
    "signals": torch.tensor((X_ND[:, :2] + RNG.normal(size=(COUNT, 2)) > 0).astype(np.float32)),
    "risk": torch.eye(4)[LABELS["risk"]],
}


class Model:
    """Heads of some tasks on vectors that are already there."""

    def __init__(self, *tasks):
        self.heads = nn.ModuleList(build_head(task, WIDTH) for task in tasks)
        self.task_names = tuple(task.name for task in tasks)
        self.widths = {task.name: task.num_logits for task in tasks}

    def say(self, x_ND):
        with torch.no_grad():
            x = torch.from_numpy(x_ND).float()
            return {n: h(x).numpy() for n, h in zip(self.task_names, self.heads, strict=True)}


def fitted(*tasks, targets=TARGETS, fold_of=FOLD_OF, x_ND=X_ND):
    model = Model(*tasks)
    loss = summed_loss(
        [TaskLoss(task, weight=1.0, label_smoothing=0.0, balance_2L=None) for task in tasks]
    )
    wanted = {task.name: targets[task.name] for task in tasks}
    return model, fit_heads(model, torch.from_numpy(x_ND), wanted, fold_of, loss)


@pytest.fixture
def one_strength(monkeypatch):
    monkeypatch.setattr(frozen, "STRENGTHS", (0.1,))


@pytest.mark.usefixtures("one_strength")
def test_exclusive_labels_get_the_fit_of_scikit_learn():
    model, _ = fitted(KIND)
    reference = LogisticRegression(C=0.1, tol=1e-8, max_iter=9999).fit(X_ND, LABELS["kind"])
    np.testing.assert_allclose(
        softmax(model.say(X_ND)["kind"], axis=1), reference.predict_proba(X_ND), atol=1e-4
    )


@pytest.mark.usefixtures("one_strength")
def test_signals_get_the_fit_of_scikit_learn():
    model, _ = fitted(SIGNALS)
    for k in range(2):  # the loss is a mean over the labels
        reference = LogisticRegression(C=0.1 / 2, tol=1e-8, max_iter=9999)
        reference.fit(X_ND, TARGETS["signals"][:, k])
        np.testing.assert_allclose(
            model.say(X_ND)["signals"][:, k], reference.decision_function(X_ND), atol=1e-3
        )


def test_levels_are_fitted_and_their_logits_never_cross():
    model, _ = fitted(RISK)
    said = model.say(X_ND)["risk"]
    assert (np.diff(said, axis=1) < 0).all()
    assert np.corrcoef(said[:, 1], LABELS["risk"])[0, 1] > 0.5


def test_out_of_fold_logits_know_nothing_of_their_own_fold():
    wide = RNG.normal(size=(COUNT, 400))
    targets = {"kind": torch.eye(3)[RNG.integers(0, 3, COUNT)]}  # nothing to learn
    monkeyed = frozen.STRENGTHS
    try:
        frozen.STRENGTHS = (1.0,)
        model = Model(KIND)
        model.heads = nn.ModuleList([build_head(KIND, 400)])
        loss = summed_loss([TaskLoss(KIND, weight=1.0, label_smoothing=0.0, balance_2L=None)])
        found = fit_heads(model, torch.from_numpy(wide), targets, FOLD_OF, loss)
    finally:
        frozen.STRENGTHS = monkeyed
    truth = targets["kind"].argmax(dim=1).numpy()
    assert (model.say(wide)["kind"].argmax(axis=1) == truth).mean() > 0.95
    assert (found.out_of_fold["kind"].argmax(axis=1) == truth).mean() < 0.45


def test_the_regularisation_with_the_least_loss_out_of_fold_is_taken():
    _, found = fitted(KIND)
    tried = list(found.losses)
    assert tried == list(frozen.STRENGTHS[: len(tried)])
    assert found.losses[found.strength] == min(found.losses.values())
    assert len(tried) == len(frozen.STRENGTHS) or found.strength == tried[-2]


def test_an_advert_without_a_label_counts_nowhere():
    targets = {"kind": TARGETS["kind"].clone()}
    targets["kind"][100:] = torch.nan
    model, _ = fitted(KIND, targets=targets)
    alone, _ = fitted(
        KIND, targets={"kind": targets["kind"][:100]}, fold_of=FOLD_OF[:100], x_ND=X_ND[:100]
    )
    np.testing.assert_allclose(model.say(X_ND)["kind"], alone.say(X_ND)["kind"], atol=2e-3)


@pytest.mark.slow
def test_the_same_adverts_give_the_same_heads():
    one, other = fitted(KIND, SIGNALS, RISK)[0], fitted(KIND, SIGNALS, RISK)[0]
    for first, second in zip(one.heads.parameters(), other.heads.parameters(), strict=True):
        assert torch.equal(first, second)


def test_one_fold_alone_takes_the_strongest_regularisation():
    model, found = fitted(KIND, fold_of=np.zeros(COUNT, int))
    assert found.strength == min(frozen.STRENGTHS)
    assert np.isnan(found.out_of_fold["kind"]).all()
    assert np.isfinite(model.say(X_ND)["kind"]).all()


def test_standardisation_uses_the_adverts_that_have_the_part():
    from adverts.models.fusion import Standardise

    class Parts:
        standardisations = [Standardise(2)]

    x_ND = torch.from_numpy(RNG.normal(3.0, 2.0, (50, 2)).astype(np.float32))
    present = torch.arange(50) % 2 == 0
    PartFeatures([x_ND], [present], None).standardise(Parts)
    torch.testing.assert_close(Parts.standardisations[0].mean_D, x_ND[present].mean(dim=0))
