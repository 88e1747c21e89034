"""What the loss of each task is, and its value on logits that are known: in numpy, without torch.

Shapes: N adverts, L labels, K logits (L, or L - 1 for ordinal).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_expit, log_softmax

from adverts.advert import Task
from adverts.arrays import Floats, Logits, Targets


@dataclass(frozen=True, slots=True)
class TaskLoss:
    """Settings for the loss of one task.

    Attributes:
        task: The task.
        weight: Factor by which its loss is multiplied.
        label_smoothing: Share of the target that is spread evenly over the labels.
        balance_2L: Factors of an absent (row 0) and a present (row 1) label. ``single`` and
            ``ordinal`` use only row 1, which weighs an advert by its label.
    """

    task: Task
    weight: float
    label_smoothing: float
    balance_2L: NDArray[np.float32] | None  # noqa: N815 - suffixed by shape


def balance(task: Task, targets_NL: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return weights ``(2, L)``, from training targets, that give all labels equal influence.

    ``single`` and ``ordinal`` use ``N / (L * count)``, scikit-learn's "balanced". ``multi`` gives
    absence and presence of each label the same total weight. A label never seen has weight 1.
    """
    known_NL = ~np.isnan(targets_NL)
    present_L = np.where(known_NL, targets_NL, 0).sum(axis=0, dtype=np.float64)
    known_L = known_NL.sum(axis=0)
    answers = 2 if task.kind == "multi" else task.num_labels
    shares = answers * np.stack([known_L - present_L, present_L])
    weights_2L: Floats = np.divide(known_L, shares, out=np.ones_like(shares), where=shares > 0)
    return weights_2L.astype(np.float32)


def loss_of(parts: Sequence[TaskLoss], logits: Logits, targets: Targets) -> float:
    """Return the loss of adverts, summed over them and over tasks, in nats.

    It is what :func:`adverts.training.loss.summed_loss` lets a network learn by.

    Args:
        parts: The loss of each task.
        logits: Logits ``(N, K)`` by task.
        targets: Targets ``(N, L)`` by task; NaN where there is no label.
    """
    total = 0.0
    for part in parts:
        logits_NK = logits[part.task.name].astype(np.float64)
        targets_NL = targets[part.task.name].astype(np.float64)
        total += part.weight * _of_task(part, logits_NK, targets_NL)
    return total


def _of_task(part: TaskLoss, logits_NK: Floats, targets_NL: Floats) -> float:
    known_NL = ~np.isnan(targets_NL)
    targets_NL = np.nan_to_num(targets_NL)
    smooth, labels = part.label_smoothing, part.task.num_labels
    weights_2L = np.ones((2, labels)) if part.balance_2L is None else part.balance_2L
    if part.task.kind == "multi":
        loss_NL = _binary(logits_NK, targets_NL * (1 - smooth) + smooth / 2)
        loss_NL *= weights_2L[0] + targets_NL * (weights_2L[1] - weights_2L[0])
        return float((loss_NL * known_NL).sum()) / labels
    even_NL = targets_NL + smooth * (1 / labels - targets_NL)
    if part.task.kind == "single":
        loss_N = -(weights_2L[1] * even_NL * log_softmax(logits_NK, axis=1)).sum(axis=1)
    else:
        above_NK = np.minimum(even_NL[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:], 1)
        loss_N = _binary(logits_NK, above_NK).mean(axis=1) * (targets_NL @ weights_2L[1])
    return float((loss_N * known_NL.all(axis=1)).sum())


def _binary(logits: Floats, targets: Floats) -> Floats:
    """Return the cross-entropy of yes-or-no answers, elementwise."""
    crossed: Floats = -(targets * log_expit(logits) + (1 - targets) * log_expit(-logits))
    return crossed
